//! Tokens: what the account's administrator made, and what the token endpoint issues.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::errors::{self, CORRELATION, invalid, no_route};
use crate::{Answer, seen::Seen, strict};

/// The client that the token endpoint knows.
pub const CLIENT: (&str, &str) = ("0fc1a2d3-client", "1b2c3d4e-client-secret");
/// The refresh token that it takes.
pub const REFRESH_TOKEN: &str = "na1-3f1e-refresh";
/// A token of a private app or service key, which lives until it is revoked.
pub const PRIVATE_TOKEN: &str = "pat-na1-11111111-2222-3333-4444-555555555555";

/// Who may call.
pub(super) struct Tokens {
    valid: BTreeSet<String>,
    expired: BTreeSet<String>,
    pub(super) issued: usize,
    pub(super) expires_in: u64,
    refreshable: bool,
    /// How many calls the tokens still take, where they take no more after some.
    calls_left: Option<usize>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            valid: BTreeSet::from([PRIVATE_TOKEN.to_owned()]),
            expired: BTreeSet::new(),
            issued: 0,
            expires_in: 1800,
            refreshable: true,
            calls_left: None,
        }
    }

    pub(super) fn revoke(&mut self) {
        self.valid.clear();
    }

    pub(super) fn revoke_refresh(&mut self) {
        self.refreshable = false;
        self.valid.clear();
    }

    pub(super) fn expire(&mut self) {
        self.expired.append(&mut self.valid);
    }

    pub(super) fn expire_after(&mut self, calls: usize) {
        self.calls_left = Some(calls);
    }

    /// Whether a call may go on; says whether its token came from the token endpoint.
    pub(super) fn admit(&mut self, seen: &Seen) -> Result<bool, Answer> {
        match &mut self.calls_left {
            Some(0) => {
                self.calls_left = None;
                self.expire();
            }
            Some(left) => *left -= 1,
            None => {}
        }
        let token = seen.bearer();
        if self.expired.contains(token) {
            return Err(errors::expired());
        }
        if !self.valid.contains(token) {
            return Err(errors::no_token());
        }
        Ok(token != PRIVATE_TOKEN)
    }

    /// The token endpoint.
    pub(super) fn issue(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.method != "POST" {
            return no_route(405);
        }
        if seen.content_type() != "application/x-www-form-urlencoded" {
            violations.push(format!("a token request is a form, not `{}`", seen.content_type()));
            return no_route(415);
        }
        // Secrets in a URL end up in logs; the current endpoint takes them in the body alone.
        violations.extend(strict::query(seen, &[]));
        let fields: BTreeMap<String, String> = seen.form_pairs().into_iter().collect();
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if field("grant_type") != "refresh_token" {
            return refusal("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type");
        }
        let known = ["grant_type", "client_id", "client_secret", "refresh_token", "redirect_uri", "scope"];
        let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
        violations.extend(unknown.map(|name| format!("a token request has no field `{name}`")));
        if field("client_id") != CLIENT.0 {
            return refusal("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id");
        }
        if field("client_secret") != CLIENT.1 {
            return refusal("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret");
        }
        if field("refresh_token") != REFRESH_TOKEN || !self.refreshable {
            return refusal("BAD_REFRESH_TOKEN", "invalid_grant", "missing or invalid refresh token");
        }
        if self.expires_in == 0 {
            return invalid("the stand-in issues no tokens that are never valid");
        }
        self.issued += 1;
        let token = format!("CKz-access-{}", self.issued);
        self.valid.insert(token.clone());
        Answer::json(
            200,
            &json!({
                "token_type": "bearer",
                "refresh_token": REFRESH_TOKEN,
                "access_token": token,
                "hub_id": 62_515,
                "scopes": ["oauth", "crm.objects.contacts.read"],
                "expires_in": self.expires_in,
            }),
        )
    }
}

/// The older members beside those of the standard, as the newer endpoints answer.
fn refusal(status: &str, error: &str, message: &str) -> Answer {
    let body = json!({
        "status": status,
        "message": message,
        "correlationId": CORRELATION,
        "error": error,
        "error_description": message,
    });
    Answer::json(400, &body)
}
