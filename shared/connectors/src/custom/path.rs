//! From a statement to a URL that can't leave the record's base URL, whatever the statement holds.

use model::{
    custom_options::path::{PathFault, split},
    fault::shortened,
    parameters::Parameters,
};
use serde_json::value::RawValue;
use url::Url;

use crate::error::ConnectorError;

/// The longest URL; more is what servers commonly refuse.
const MAX_URL_BYTES: usize = 8 * 1024;

/// The base URL, ending in a slash.
pub(super) fn base(text: &str) -> Result<Url, ConnectorError> {
    let mut url = Url::parse(text)
        .map_err(|_| ConnectorError::Configuration("connection_url is no base URL".into()))?;
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// The URL of a statement, with further query parameters.
pub(super) fn below(base: &Url, statement: &str, parameters: &Parameters) -> Result<Url, ConnectorError> {
    let mut url = of_statement(base, statement)?;
    append(&mut url, parameters)?;
    if url.as_str().len() > MAX_URL_BYTES {
        let why = format!("the statement and its parameters make a URL of more than {MAX_URL_BYTES} bytes");
        return Err(ConnectorError::Invalid(why));
    }
    Ok(url)
}

/// The URL of a statement alone.
pub(super) fn of_statement(base: &Url, statement: &str) -> Result<Url, ConnectorError> {
    of_path(base, statement).map_err(|why| ConnectorError::Invalid(format!("the statement {why}")))
}

/// The URL of a path with an optional query string, relative to the base; the error says what is wrong with it, in
/// words that follow its name.
pub(super) fn of_path(base: &Url, text: &str) -> Result<Url, String> {
    let (path, query) = split(text).map_err(|fault| fault.to_string())?;
    let mut url = base.clone();
    if !path.is_empty() {
        let relative = path.strip_prefix('/').unwrap_or(path);
        url.set_path(&format!("{}{relative}", base.path()));
    }
    if !url.path().starts_with(base.path()) || url.origin() != base.origin() {
        return Err(PathFault::LeavesBase.to_string());
    }
    url.set_query(query.filter(|query| !query.is_empty()));
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(format!("must not make a URL of more than {MAX_URL_BYTES} bytes"));
    }
    Ok(url)
}

/// A list gives its key once for each element; an object has no form in a query string.
fn append(url: &mut Url, parameters: &Parameters) -> Result<(), ConnectorError> {
    if parameters.is_empty() {
        return Ok(());
    }
    let mut pairs = url.query_pairs_mut();
    for (key, text) in parameters.iter() {
        let list: Vec<&RawValue>;
        let values: Vec<&str> = if text.starts_with('[') {
            list = serde_json::from_str(text).map_err(|_| nested(key))?;
            list.iter().map(|value| value.get()).collect()
        } else {
            vec![text]
        };
        for value in values {
            match value.as_bytes().first() {
                Some(b'n') => {}
                Some(b'"') => {
                    let text: String = serde_json::from_str(value).map_err(|_| nested(key))?;
                    pairs.append_pair(key, &text);
                }
                Some(b'[' | b'{') | None => return Err(nested(key)),
                // Numbers and booleans as they were written: no digit is lost.
                Some(_) => drop(pairs.append_pair(key, value)),
            }
        }
    }
    Ok(())
}

