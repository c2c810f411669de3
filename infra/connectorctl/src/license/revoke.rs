//! `license revoke`

use clap::Args;
use jiff::Timestamp;
use store::{Dynamo, LicenseWriter, Revocation, RevocationReader, Write};

use super::{
    public::PublicKeys,
    text::{LicenseText, argument},
};
use crate::{
    context::{Context, LicensesTable, TableName},
    failure::Failure,
    output::{plain, tell},
    when::{When, when},
};

/// The longest identifier that a license can have, in bytes.
const LONGEST_JTI: usize = 255;
/// The longest text about a revocation, in bytes.
const LONGEST_TEXT: usize = 1_000;

const AFTER: &str = "\
Examples:
    connectorctl license revoke 0b0c7c5e-5f0c-4a52-9a44-2f4c0a6b8f1e --reason 'left the company'
    connectorctl license revoke - < leaked.key

The next call with it is 401, in every container. Revoking again changes nothing. There is no way back: issue a new
license instead. Any identifier is taken, because licenses are not stored: check it with `license inspect`.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Identifier (jti) of the license, or its key; `-` reads either from standard input
    #[arg(value_name = "JTI|KEY")]
    license: String,
    /// Why, for the list
    #[arg(long, value_name = "TEXT", value_parser = text)]
    reason: Option<String>,
    /// Who revokes it, for the list [default: connectorctl]
    #[arg(long, value_name = "NAME", env = "USER", value_parser = text)]
    by: Option<String>,
    /// When the license ends by itself, noted so that its item can be deleted after it; it does not end the
    /// revocation [default: taken from KEY]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    until: Option<When>,
    #[command(flatten)]
    public: PublicKeys,
    #[command(flatten)]
    table: LicensesTable,
}

fn text(text: &str) -> Result<String, String> {
    if text.len() <= LONGEST_TEXT {
        Ok(text.to_owned())
    } else {
        Err(format!("use up to {LONGEST_TEXT} bytes"))
    }
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let (jti, ends) = meant(context, arguments)?;
    let until = match arguments.until {
        None => ends,
        Some(until) => {
            let until = until.ahead(context.now());
            Some(until.ok_or_else(|| Failure::usage("--until lies beyond the calendar"))?)
        }
    };
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let revocation = Revocation {
        jti,
        revoked_at: Some(context.clock.now().millis()),
        by: Some(given(&arguments.by).unwrap_or_else(|| "connectorctl".to_owned())),
        reason: given(&arguments.reason),
        until,
    };
    let store = context.dynamo(&arguments.table).await?;
    let failed = |error| Failure::store(arguments.table.name(), &error);
    match store.revoke(&revocation, context.soon()).await.map_err(failed)? {
        Write::Stored => tell(&format!("revoked {}", plain(&revocation.jti))),
        Write::Refused => tell(&before(context, &store, &revocation.jti).await),
    }
    Ok(())
}

/// The identifier that is meant, and when its license ends where that is known.
fn meant(context: &Context, arguments: &Arguments) -> Result<(String, Option<Timestamp>), Failure> {
    let given = argument(Some(&arguments.license))?;
    let (jti, ends) = if given.starts_with(model::license::PREFIX) {
        let license = LicenseText::parse(given)?;
        // A forged key could name any license as its own.
        if let Some(keys) = arguments.public.read()?
            && !license.is_signed_by(&keys, context.now())
        {
            return Err(Failure::failed(
                "this license key was not signed by a key of this deployment; give the identifier to revoke it anyway",
            ));
        }
        (license.license.jti, Timestamp::from_second(license.license.exp).ok())
    } else {
        (given.to_string(), None)
    };
    if (1..=LONGEST_JTI).contains(&jti.len()) {
        Ok((jti, ends))
    } else {
        Err(Failure::usage(format!("an identifier has 1 to {LONGEST_JTI} bytes")))
    }
}

async fn before(context: &Context, store: &Dynamo, jti: &str) -> String {
    let found = store.revocation(jti, context.soon()).await.ok().flatten();
    let at = found.as_ref().and_then(|found| found.revoked_at).map(|at| format!(" at {at}"));
    let by = found.and_then(|found| found.by).map(|by| format!(" by {}", plain(&by)));
    format!("{} was revoked already{}{}", plain(jti), at.unwrap_or_default(), by.unwrap_or_default())
}
