//! `license inspect`

use clap::Args;
use jiff::Timestamp;
use model::license::License;
use serde::Serialize;
use store::RevocationReader;

use super::{
    public::PublicKeys,
    text::{LicenseText, argument},
};
use crate::{
    context::{Context, LicensesTable, TableName},
    failure::Failure,
    output::OutputFormat,
    when::{distance, shown},
};

const AFTER: &str = "\
Examples:
    connectorctl license inspect - < operations.key
    connectorctl license inspect --public license-keys.json --check-revoked - < operations.key
    connectorctl license inspect \"$LICENSE\" --output json

Exit status 1 says that the license would be refused, as far as it was checked. Without public keys the signature
is not checked: what is shown is then what the license claims, and anybody can claim anything. The private key is
never needed.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// The license key; `-` or nothing reads it from standard input, where other users of the machine can't see it
    #[arg(value_name = "KEY")]
    key: Option<String>,
    #[command(flatten)]
    public: PublicKeys,
    /// Ask DynamoDB whether it was revoked
    #[arg(long)]
    check_revoked: bool,
    #[command(flatten)]
    table: LicensesTable,
    #[command(flatten)]
    output: OutputFormat,
}

/// What is known of a license; what was not asked is null.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    claims: &'a License,
    kid: Option<&'a str>,
    seconds_left: i64,
    expired: bool,
    signature_valid: Option<bool>,
    revoked: Option<bool>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let text = LicenseText::parse(argument(arguments.key.as_deref())?)?;
    let now = context.now();
    let keys = arguments.public.read()?;
    let license = &text.license;
    let revoked = if arguments.check_revoked {
        Some(is_revoked(context, &arguments.table, &license.jti).await?)
    } else {
        None
    };
    let report = Report {
        claims: license,
        kid: text.key_id.as_deref(),
        seconds_left: (license.exp - now.as_second()).max(0),
        expired: license.exp <= now.as_second(),
        signature_valid: keys.map(|keys| text.is_signed_by(&keys, now)),
        revoked,
    };
    arguments.output.one(&report, report.lines(now))?;
    match report.refusal() {
        None => Ok(()),
        Some(why) => Err(Failure::failed(format!("this license is refused: {why}"))),
    }
}

async fn is_revoked(context: &Context, table: &LicensesTable, jti: &str) -> Result<bool, Failure> {
    if jti.is_empty() {
        return Ok(false);
    }
    let store = context.dynamo(table).await?;
    let found = store.revocation(jti, context.soon()).await;
    Ok(found.map_err(|error| Failure::store(table.name(), &error))?.is_some())
}

impl Report<'_> {
    fn lines(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let list = |words: &[String]| words.join(", ");
        let ends = Timestamp::from_second(self.claims.exp).unwrap_or(Timestamp::MAX);
        let checked = |answer: Option<bool>, yes: &str, no: &str, unasked: &str| {
            answer.map_or(unasked, |answer| if answer { yes } else { no }).to_owned()
        };
        vec![
            ("id", self.claims.jti.clone()),
            ("subject", self.claims.sub.clone()),
            ("tenants", list(&self.claims.tenants)),
            ("scopes", list(&self.claims.scopes)),
            ("connectors", self.claims.connectors.as_deref().map_or("all".to_owned(), list)),
            ("issued", shown(self.claims.iat)),
            ("expires", format!("{} ({})", shown(self.claims.exp), distance(now, ends))),
            ("signed by", self.kid.unwrap_or("(names no key)").to_owned()),
            (
                "signature",
                checked(
                    self.signature_valid,
                    "valid",
                    "not by a key of this deployment",
                    "not checked (--public checks it)",
                ),
            ),
            ("revoked", checked(self.revoked, "yes", "no", "not checked (--check-revoked asks)")),
        ]
    }

    fn refusal(&self) -> Option<&'static str> {
        if self.signature_valid == Some(false) {
            Some("it was not signed by a key of this deployment, or is malformed")
        } else if self.expired {
            Some("it has expired")
        } else if self.revoked == Some(true) {
            Some("it was revoked")
        } else {
            None
        }
    }
}
