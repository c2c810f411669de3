//! How a custom service is told who calls, from `options.auth_type` and the secret.

use base64::{Engine, prelude::BASE64_STANDARD};
use model::options::Options;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::{credentials::Credentials, error::ConnectorError};

/// Adds the credential's header.
pub(super) fn apply(
    options: &Options,
    credentials: Option<&Credentials>,
    headers: &mut HeaderMap,
) -> Result<(), ConnectorError> {
    let needed = || {
        credentials.ok_or_else(|| {
            ConnectorError::Credentials(
                "the connector needs credentials; set `credentials_secret_arn`".into(),
            )
        })
    };
    match options.text("auth_type").unwrap_or("none") {
        "none" => Ok(()),
        "bearer" => {
            let token = needed()?.require(&["token"])?;
            set(headers, AUTHORIZATION, &Zeroizing::new(format!("Bearer {token}")))
        }
        "basic" => {
            let (user, password) = (needed()?.require(&["username"])?, needed()?.require(&["password"])?);
            let pair = Zeroizing::new(BASE64_STANDARD.encode(Zeroizing::new(format!("{user}:{password}"))));
            set(headers, AUTHORIZATION, &Zeroizing::new(format!("Basic {}", pair.as_str())))
        }
        "api_key" => {
            let named = needed()?.get(&["header"]).or(options.text("api_key_header")).unwrap_or("X-API-Key");
            let name = named.parse::<HeaderName>().map_err(|_| {
                ConnectorError::Configuration("options.api_key_header is no header name".into())
            })?;
            set(headers, name, needed()?.require(&["api_key"])?)
        }
        other => Err(ConnectorError::Configuration(format!(
            "options.auth_type {other:?} is not supported in this version; use none, bearer, basic or api_key"
        ))),
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), ConnectorError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        ConnectorError::Credentials("the secret holds characters that no header can carry".into())
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{connector_type::ConnectorType, fault::Pointer};
    use serde_json::{Value, json};

    fn header(options: &Value, secret: Option<&str>, name: &str) -> Result<String, String> {
        let options = Options::check(options, ConnectorType::Custom, &Pointer::root()).unwrap();
        let credentials = secret.map(|secret| Credentials::parse(secret).ok().unwrap());
        let mut headers = HeaderMap::new();
        apply(&options, credentials.as_ref(), &mut headers).map_err(|error| error.to_string())?;
        Ok(headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn each_kind_sends_its_own_header() {
        assert_eq!(header(&json!({}), None, "authorization"), Ok(String::new()));
        let bearer = json!({"auth_type": "bearer"});
        assert_eq!(header(&bearer, Some(r#"{"token":"t"}"#), "authorization"), Ok("Bearer t".into()));
        let basic = header(
            &json!({"auth_type": "basic"}),
            Some(r#"{"username":"u","password":"p"}"#),
            "authorization",
        );
        assert_eq!(basic, Ok("Basic dTpw".into()));
        let key = json!({"auth_type": "api_key", "api_key_header": "X-Crm"});
        assert_eq!(header(&key, Some(r#"{"api_key":"k"}"#), "x-crm"), Ok("k".into()));
    }

    #[test]
    fn missing_credentials_are_an_error_and_never_sent_as_nothing() {
        let bearer = json!({"auth_type": "bearer"});
        assert!(header(&bearer, None, "authorization").unwrap_err().contains("needs credentials"));
        assert!(header(&bearer, Some(r#"{"tok":"t"}"#), "authorization").unwrap_err().contains("token"));
        assert!(
            header(&json!({"auth_type": "oauth2_client_credentials"}), None, "authorization")
                .unwrap_err()
                .contains("use none")
        );
    }

    #[test]
    fn a_line_break_in_a_secret_can_not_add_a_header() {
        let bearer = json!({"auth_type": "bearer"});
        let error = header(&bearer, Some(r#"{"token":"CANARY\r\nX-Evil: 1"}"#), "authorization").unwrap_err();
        assert!(!error.contains("CANARY"), "{error}");
    }
}
