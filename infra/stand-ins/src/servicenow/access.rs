//! Who calls: Basic, a token of the token endpoint, or an API key; and what he may.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::fault;
use crate::{Answer, Seen};

/// Who may call.
pub struct Access {
    /// Passwords by user name.
    pub passwords: BTreeMap<String, String>,
    /// Secrets of OAuth clients by their id.
    pub clients: BTreeMap<String, String>,
    /// API keys that are good.
    pub keys: BTreeSet<String>,
    /// The caller's roles.
    pub roles: BTreeSet<String>,
    /// Whether the token's or key's authentication scope covers the APIs.
    pub in_scope: bool,
    /// Whether the password grant is disabled, as hardening recommends.
    pub password_grant_disabled: bool,
    /// What tokens say of their life, in seconds.
    pub expires_in: u64,
    /// How many requests each token issued from now on is good for, before it expires.
    pub requests_per_token: Option<usize>,
    /// How many tokens were issued.
    pub issued: usize,
    /// How many requests were refused as not authenticated.
    pub refused: usize,
    tokens: BTreeMap<String, Option<usize>>,
    refresh_tokens: BTreeSet<String>,
}

const SCHEMES: &str = "the caller proves itself in one way: Basic, Bearer or x-sn-apikey";

impl Access {
    pub(super) fn new() -> Self {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        Self {
            passwords: one("agent", "Pa55-agent"),
            clients: one("client-1", "oauth-secret"),
            keys: BTreeSet::from(["now_key_of_ops".to_owned()]),
            roles: BTreeSet::from(["itil".to_owned(), "admin".to_owned()]),
            in_scope: true,
            password_grant_disabled: false,
            expires_in: 1799,
            requests_per_token: None,
            issued: 0,
            refused: 0,
            tokens: BTreeMap::new(),
            refresh_tokens: BTreeSet::new(),
        }
    }

    /// Revokes every token that was issued so far.
    pub fn revoke_tokens(&mut self) {
        self.tokens.clear();
        self.refresh_tokens.clear();
    }

    /// Issues no token to anybody any more.
    pub fn forget_clients(&mut self) {
        self.clients.clear();
    }

    /// A refresh token, as an administrator would have got one.
    pub fn refresh_token(&mut self) -> String {
        let token = "refresh-0".to_owned();
        self.refresh_tokens.insert(token.clone());
        token
    }

    /// Takes a role away.
    pub fn lose_role(&mut self, role: &str) {
        self.roles.remove(role);
    }

    pub(super) fn has(&self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.roles.contains(*role))
    }

    /// The caller's user name.
    pub(super) fn caller(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Result<String, Answer> {
        let known = self.known(seen, violations);
        if !known {
            self.refused += 1;
            return Err(fault::not_authenticated());
        }
        if !self.in_scope {
            return Err(fault::out_of_scope());
        }
        Ok(seen.basic().map_or_else(|| "agent".to_owned(), |(user, _)| user))
    }

    fn known(&mut self, seen: &Seen, violations: &mut Vec<String>) -> bool {
        let (authorization, key) = (seen.header("authorization"), seen.header("x-sn-apikey"));
        if authorization.is_empty() == key.is_empty() {
            violations.push(format!("{} {}: {SCHEMES}", seen.method, seen.path));
        }
        if !key.is_empty() {
            return self.keys.contains(key);
        }
        if let Some((user, password)) = seen.basic() {
            return self.passwords.get(&user) == Some(&password);
        }
        let Some(left) = self.tokens.get_mut(seen.bearer()) else { return false };
        match left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }

    /// The token endpoint. It takes a form and nothing else.
    pub(super) fn token(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        let mut note = |what: &str| violations.push(format!("{} {}: {what}", seen.method, seen.path));
        if seen.method != "POST" || !seen.query.is_empty() {
            note("the token endpoint takes a POST, and nothing in its query");
            return denied("access_denied");
        }
        if seen.content_type() != "application/x-www-form-urlencoded" {
            note("the token endpoint takes a form");
            return denied("access_denied");
        }
        if !seen.header("x-sn-apikey").is_empty() || !seen.bearer().is_empty() {
            note("no token is sent to the token endpoint");
        }
        let field = |name| seen.field(name).unwrap_or_default();
        let (id, secret) = match seen.basic() {
            Some(pair) => pair,
            None => (field("client_id"), field("client_secret")),
        };
        let grant = field("grant_type");
        let known: &[&str] = match grant.as_str() {
            "client_credentials" => &["grant_type", "client_id", "client_secret", "scope"],
            "password" => &["grant_type", "client_id", "client_secret", "username", "password", "scope"],
            "refresh_token" => &["grant_type", "client_id", "client_secret", "refresh_token"],
            _ => &[],
        };
        for (name, _) in seen.form_pairs() {
            if !known.contains(&name.as_str()) {
                note(&format!("the grant {grant:?} has no field {name}"));
            }
        }
        if self.clients.get(&id) != Some(&secret) {
            return denied("access_denied");
        }
        let granted = match grant.as_str() {
            "client_credentials" => true,
            "password" => {
                !self.password_grant_disabled
                    && self.passwords.get(&field("username")) == Some(&field("password"))
            }
            "refresh_token" => self.refresh_tokens.contains(&field("refresh_token")),
            _ => {
                let body =
                    json!({"error": "unsupported_grant_type", "error_description": "unsupported_grant_type"});
                return Answer::json(400, &body);
            }
        };
        if !granted {
            return denied("access_denied");
        }
        self.issued += 1;
        let token = format!("token-{}", self.issued);
        self.tokens.insert(token.clone(), self.requests_per_token);
        let mut body = json!({
            "access_token": token,
            "scope": "useraccount",
            "token_type": "Bearer",
            "expires_in": self.expires_in,
        });
        if grant != "client_credentials" {
            let refresh = format!("refresh-{}", self.issued);
            self.refresh_tokens.insert(refresh.clone());
            body.as_object_mut().map(|body| body.insert("refresh_token".to_owned(), json!(refresh)));
        }
        Answer::json(200, &body)
    }
}

/// The vendor says the same of a wrong client, a wrong secret and a wrong password.
fn denied(why: &str) -> Answer {
    Answer::json(401, &json!({"error": "server_error", "error_description": why}))
}
