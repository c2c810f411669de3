//! Tokens by client credentials.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::errors::{self, no_grant};
use crate::{Answer, seen::Seen, strict};

/// The client that the token endpoint knows.
pub const CLIENT: (&str, &str) = ("Hs0sNkpTXeu0t2Hw2rLITofK8QELGdfsf", "nV4rPd0Qz7LwXk2c");

/// What has become of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Valid,
    Expired,
    Revoked,
}

/// Every token so far.
pub(super) struct Tokens {
    all: BTreeMap<String, State>,
    pub(super) offices: BTreeSet<String>,
    pub(super) expires_in: u64,
    pub(super) client_known: bool,
    /// How many calls the tokens still take, where they take no more after some.
    pub(super) calls_left: Option<usize>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            all: BTreeMap::new(),
            offices: BTreeSet::new(),
            expires_in: 1799,
            client_known: true,
            calls_left: None,
        }
    }

    pub(super) fn issued(&self) -> usize {
        self.all.len()
    }

    pub(super) fn expire(&mut self) {
        self.all.values_mut().for_each(|state| *state = State::Expired);
    }

    pub(super) fn revoke(&mut self) {
        self.all.values_mut().for_each(|state| *state = State::Revoked);
    }

    pub(super) fn admit(&mut self, seen: &Seen) -> Result<(), Answer> {
        match &mut self.calls_left {
            Some(0) => {
                self.calls_left = None;
                self.expire();
            }
            Some(left) => *left -= 1,
            None => {}
        }
        if seen.bearer().is_empty() {
            return Err(errors::no_header());
        }
        match self.all.get(seen.bearer()) {
            Some(State::Valid) => Ok(()),
            Some(State::Expired) => Err(errors::expired_token()),
            Some(State::Revoked) => Err(errors::revoked_token()),
            None => Err(errors::invalid_token()),
        }
    }

    /// The token endpoint.
    pub(super) fn issue(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        violations.extend(strict::query(seen, &[]));
        if seen.method != "POST" {
            return errors::no_resource();
        }
        if seen.content_type() != "application/x-www-form-urlencoded" {
            violations.push(format!("a token request is a form, not `{}`", seen.content_type()));
            return no_grant(400, "invalid_request", "Mandatory grant_type form parameter missing");
        }
        let known = ["grant_type", "client_id", "client_secret", "guest_office_id"];
        let fields = seen.form_pairs();
        let unknown = fields.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        violations.extend(unknown.map(|(name, _)| format!("a token request has no field `{name}`")));
        let field = |name: &str| seen.field(name).unwrap_or_default();
        if field("grant_type") != "client_credentials" {
            let why = "Only client_credentials value is allowed for the body parameter grant_type";
            return no_grant(400, "unsupported_grant_type", why);
        }
        if field("client_id") != CLIENT.0 || field("client_secret") != CLIENT.1 || !self.client_known {
            return no_grant(401, "invalid_client", "Client credentials are invalid");
        }
        self.offices.extend(seen.field("guest_office_id"));
        let token = format!("f8XgboI1oKyNw7w23bnnAbFANidf{:04}", self.all.len() + 1);
        self.all.insert(token.clone(), State::Valid);
        Answer::json(
            200,
            &json!({
                "type": "amadeusOAuth2Token",
                "username": "platform@example.com",
                "application_name": "agents",
                "client_id": CLIENT.0,
                "token_type": "Bearer",
                "access_token": token,
                "expires_in": self.expires_in,
                "state": "approved",
                "scope": "",
            }),
        )
    }
}
