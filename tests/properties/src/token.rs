//! A token endpoint's answer gives a token that a header can carry, for a day at most, or words that repeat none of it.

use std::time::Duration;

use connectors::answers;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    said::bounded,
    upstream::{answered, header},
};

/// The longest run of the body that an error may repeat: the longest of the standard's codes.
const CODE: usize = "unsupported_grant_type".len();

/// What is read of an answer: nobody minds what stands in the rest, so it may be no text at all.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<Value>,
}

/// Any answer, as a token endpoint's.
pub fn check(data: &[u8]) {
    let Some((_, response)) = answered(data) else { return };
    let (status, body) = (response.status, response.body.to_vec());
    let wait = header(&response, "retry-after").map(str::to_owned);
    let nothing = egress::Response { body: bytes::Bytes::new(), ..response.clone() };
    match answers::token(response) {
        Ok(lifetime) => {
            assert!(status.is_success() && lifetime <= Duration::from_hours(24));
            let granted: Granted = serde_json::from_slice(&body).expect("a token comes in JSON");
            let token = granted.access_token;
            assert!(!token.is_empty() && !token.contains(|c: char| c.is_control() && c != '\t'));
            let kind = granted.token_type.as_ref().and_then(Value::as_str).unwrap_or("bearer");
            assert!(kind.eq_ignore_ascii_case("bearer"), "{kind} is no bearer token");
        }
        Err(error) => {
            let said = error.to_string();
            bounded(&said, 300);
            let text = String::from_utf8_lossy(&body);
            let said: Vec<char> = said.chars().collect();
            // What is said of nothing is ours, whatever the body holds.
            let ours = answers::token(nothing).is_err_and(|ours| ours == error);
            for run in said.windows(CODE + 1).filter(|_| !ours) {
                let run: String = run.iter().collect();
                assert!(!text.contains(&run), "an error repeats {run:?}");
            }
            if let connectors::ConnectorError::RateLimited { retry_after } = error {
                assert_eq!((status.as_u16(), retry_after), (429, wait));
            }
        }
    }
}
