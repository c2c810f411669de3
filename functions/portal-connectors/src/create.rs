//! `POST /api/v1/connectors`

use api::{Answer, Call, body, routes::CONNECTORS, session_auth};
use model::{draft::Draft, problem::Problem, session::Session};
use store::Write;

use crate::{App, record_answer};

pub(crate) async fn create(app: &App, call: &Call, session: &Session) -> Result<Answer, Problem> {
    let value = body::required(call, body::PORTAL_LIMIT)?;
    let draft = Draft::parse(&value, &app.rules).map_err(Problem::invalid)?;
    let tenant = draft.tenant_id.clone().unwrap_or_else(|| session.tenant_id.clone());
    let record = draft.into_record(tenant, app.entropy.uuid(), call.started.millis());
    let actor = session_auth::actor(call, session);
    match app.connectors.create(&record, &actor, call.deadline).await? {
        Write::Refused => Err(taken(record.connector_name.as_str())),
        Write::Stored => {
            let (tenant, name) = (&record.tenant_id, &record.connector_name);
            let narrowed =
                if *tenant == session.tenant_id { String::new() } else { format!("?tenant_id={tenant}") };
            let location = format!("{CONNECTORS}/{name}{narrowed}");
            Ok(record_answer(201, &record)?.with_header("location", location))
        }
    }
}

/// 409: the tenant has a connector of this name.
fn taken(name: &str) -> Problem {
    let detail =
        format!("The tenant already has a connector named {name}. Update it with PUT, or take another name.");
    Problem::new(409, "name-taken", "Connector name taken", detail)
}
