//! The token endpoint of a My Domain host: client credentials and JWT bearer. A reply has no lifetime in it: only a
//! call shows whether its session still lives.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::Salesforce;
use crate::{Answer, Seen};

/// The longest that an assertion may live, in seconds, and how far clocks may be apart.
const LONGEST: i64 = 180;
const SKEW: i64 = 5;

/// What the org knows of the client.
#[derive(Clone, Debug)]
pub struct App {
    /// The consumer key.
    pub key: String,
    /// The consumer secret.
    pub secret: String,
    /// The user that assertions may name.
    pub username: String,
    /// The certificate's RSA key, as PKCS#1 DER.
    pub public_key: Vec<u8>,
    /// The login host that assertions must be for.
    pub audience: String,
    /// What is wrong with the app's setup, if anything.
    pub trouble: Option<Trouble>,
}

/// Why the token endpoint gives no token to a client that proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The client credentials flow has no Run-As user.
    NoRunAs,
    /// This is a login host, which takes no client credentials.
    LoginHost,
    /// The user of assertions was not pre-authorised.
    NotApproved,
    /// The user has logged in too often lately.
    LoginsSpent,
}

impl Default for App {
    fn default() -> Self {
        Self {
            key: "3MVG9.consumer".to_owned(),
            secret: "consumer+secret/1".to_owned(),
            username: "agent@example.com".to_owned(),
            public_key: Vec::new(),
            audience: "https://login.salesforce.com".to_owned(),
            trouble: None,
        }
    }
}

type Denied = (&'static str, &'static str);

impl Salesforce {
    pub(super) fn token(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.method != "POST" {
            violations.push(format!("{} of the token endpoint", seen.method));
            return refused(("invalid_request", "must use HTTP POST"));
        }
        if !seen.query.is_empty() {
            violations.push("the token endpoint's parameters belong in the form".to_owned());
        }
        if seen.content_type() != "application/x-www-form-urlencoded" {
            return refused(("unsupported_grant_type", "grant type not supported"));
        }
        let granted = match seen.field("grant_type").as_deref() {
            Some("client_credentials") => self.client(seen, violations),
            Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => self.assertion(seen, violations),
            _ => Err(("unsupported_grant_type", "grant type not supported")),
        };
        match granted {
            Ok(()) if self.app.trouble == Some(Trouble::LoginsSpent) => {
                refused(("invalid_grant", "login rate exceeded"))
            }
            Ok(()) => self.issue(),
            Err(why) => refused(why),
        }
    }

    fn client(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<(), Denied> {
        only(seen, &["grant_type", "client_id", "client_secret"], violations);
        if self.app.trouble == Some(Trouble::LoginHost) {
            return Err(("invalid_grant", "request not supported on this domain"));
        }
        let in_form = seen.field("client_id").zip(seen.field("client_secret"));
        let (key, secret) = in_form.or_else(|| seen.basic()).unwrap_or_default();
        if key != self.app.key {
            return Err(("invalid_client_id", "client identifier invalid"));
        }
        if secret != self.app.secret {
            return Err(("invalid_client", "invalid client credentials"));
        }
        if self.app.trouble == Some(Trouble::NoRunAs) {
            return Err(("invalid_grant", "no client credentials user enabled"));
        }
        Ok(())
    }

    fn assertion(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<(), Denied> {
        only(seen, &["grant_type", "assertion"], violations);
        let invalid = ("invalid_grant", "invalid assertion");
        let assertion = seen.field("assertion").unwrap_or_default();
        let (signed, signature) = assertion.rsplit_once('.').ok_or(invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(invalid)?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid);
        let json = |part: &str| -> Result<Value, Denied> {
            serde_json::from_slice(&decode(part)?).map_err(|_| invalid)
        };
        let (header, claims) = (json(header)?, json(claims)?);
        let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        if header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(invalid);
        }
        if claim("iss") != self.app.key {
            return Err(("invalid_client_id", "client identifier invalid"));
        }
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.app.public_key);
        key.verify(signed.as_bytes(), &decode(signature)?).map_err(|_| invalid)?;
        if claim("aud") != self.app.audience {
            return Err(("invalid_grant", "audience is invalid"));
        }
        let left = claims.get("exp").and_then(Value::as_i64).map(|expires| expires - (self.now)());
        if left.is_none_or(|left| left <= 0 || left > LONGEST + SKEW) {
            return Err(("invalid_grant", "expired authorization code"));
        }
        if claim("sub") != self.app.username || self.app.trouble == Some(Trouble::NotApproved) {
            return Err(("invalid_grant", "user hasn't approved this consumer"));
        }
        Ok(())
    }

    fn issue(&mut self) -> Answer {
        self.issued += 1;
        let token = format!("00DKd0000000001!AQ{:04}.session_{}", self.issued, self.issued);
        self.sessions.insert(token.clone(), self.calls_of_a_token.unwrap_or(u32::MAX));
        let id = "https://login.salesforce.com/id/00DKd0000000001MAA/005Kd0000000001AAA";
        let issued_at = ((self.now)() * 1_000).to_string();
        let scope = if self.api_scope { "api" } else { "id" };
        Answer::json(
            200,
            &json!({
                "access_token": token, "signature": "c2lnbmF0dXJl", "scope": scope,
                "instance_url": self.instance_url, "id": id, "token_type": "Bearer", "issued_at": issued_at,
            }),
        )
        .header("cache-control", "no-cache, no-store")
    }
}

fn refused((error, description): Denied) -> Answer {
    Answer::json(400, &json!({"error": error, "error_description": description}))
}

fn only(seen: &Seen, known: &[&str], violations: &mut Vec<String>) {
    for (name, _) in seen.form_pairs() {
        if !known.contains(&name.as_str()) {
            violations.push(format!("the grant takes no field {name}"));
        }
    }
}
