//! How a custom service is told who calls, from `options.auth_type` and the secret.

use std::sync::Arc;

use egress::Egress;
use model::options::Options;
use reqwest::header::HeaderName;
use zeroize::Zeroizing;

use super::refuse_override;
use crate::{
    credentials::Credentials,
    error::ConnectorError,
    http::{auth::Auth, oauth::TokenSource, proof::Proof},
};

/// Reads what the secret must hold; nothing is dialled yet.
pub(super) fn read(
    options: &Options,
    credentials: Option<&Credentials>,
    egress: &Egress,
    max_retries: u8,
) -> Result<Auth, ConnectorError> {
    let needed = || Credentials::needed(credentials);
    let proof = match options.text("auth_type").unwrap_or("none") {
        "none" => return Ok(Auth::Open),
        "bearer" => Proof::bearer(needed()?.require(&["token"])?)?,
        "basic" => Proof::basic(needed()?.require(&["username"])?, needed()?.require(&["password"])?)?,
        "api_key" => {
            let named = needed()?.get(&["header"]).or(options.text("api_key_header"));
            let name: HeaderName = named.unwrap_or("X-API-Key").parse().map_err(|_| {
                ConnectorError::Configuration("options.api_key_header is no header name".into())
            })?;
            refuse_override(&name, "the API key must not go in")?;
            Proof::new(name, Zeroizing::new(needed()?.require(&["api_key"])?.to_owned()))?
        }
        "oauth2_client_credentials" => {
            let source = TokenSource::new(options, needed()?, egress, max_retries)?;
            return Ok(Auth::Tokens(Box::new(source)));
        }
        other => {
            let why = format!("options.auth_type {other:?} is not known");
            return Err(ConnectorError::Configuration(why));
        }
    };
    Ok(Auth::Fixed(Arc::new(proof)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egress::{Rules, SystemResolver, Tls};
    use model::{allow_list::AllowList, clock::SystemClock, connector_type::ConnectorType, fault::Pointer};
    use reqwest::header::{HeaderMap, HeaderValue};
    use serde_json::{Value, json};

    fn header(options: &Value, secret: Option<&str>, name: &str) -> Result<String, String> {
        let options = Options::check(options, ConnectorType::Custom, &Pointer::root()).unwrap();
        let credentials = secret.map(|secret| Credentials::parse(secret).ok().unwrap());
        let rules = Rules::new(AllowList::default(), None).unwrap();
        let egress =
            Egress::new(rules, Tls::new(None).unwrap(), Arc::new(SystemResolver), Arc::new(SystemClock));
        let mut headers = HeaderMap::new();
        match read(&options, credentials.as_ref(), &egress, 0).map_err(|error| error.to_string())? {
            Auth::Fixed(proof) => proof.add(&mut headers).unwrap(),
            Auth::Open => {}
            Auth::Tokens(_) => return Ok("a token".into()),
        }
        assert!(headers.values().all(HeaderValue::is_sensitive));
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
        let oauth = json!({"auth_type": "oauth2_client_credentials"});
        for (secret, missing) in [
            (r#"{"client_secret":"s","token_url":"https://a.example/t"}"#, "client_id"),
            (r#"{"client_id":"i","token_url":"https://a.example/t"}"#, "client_secret"),
            (r#"{"client_id":"i","client_secret":"s"}"#, "token_url"),
        ] {
            assert!(
                header(&oauth, Some(secret), "").unwrap_err().contains(&format!("lacks {missing},")),
                "{missing}"
            );
        }
    }

    #[test]
    fn a_token_url_is_judged_like_any_other() {
        let oauth = json!({"auth_type": "oauth2_client_credentials"});
        let made = |token_url: &str| {
            let secret = json!({"client_id": "i", "client_secret": "CANARY", "token_url": token_url});
            header(&oauth, Some(&secret.to_string()), "")
        };
        assert_eq!(made("https://a.example/token"), Ok("a token".into()));
        for url in [
            "http://a.example/token",
            "https://169.254.169.254/token",
            "https://2852039166/token",
            "https://u:p@a.example/token",
            "ftp://a.example/token",
        ] {
            let error = made(url).unwrap_err();
            assert!(error.contains("refused") && !error.contains("CANARY"), "{url}: {error}");
        }
        assert!(made("token").unwrap_err().contains("token_url is no URL"));
    }

    #[test]
    fn a_key_can_not_turn_a_read_into_a_write() {
        let option = json!({"auth_type": "api_key", "api_key_header": "X-HTTP-Method-Override"});
        let secret = r#"{"api_key": "DELETE", "header": "x-method-override"}"#;
        for (options, secret) in
            [(option, r#"{"api_key":"DELETE"}"#), (json!({"auth_type": "api_key"}), secret)]
        {
            let error = header(&options, Some(secret), "").unwrap_err();
            assert!(error.contains("could become a write") && !error.contains("DELETE"), "{error}");
        }
    }

    #[test]
    fn a_line_break_in_a_secret_can_not_add_a_header() {
        let bearer = json!({"auth_type": "bearer"});
        let error = header(&bearer, Some(r#"{"token":"CANARY\r\nX-Evil: 1"}"#), "authorization").unwrap_err();
        assert!(!error.contains("CANARY"), "{error}");
    }
}
