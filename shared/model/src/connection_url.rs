//! Where the upstream is: each type's own form, with no credential in it and with verified TLS unless the
//! deployment itself lists the host.

use url::{Host, Url};

use crate::{allow_list::AllowList, connector_type::ConnectorType};

/// The longest connection URL, in characters.
pub const MAX_CHARS: usize = 500;

/// Checks what holds whatever the type.
pub fn check_text(text: &str) -> Result<(), String> {
    if text.chars().count() > MAX_CHARS {
        return Err(format!("is longer than {MAX_CHARS} characters"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("must not contain spaces, backslashes or control characters".into());
    }
    Ok(())
}

/// Checks that a URL fits its type; the message says what would.
pub fn check(kind: ConnectorType, text: &str, allow: &AllowList) -> Result<(), String> {
    check_text(text)?;
    match kind {
        ConnectorType::Postgres => postgres(text, allow),
        ConnectorType::Cassandra => cassandra(text),
        ConnectorType::Snowflake if !text.contains("://") => base_url(&format!("https://{text}"), allow)
            .map_err(|why| {
                format!("{why}; expected an account host such as org-account.snowflakecomputing.com")
            }),
        _ => base_url(text, allow),
    }
}

const NO_CREDENTIALS: &str =
    "must not contain a user or password; store them in Secrets Manager and set `credentials_secret_arn`";

const PLAIN_HOST: &str =
    "must have its scheme in small letters, its host in plain ASCII, and a port from 1 to 65535 if any";

/// Checks that scheme, host and port are spelt as everybody reads them. The parser also takes capitals, escapes, other
/// scripts and empty ports, and so finds a host that a reader of the record does not see.
fn check_spelling(text: &str) -> Result<(), String> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if scheme.bytes().all(|c| c.is_ascii_lowercase()) && is_plain(authority) {
        Ok(())
    } else {
        Err(PLAIN_HOST.into())
    }
}

fn is_plain(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
    };
    let named = host.strip_suffix('.').unwrap_or(host).split('.').all(label);
    let port_ok = |port: &str| {
        !port.starts_with('0') && port.bytes().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok()
    };
    (named || (host.starts_with('[') && host.ends_with(']'))) && port.is_none_or(port_ok)
}

fn base_url(text: &str, allow: &AllowList) -> Result<(), String> {
    let url = Url::parse(text).map_err(|error| format!("must be an https:// base URL ({error})"))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NO_CREDENTIALS.into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must be a base URL, without a query or fragment".into());
    }
    // The parser reads 127.1 and 0x7f000001 as addresses; nobody writes one so by accident.
    if let Some(Host::Ipv4(address)) = url.host()
        && !text.to_ascii_lowercase().starts_with(&format!("{}://{address}", url.scheme()))
    {
        return Err("must spell an address as four decimal numbers".into());
    }
    match (url.scheme(), host) {
        ("https", Some(_)) => {}
        ("http", Some(host)) if allow.allows_host(host) => {}
        ("http", Some(_)) => {
            return Err("must use https://; http:// is only for hosts that EGRESS_ALLOW lists".into());
        }
        _ => return Err("must be an https:// base URL".into()),
    }
    check_spelling(text)
}

