//! The live test: the way there one stage at a time, then a statement that needs no warehouse, so that nothing is
//! started that costs. It asks for the context too: a session whose database does not exist begins without one.

use model::parameters::Parameters;
use serde_json::Value;

use super::{
    Snowflake, read,
    run::{self, Mode},
    statement::Statement,
};
use crate::{ConnectorError, Stage, Stages, http::walk, message::passed_on, request::Context};

const STATEMENT: &str = "select current_version() as version, current_role() as role, current_warehouse() as \
                         warehouse, current_database() as database, current_schema() as schema";

impl Snowflake {
    pub(super) async fn test(&self, stages: &mut Stages<'_>, context: Context) -> Result<(), ConnectorError> {
        let mut probes = vec![self.api.client.probe(context.deadline)];
        probes.extend(self.api.auth.probe(context));
        walk::walk(stages, probes).await?;
        let row = self.context(context).await.map_err(walk::beyond);
        if row.as_ref().err().is_none_or(is_about_the_context) {
            stages.passed(Stage::Authenticate, self.api.auth.proved());
        }
        let row = row?;
        let text = |key: &str| row.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let shown =
            |key: &str| passed_on(text(key).unwrap_or("none"), &[]).trim_start_matches(": ").to_owned();
        for (option, given) in [
            ("role", &self.session.role),
            ("warehouse", &self.session.warehouse),
            ("database", &self.session.database),
            ("schema", &self.session.schema),
        ] {
            if let Some(given) = given
                && text(&option.to_ascii_uppercase()).is_none()
            {
                let why = format!(
                    "the {option} {given:?} of the options does not exist, or the role {} may not use it; names are \
                     case-sensitive here",
                    shown("ROLE")
                );
                return Err(ConnectorError::Configuration(why));
            }
        }
        stages.passed(
            Stage::Call,
            format!(
                "Snowflake {} answered; role {}, warehouse {}, database {}",
                shown("VERSION"),
                shown("ROLE"),
                shown("WAREHOUSE"),
                shown("DATABASE")
            ),
        );
        Ok(())
    }

    /// The version and the context that statements run in.
    async fn context(&self, context: Context) -> Result<Value, ConnectorError> {
        let none = Parameters::NONE;
        let statement = Statement::new(STATEMENT, &none)?;
        let answer = run::run(&self.api, &self.session, &statement, None, Mode::Read, context).await?;
        let first = read::first(answer, Some(1)).await?;
        let row = read::rest(&self.api, first, context).await?;
        let row = row.items().first().and_then(|row| model::json::parse(row.get().as_bytes()).ok());
        let Some(Value::Object(row)) = row else {
            return Err(ConnectorError::Upstream("Snowflake gave no version".into()));
        };
        Ok(row.into_iter().map(|(key, value)| (key.to_ascii_uppercase(), value)).collect())
    }
}

/// Whether the account took the credentials and refused what they were to be used with.
fn is_about_the_context(error: &ConnectorError) -> bool {
    matches!(error, ConnectorError::Configuration(_) | ConnectorError::Rejected { .. })
}
