//! The token endpoint (auth.atlassian.com), as service accounts use it.

use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, Jira};
use crate::{Answer, Seen};

const KNOWN: [&str; 5] = ["grant_type", "client_id", "client_secret", "scope", "audience"];

impl Jira {
    pub(super) fn token(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.method != "POST" {
            violations.push(format!("{} of the token endpoint", seen.method));
            return Answer::new(404, "text/plain", "Not Found");
        }
        let sent: Vec<(String, String)> = match seen.content_type().as_str() {
            "application/x-www-form-urlencoded" => seen.form_pairs(),
            "application/json" => {
                let json = seen.json();
                let text = |(name, value): (&String, &Value)| {
                    (name.clone(), value.as_str().unwrap_or_default().to_owned())
                };
                json.as_object().into_iter().flatten().map(text).collect()
            }
            other => {
                violations.push(format!("the token endpoint takes no {other:?}"));
                return denied(415, "invalid_request", "Unsupported content type");
            }
        };
        for (name, _) in &sent {
            if !KNOWN.contains(&name.as_str()) {
                violations.push(format!("the token endpoint knows no {name}"));
            }
        }
        let field = |name: &str| {
            sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        if field("grant_type") != "client_credentials" {
            let why = format!("Grant type '{}' not allowed for the client.", field("grant_type"));
            return denied(403, "unauthorized_client", &why);
        }
        let proved = field("client_id") == CLIENT_ID && field("client_secret") == CLIENT_SECRET;
        if !proved || !self.client_known {
            return denied(401, "access_denied", "Unauthorized");
        }
        self.issued += 1;
        let token = format!("eyJ.bearer-{}.sig", self.issued);
        self.bearers.insert(token.clone());
        let scope: Vec<&str> = self.scopes.iter().copied().collect();
        let granted = json!({
            "access_token": token, "expires_in": self.token_life, "token_type": "Bearer", "scope": scope.join(" "),
        });
        Answer::json(200, &granted).header("cache-control", "no-store")
    }
}

fn denied(status: u16, error: &str, why: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": why}))
}