fn postgres(text: &str, allow: &AllowList) -> Result<(), String> {
    const FORM: &str = "must look like postgres://host[:port]/database[?sslmode=verify-full]";
    let url = Url::parse(text).map_err(|error| format!("{FORM} ({error})"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(FORM.into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NO_CREDENTIALS.into());
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
    let database = url.path().strip_prefix('/').unwrap_or_default();
    if database.is_empty() || database.contains('/') || url.fragment().is_some() {
        return Err(FORM.into());
    }
    check_spelling(text)?;
    let Some(query) = url.query().filter(|query| !query.is_empty()) else { return Ok(()) };
    match query.strip_prefix("sslmode=").filter(|mode| !mode.contains('&')) {
        Some("verify-full" | "verify-ca" | "require") => Ok(()),
        Some("disable") if allow.allows_host(host) => Ok(()),
        Some("disable") => Err("sslmode=disable is only for hosts that EGRESS_ALLOW lists".into()),
        Some(_) => {
            Err("sslmode must be verify-full, verify-ca or require; the server is always verified".into())
        }
        None => Err("takes one parameter, sslmode; everything else belongs in `options`".into()),
    }
}

fn cassandra(text: &str) -> Result<(), String> {
    const FORM: &str = "must look like cassandra://host1[:port],host2[:port]/keyspace";
    let rest = text.strip_prefix("cassandra://").ok_or(FORM)?;
    if rest.contains('@') {
        return Err(NO_CREDENTIALS.into());
    }
    let (hosts, keyspace) = rest.split_once('/').ok_or(FORM)?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if keyspace.is_empty() || keyspace.len() > 48 || !keyspace.chars().all(word) {
        return Err(format!("{FORM}, the keyspace of up to 48 letters, digits and _"));
    }
    for host in hosts.split(',') {
        let valid = Url::parse(&format!("cql://{host}")).is_ok();
        if !valid || host.is_empty() || host.contains(['?', '#']) {
            return Err(FORM.into());
        }
        if !is_plain(host) {
            return Err(PLAIN_HOST.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(kind: ConnectorType, text: &str) -> bool {
        let allow = AllowList::parse("127.0.0.0/8, *.corp.example").unwrap();
        check(kind, text, &allow).is_ok()
    }

    #[test]
    fn each_type_takes_its_own_form() {
        use ConnectorType::{Cassandra, Custom, Jira, Postgres, Snowflake};
        for (kind, text) in [
            (Postgres, "postgres://db.example.com/app"),
            (Postgres, "postgresql://db.example.com:6432/app?sslmode=require"),
            (Postgres, "postgres://127.0.0.1:5432/app?sslmode=disable"),
            (Cassandra, "cassandra://n1.example.com,n2.example.com:9142/orders"),
            (Cassandra, "cassandra://[::1]:9042/orders"),
            (Snowflake, "finance-org.us-east-1.snowflakecomputing.com"),
            (Snowflake, "https://finance-org.snowflakecomputing.com"),
            (Custom, "https://my_host.example.com./a%20b/ü"),
            (Custom, "https://[2001:db8::1]:8443"),
            (Custom, "https://xn--bcher-kva.example:65535"),
            (Custom, "https://9router"),
            (Postgres, "postgres://[::1]/app?"),
            (Custom, "https://api.example.com/v2"),
            (Custom, "http://crm.corp.example:8080"),
            (Jira, "https://site.atlassian.net"),
        ] {
            assert!(accepted(kind, text), "{kind} {text}");
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        use ConnectorType::{Cassandra, Custom, Postgres, Snowflake};
        for (kind, text) in [
            (Postgres, "postgres://user:pw@db.example.com/app"),
            (Postgres, "postgres://user@db.example.com/app"),
            (Postgres, "postgres://db.example.com"),
            (Postgres, "postgres://db.example.com/app?sslmode=prefer"),
            (Postgres, "postgres://db.example.com/app?sslmode=allow"),
            (Postgres, "postgres://db.example.com/app?sslmode=disable"),
            (Postgres, "postgres://db.example.com/app?password=x"),
            (Postgres, "https://db.example.com/app"),
            (Cassandra, "cassandra://u:p@n1/ks"),
            (Cassandra, "cassandra://n1"),
            (Cassandra, "cassandra://n1,,n2/ks"),
            (Cassandra, "cassandra://n1:99999/ks"),
            (Cassandra, "cassandra://n1/ks;drop"),
            (Snowflake, "ftp://x.snowflakecomputing.com"),
            (Snowflake, "u:p@x.snowflakecomputing.com"),
            (Custom, "http://api.example.com"),
            (Custom, "https://u:p@api.example.com"),
            (Custom, "https://@[::1]"),
            (Custom, "https://api.example.com?key=1"),
            (Custom, "file:///etc/passwd"),
            (Custom, "https://2852039166"),
            (Custom, "http://127.1:8080"),
            (Custom, "https://0x7f.0.0.1"),
            (Custom, "/orders"),
            (Custom, "https://api.example.com/a b"),
            (Custom, "HTTPS://api.example.com"),
            (Custom, "https:/api.example.com"),
            (Custom, "https:\\\\api.example.com"),
            (Custom, "https://%61pi.example.com"),
            (Custom, "https://bücher.example"),
            (Custom, "https://api.example.com:"),
            (Custom, "https://api.example.com:0443"),
            (Custom, "https://api..example.com"),
            (Postgres, "POSTGRES://db.example.com/app"),
            (Postgres, "postgres://db.example.com:0/app"),
            (Postgres, "postgres://db.example.com/app?sslmode=require&sslmode=require"),
            (Cassandra, "cassandra://n1:,n2/ks"),
        ] {
            assert!(!accepted(kind, text), "{kind} {text}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        use ConnectorType::{Cassandra, Custom, Postgres};
        for (kind, text, advice) in [
            (Custom, "https://user@api.example.com", "Secrets Manager"),
            (Custom, "https://:pw@api.example.com", "Secrets Manager"),
            (Postgres, "postgres://user@db.example.com/app", "Secrets Manager"),
            (Postgres, "postgres://:pw@db.example.com/app", "Secrets Manager"),
            (Cassandra, "cassandra://user@n1/orders", "Secrets Manager"),
            (
                Custom,
                "http://api.example.com",
                "must use https://; http:// is only for hosts that EGRESS_ALLOW lists",
            ),
            (Custom, "ftp://api.example.com", "must be an https:// base URL"),
            (Postgres, "postgres://db.example.com/", "host[:port]/database"),
            (Postgres, "postgres://db.example.com/app/public", "host[:port]/database"),
            (Postgres, "postgres://db.example.com/app#main", "host[:port]/database"),
            (Cassandra, "cassandra://n1/", "the keyspace of up to 48"),
            (Cassandra, "cassandra://n1,,n2/orders", "host1[:port],host2[:port]/keyspace"),
            (Cassandra, "cassandra://n1?dc=1,n2/orders", "host1[:port],host2[:port]/keyspace"),
            (Cassandra, "cassandra://n1#1,n2/orders", "host1[:port],host2[:port]/keyspace"),
            (Cassandra, "cassandra://N%31/orders", "plain ASCII"),
        ] {
            let refusal = check(kind, text, &AllowList::default()).unwrap_err();
            assert!(refusal.contains(advice), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_keyspace_has_up_to_48_characters() {
        let url = |n: usize| format!("cassandra://n1/{}", "k".repeat(n));
        assert!(accepted(ConnectorType::Cassandra, &url(48)));
        assert!(!accepted(ConnectorType::Cassandra, &url(49)));
    }

    #[test]
    fn five_hundred_characters_fit_and_one_more_does_not() {
        let base = "https://api.example.com/";
        let url = |n: usize| format!("{base}{}", "p".repeat(n - base.len()));
        assert!(accepted(ConnectorType::Custom, &url(500)));
        assert!(!accepted(ConnectorType::Custom, &url(501)));
    }
}