fn nested(key: &str) -> ConnectorError {
    let why = format!(
        "the parameter {:?} is nested; query parameters are strings, numbers, booleans or lists of them",
        shortened(key)
    );
    ConnectorError::Invalid(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn url(base_url: &str, statement: &str, parameters: &Value) -> Result<String, ConnectorError> {
        let base = base(base_url).unwrap();
        let parameters = Parameters::parse(parameters.to_string().as_bytes()).unwrap();
        below(&base, statement, &parameters).map(|url| url.to_string())
    }

    #[test]
    fn a_statement_is_a_path_below_the_base() {
        let none = json!({});
        for (base, statement, expected) in [
            ("https://a.example", "/orders?open=true", "https://a.example/orders?open=true"),
            ("https://a.example/v2", "/orders", "https://a.example/v2/orders"),
            ("https://a.example/v2/", "orders/7", "https://a.example/v2/orders/7"),
            ("https://a.example/v2", "", "https://a.example/v2/"),
            ("https://a.example/v2", "?q=a b", "https://a.example/v2/?q=a%20b"),
            ("https://a.example/v2", "/a b/ü?x=%2F", "https://a.example/v2/a%20b/%C3%BC?x=%2F"),
            ("https://a.example", "/files/a..b", "https://a.example/files/a..b"),
        ] {
            assert_eq!(url(base, statement, &none).unwrap(), expected, "{statement}");
        }
    }

    #[test]
    fn parameters_become_query_parameters() {
        let parameters = json!({"a": "x&y", "b": 2, "c": [1, "z"], "d": null, "e": true});
        assert_eq!(
            url("https://a.example", "/o?q=1", &parameters).unwrap(),
            "https://a.example/o?q=1&a=x%26y&b=2&c=1&c=z&e=true"
        );
        assert!(url("https://a.example", "/o", &json!({"a": {"b": 1}})).is_err());
    }

    #[test]
    fn a_statement_can_not_leave_the_base() {
        for statement in [
            "..",
            "/..",
            "/../admin",
            "/a/../../admin",
            "/%2e%2e/admin",
            "/%2E./admin",
            "/a/..%2f..%2fadmin",
            "/a%2f..%2f..%2fadmin",
            "/%252e%252e/admin",
            "/%25252e%25252e/admin",
            "/%2525252525252e/a",
            "/..;/admin",
            "/x/..;a=b/..;/admin",
            "/%2e%2e;/admin",
            "/..%3b/admin",
            "/..%20/admin",
            "/..%c0%af..%c0%afadmin",
            "/%c0%ae%c0%ae/admin",
            "\\..\\admin",
            "/..\\admin",
            "/a%5c..%5cadmin",
            "//evil.example/x",
            "https://evil.example/x",
            "https:evil.example",
            "javascript:x",
            "/a#b",
            "/a?b#c",
            "/a\r\nHost: evil",
            "/a%0d%0ab",
            "/a\0b",
        ] {
            assert!(url("https://a.example/v2", statement, &json!({})).is_err(), "{statement:?}");
        }
    }

    #[test]
    fn eight_kibibytes_of_url_pass_and_one_more_byte_does_not() {
        let statement = |bytes: usize| format!("/{}", "p".repeat(bytes - "https://a.example/".len()));
        assert!(url("https://a.example", &statement(MAX_URL_BYTES), &json!({})).is_ok());
        assert!(url("https://a.example", &statement(MAX_URL_BYTES + 1), &json!({})).is_err());
    }

    #[test]
    fn digits_of_a_parameter_are_kept() {
        let base = base("https://a.example").unwrap();
        let parameters =
            Parameters::parse(br#"{"id": 123456789012345678901234567890, "rate": [1.10, 1e2]}"#).unwrap();
        let url = below(&base, "/o", &parameters).unwrap();
        assert_eq!(url.query(), Some("id=123456789012345678901234567890&rate=1.10&rate=1e2"));
    }

    proptest! {
        #[test]
        fn whatever_the_statement_the_url_stays_below_the_base(statement in "[./%2eEfF\\\\:?#a@ 5c]{0,24}|\\PC{0,20}") {
            if let Ok(url) = url("https://a.example/v2", &statement, &json!({})) {
                let url = Url::parse(&url).unwrap();
                prop_assert_eq!(url.host_str(), Some("a.example"));
                prop_assert!(url.path().starts_with("/v2/"));
                let decoded = percent_decode_str(url.path()).decode_utf8_lossy().into_owned();
                prop_assert!(!decoded.split('/').any(|segment| segment == ".."));
            }
        }
    }
}
