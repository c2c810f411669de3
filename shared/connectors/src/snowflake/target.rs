//! Which account is asked, and in which context, from the record. The account's host is the record's own word; the
//! secret's account only names it inside a signed token.

use model::{options::Options, record::ConnectorRecord};
use serde::Serialize;
use url::Url;

use crate::{ConnectorError, Credentials};

/// Where accounts live; what stands before it is the account, with or without its region.
const DOMAINS: [&str; 2] = [".snowflakecomputing.com", ".snowflakecomputing.cn"];

/// The context of every statement. What is left out is the user's own default.
#[derive(Serialize)]
pub(super) struct Session {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warehouse: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) database: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
}

impl Session {
    pub(super) fn new(options: &Options) -> Self {
        let text = |name: &str| options.text(name).map(str::to_owned);
        Self {
            warehouse: text("warehouse"),
            database: text("database"),
            schema: text("schema"),
            role: text("role"),
        }
    }
}

/// The account's base URL, as text and read.
pub(super) fn base(record: &ConnectorRecord) -> Result<(String, Url), ConnectorError> {
    let given = record.connection_url.as_deref().unwrap_or_default();
    let text = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let wrong = || {
        let why = "connection_url is no account host such as org-account.snowflakecomputing.com";
        ConnectorError::Configuration(why.into())
    };
    let mut url = Url::parse(&text).map_err(|_| wrong())?;
    url.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    url.set_path("/");
    Ok((text, url))
}

/// The account as signed tokens name it: the secret's own, else what the host says.
pub(super) fn account(credentials: &Credentials, base: &Url) -> Result<String, ConnectorError> {
    if let Some(account) = credentials.get(&["account"]) {
        return Ok(identifier(account));
    }
    let host = base.host_str().unwrap_or_default().to_ascii_lowercase();
    DOMAINS.iter().find_map(|domain| host.strip_suffix(domain)).map(identifier).ok_or_else(|| {
        let why = "the secret lacks account, and connection_url is no host of snowflakecomputing.com that \
                   would tell it";
        ConnectorError::Credentials(why.into())
    })
}

/// `org-account` and a bare locator stay, `org.account` gets its hyphen, and of `locator.region.cloud` the locator is
/// left. Regions have hyphens in their names; accounts have none.
fn identifier(account: &str) -> String {
    let account = account.trim().to_ascii_lowercase();
    let account = DOMAINS.iter().find_map(|domain| account.strip_suffix(domain)).unwrap_or(&account);
    let mut labels = account.split('.').filter(|label| *label != "privatelink");
    let first = labels.next().unwrap_or_default();
    let named = match labels.next() {
        // What follows the last hyphen there is no part of the account's name.
        Some("global") => first.rsplit_once('-').map_or(first, |(name, _)| name).to_owned(),
        Some(second) if !second.contains('-') => format!("{first}-{second}"),
        _ => first.to_owned(),
    };
    named.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_without_its_region_and_with_hyphens() {
        for (written, expected) in [
            ("xy12345", "XY12345"),
            ("xy12345.us-east-1", "XY12345"),
            ("xy12345.east-us-2.azure", "XY12345"),
            ("XY12345.us-east-1.privatelink", "XY12345"),
            ("finance-org", "FINANCE-ORG"),
            ("finance-org.us-east-1", "FINANCE-ORG"),
            ("myorg.my_account", "MYORG-MY_ACCOUNT"),
            ("myorg-account.privatelink", "MYORG-ACCOUNT"),
            ("account-1a2b3c.global", "ACCOUNT"),
            (" myorg-account.snowflakecomputing.com ", "MYORG-ACCOUNT"),
        ] {
            assert_eq!(identifier(written), expected, "{written}");
        }
    }

    #[test]
    fn the_secrets_account_comes_first_and_the_host_tells_it_otherwise() {
        let none = Credentials::parse("{}").ok().unwrap();
        let named = Credentials::parse(r#"{"account": "my.acc"}"#).ok().unwrap();
        let url = |host: &str| Url::parse(&format!("https://{host}")).unwrap();
        let host = url("finance-org.us-east-1.snowflakecomputing.com");
        assert_eq!(account(&named, &host), Ok("MY-ACC".into()));
        assert_eq!(account(&none, &host), Ok("FINANCE-ORG".into()));
        let error = account(&none, &url("snow.example.com")).unwrap_err();
        assert!(matches!(error, ConnectorError::Credentials(_)), "{error}");
    }
}
