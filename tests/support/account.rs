//! A stand-in for a Snowflake account at its SQL API. It takes statements from one user, whose signed tokens it
//! verifies with the public key that it holds just then, and answers as a test says.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{body::Body, http::Response};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use model::clock::{Clock, SystemClock};
use ring::{
    digest::{SHA256, digest},
    signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde_json::{Value, json};

use crate::{Seen, Upstream};

/// The key that the account knows at first.
pub const FIRST_KEY: &str = include_str!("../../shared/connectors/tests/snowflake/keys/key.p8");
/// Another.
pub const SECOND_KEY: &str = include_str!("../../shared/connectors/tests/snowflake/keys/other.p8");

const STATEMENTS: &str = "/api/v2/statements";
/// What stands before a public RSA key of 2048 bits in the form whose fingerprint names it.
const WRAPPING: [u8; 24] = [
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00,
];

/// How a statement is answered.
#[derive(Clone, Debug)]
pub enum AccountAnswer {
    /// Columns (name, type, scale) and rows of strings and nulls.
    Rows(Value, Value),
    /// It runs until somebody has it cancelled.
    Runs,
    /// A status, the vendor's code and its message.
    Failed(u16, &'static str, &'static str),
    /// Too many requests, and when to come again.
    Limited(&'static str),
}

/// The account, on a free port of loopback.
pub struct Account {
    upstream: Upstream,
    state: Arc<Mutex<State>>,
}

struct State {
    /// The public key, as PKCS #1 has it.
    key: Vec<u8>,
    /// The bodies of the statements that were taken.
    taken: Vec<Value>,
    cancelled: Vec<String>,
}

impl Account {
    /// Answers each statement by a function of what was submitted.
    pub async fn start(answer: impl Fn(&Value) -> AccountAnswer + Clone + Send + Sync + 'static) -> Self {
        let state = State { key: public(FIRST_KEY), taken: Vec::new(), cancelled: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let answering = move |seen: &Seen| {
            let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            state.answer(seen, &answer)
        };
        Self { upstream: Upstream::start(answering).await, state }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.upstream.url()
    }

    /// From now on this key counts, and no other.
    pub fn rotate(&self, private_key: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).key = public(private_key);
    }

    /// What was submitted by the user, in order.
    pub fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).taken.clone()
    }

    /// How many requests came, whoever sent them.
    pub fn requests(&self) -> usize {
        self.upstream.seen().len()
    }

    /// The handles of the statements that were cancelled.
    pub fn cancelled(&self) -> Vec<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).cancelled.clone()
    }

    /// A secret with a key of the user.
    pub fn secret(private_key: &str) -> String {
        json!({"account": "acme-test", "user": "svc_agent", "privateKey": private_key}).to_string()
    }

    /// One column of an answer.
    pub fn column(name: &str, kind: &str, scale: Option<u8>) -> Value {
        json!({"name": name, "type": kind, "scale": scale, "precision": null, "length": null, "nullable": true})
    }
}

impl State {
    fn answer(&mut self, seen: &Seen, answer: &impl Fn(&Value) -> AccountAnswer) -> Response<Body> {
        let header = |name: &str| seen.headers.get(name).map_or("", |value| value.to_str().unwrap_or(""));
        if header("user-agent").is_empty() {
            return failed(400, "391903", "User-Agent lacks");
        }
        let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        if header("x-snowflake-authorization-token-type") != "KEYPAIR_JWT" || !self.holds(token) {
            return failed(401, "390144", "JWT token is invalid.");
        }
        let path = seen.target.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(STATEMENTS);
        match (seen.method.as_str(), rest) {
            ("POST", Some("")) => {
                let body: Value = serde_json::from_str(&seen.body).expect("a statement as JSON");
                self.taken.push(body.clone());
                let handle = format!("01b2c3d4-0000-1111-0000-{:012}", self.taken.len());
                answered(answer(&body), &handle)
            }
            ("POST", Some(rest)) if rest.ends_with("/cancel") => {
                let handle = rest.trim_start_matches('/').trim_end_matches("/cancel");
                self.cancelled.push(handle.to_owned());
                failed(200, "000604", "successfully canceled")
            }
            ("GET", Some(rest)) => answered(AccountAnswer::Runs, rest.trim_start_matches('/')),
            _ => response(404, &json!({})),
        }
    }

    /// Whether a token is the user's, by the account's own rules.
    fn holds(&self, token: &str) -> bool {
        let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        let Some((signed, signature)) = token.rsplit_once('.') else { return false };
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key);
        if key.verify(signed.as_bytes(), &decoded(signature)).is_err() {
            return false;
        }
        let claims = signed.split('.').nth(1).map(decoded).unwrap_or_default();
        let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
        let wrapped = [WRAPPING.as_slice(), &self.key].concat();
        let fingerprint = BASE64_STANDARD.encode(digest(&SHA256, &wrapped));
        let now = SystemClock.now().epoch_seconds();
        let second = |name: &str| claims[name].as_i64().unwrap_or_default();
        claims["iss"] == format!("ACME-TEST.SVC_AGENT.SHA256:{fingerprint}")
            && claims["sub"] == "ACME-TEST.SVC_AGENT"
            && second("iat") <= now
            && second("exp") > now
            && second("exp") - second("iat") <= 3_600
    }
}

/// The public half of a private key in PEM.
fn public(private_key: &str) -> Vec<u8> {
    let text: String = private_key.lines().filter(|line| !line.starts_with('-')).collect();
    let key = BASE64_STANDARD.decode(text).expect("base64");
    let key = RsaKeyPair::from_pkcs8(&key).expect("a private RSA key");
    key.public_key().as_ref().to_vec()
}

fn answered(answered: AccountAnswer, handle: &str) -> Response<Body> {
    let url = format!("{STATEMENTS}/{handle}");
    match answered {
        AccountAnswer::Rows(columns, rows) => {
            let count = rows.as_array().map_or(0, Vec::len);
            let body = json!({
                "resultSetMetaData": {
                    "numRows": count, "format": "jsonv2", "rowType": columns, "partitionInfo": [{"rowCount": count}],
                },
                "data": rows, "code": "090001", "sqlState": "00000", "statementHandle": handle,
                "statementStatusUrl": url, "message": "Statement executed successfully.",
            });
            response(200, &body)
        }
        AccountAnswer::Runs => {
            let body = json!({
                "code": "333334", "sqlState": "00000", "message": "Asynchronous execution in progress.",
                "statementHandle": handle, "statementStatusUrl": url,
            });
            response(202, &body)
        }
        AccountAnswer::Failed(status, code, message) => failed(status, code, message),
        AccountAnswer::Limited(after) => {
            let mut response = response(429, &json!({"code": "390111", "message": "too many requests"}));
            response.headers_mut().insert("retry-after", after.parse().expect("a header"));
            response
        }
    }
}

fn failed(status: u16, code: &str, message: &str) -> Response<Body> {
    response(status, &json!({"code": code, "sqlState": "42601", "message": message}))
}

fn response(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).expect("a response")
}
