//! `license issue`

use std::path::PathBuf;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::Timestamp;
use model::{
    ids::{ConnectorName, TenantId},
    license::{License, LicenseKeys, Scope, SigningKey},
};

use super::public::PublicKeys;
use crate::{
    context::Context,
    failure::Failure,
    keys::{file, key_id},
    output,
    when::{When, distance, when},
};

/// What a license can permit.
const SCOPES: [Scope; 4] = [Scope::Refresh, Scope::Stats, Scope::Query, Scope::Execute];
const ALL: &str = "*";
/// The longest subject, in bytes: it is in every audit entry of the license.
const LONGEST_SUBJECT: usize = 255;

const AFTER: &str = "\
Examples:
  A license to query, for 90 days:
    connectorctl license issue --key issuer.pem --subject acme-agents --tenant acme --scope query
  One for two tenants, their CRMs alone, until a date:
    connectorctl license issue --key issuer.pem --subject crm-sync --tenant acme --tenant globex --scope query,execute --connector 'crm-*' --expires 2027-06-30
  An operator's:
    connectorctl license issue --key issuer.pem --subject operations --tenant '*' --scope refresh,stats > operations.key

Only the license key goes to standard output; a summary goes to standard error. Note the identifier (id): by it the
license is revoked. The key is a secret of whom it is issued to, and can't be shown again.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// File of the private key that signs it, as `keys generate` makes it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Identifier of the signing key [default: the one in the file]
    #[arg(long, value_name = "ID", value_parser = key_id)]
    kid: Option<String>,
    /// Whom it is for; the audit names it
    #[arg(long, value_name = "NAME", value_parser = subject)]
    subject: String,
    /// Tenant that it covers; repeat it for more, '*' covers all
    #[arg(long = "tenant", value_name = "TENANT", required = true, value_parser = tenant)]
    tenants: Vec<String>,
    /// What it permits: repeat it, or separate by commas
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_delimiter = ',', value_parser = scopes())]
    scopes: Vec<Scope>,
    /// Connector that it covers, '*' at the end; repeat it, or separate by commas [default: all]
    #[arg(long = "connector", value_name = "PATTERN", value_delimiter = ',', value_parser = pattern)]
    connectors: Vec<String>,
    /// When it ends: a length such as 90d or 12h, a date (its first moment, UTC), or a moment
    #[arg(long, value_name = "WHEN", default_value = "90d", value_parser = when)]
    expires: When,
    /// Identifier to revoke it by, 1 to 255 characters [default: a random one]
    #[arg(long, value_name = "JTI", value_parser = identifier)]
    id: Option<String>,
    #[command(flatten)]
    public: PublicKeys,
}

fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(SCOPES.map(Scope::as_str))
        .try_map(|word| SCOPES.into_iter().find(|scope| scope.as_str() == word).ok_or("no such scope"))
}

fn subject(text: &str) -> Result<String, String> {
    if (1..=LONGEST_SUBJECT).contains(&text.len()) && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!("use 1 to {LONGEST_SUBJECT} bytes on one line"))
    }
}

fn tenant(text: &str) -> Result<String, String> {
    let checked = if text == ALL { Ok(()) } else { TenantId::parse(text).map(drop) };
    checked.map(|()| text.to_owned()).map_err(|error| format!("{error}, or be '*' for all"))
}

fn pattern(text: &str) -> Result<String, String> {
    // What stands before the `*` is the beginning of a name, and one more character makes it a name.
    let name = text.strip_suffix('*').map_or(text.to_owned(), |head| format!("{head}x"));
    let checked = ConnectorName::parse(&name).map(|_| text.to_owned());
    checked.map_err(|error| format!("{error}; `*` may stand at the end"))
}

fn identifier(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if first && text.len() <= 255 && text.chars().all(fits) && !text.starts_with(model::license::PREFIX) {
        Ok(text.to_owned())
    } else {
        Err("use 1 to 255 of the characters A-Z a-z 0-9 . _ : - and begin with a letter or digit, not with AXON-"
            .to_owned())
    }
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let now = context.now();
    let license = license(context, arguments, now)?;
    let key = file::read_private(&arguments.key, arguments.kid.as_deref())?;
    let text = key.issue(&license);
    check(&key, &text, now)?;
    if let Some(keys) = arguments.public.read()?
        && keys.verify(&text, now).is_err()
    {
        output::tell(&format!(
            "warning: the public keys given (--public or LICENSE_PUBLIC_KEYS) do not hold key {}; \
             deploy it before the license is used",
            key.key_id()
        ));
    }
    output::tell(&summary(&license, &key, now));
    output::print(&text)
}

fn license(context: &Context, arguments: &Arguments, now: Timestamp) -> Result<License, Failure> {
    let mut tenants = arguments.tenants.clone();
    tenants.dedup();
    if tenants.len() > 1 && tenants.iter().any(|tenant| tenant == ALL) {
        return Err(Failure::usage("--tenant '*' covers every tenant; give it alone"));
    }
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in &arguments.scopes {
        if !scopes.contains(scope) {
            scopes.push(*scope);
        }
    }
    let ends = arguments.expires.ahead(now).filter(|ends| ends.as_second() > now.as_second());
    let ends = ends.ok_or_else(|| Failure::usage("--expires must lie ahead, and within the calendar"))?;
    Ok(License {
        sub: arguments.subject.clone(),
        tenants,
        scopes: scopes.into_iter().map(|scope| scope.as_str().to_owned()).collect(),
        connectors: (!arguments.connectors.is_empty()).then(|| arguments.connectors.clone()),
        exp: ends.as_second(),
        iat: now.as_second(),
        jti: arguments.id.clone().unwrap_or_else(|| context.entropy.uuid().to_string()),
    })
}

/// Reads the license as a function would: what a function would refuse is not given out.
fn check(key: &SigningKey, text: &str, now: Timestamp) -> Result<(), Failure> {
    let keys = LicenseKeys::from_jwks(&key.public_jwks().to_string()).map_err(Failure::failed)?;
    let verified = keys.verify(text, now);
    verified.map(drop).map_err(|_| {
        Failure::failed("the license would be longer than 8 KiB; name fewer tenants and connectors")
    })
}

fn summary(license: &License, key: &SigningKey, now: Timestamp) -> String {
    let ends = Timestamp::from_second(license.exp).unwrap_or(Timestamp::MAX);
    format!(
        "issued {id}\n  subject     {subject}\n  tenants     {tenants}\n  scopes      {scopes}\n  \
         connectors  {connectors}\n  expires     {ends} ({left})\n  signed by   {key}",
        id = license.jti,
        subject = license.sub,
        tenants = license.tenants.join(", "),
        scopes = license.scopes.join(", "),
        connectors = license.connectors.as_ref().map_or("all".to_owned(), |list| list.join(", ")),
        left = distance(now, ends),
        key = key.key_id(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_names_or_their_beginnings() {
        for text in ["crm", "crm-*", "*", "refresh*", &"c".repeat(63)] {
            assert!(pattern(text).is_ok(), "{text}");
        }
        for text in ["", "c*m", "**", "CRM", "refresh", "-a*", &"c".repeat(64)] {
            assert!(pattern(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_identifier_has_1_to_255_characters_and_is_no_license_key() {
        for text in ["a", "2026:acme.agents_1-x", &"j".repeat(255)] {
            assert!(identifier(text).is_ok(), "{text}");
        }
        for text in ["", "-", "-a", "AXON-a", "a b", "a#b", &"j".repeat(256)] {
            assert!(identifier(text).is_err(), "{text}");
        }
    }
}
