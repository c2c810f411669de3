//! Who calls, and what that lets him do.

use super::{API_TOKEN, EMAIL, Jira, SCOPED_TOKEN, refusals};
use crate::{Answer, Seen};

/// Where a request arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Site,
    Gateway,
}

/// Who calls.
pub(super) enum Caller {
    Account,
    /// A site serves what the public may see, and says in a header that it did not know the password.
    Nobody {
        refused: bool,
    },
}

impl Caller {
    /// How one is told that he may not.
    pub(super) fn no_permission(&self) -> Answer {
        match self {
            Self::Account => refusals::message(403, "You do not have the permission to do this."),
            Self::Nobody { .. } => refusals::unauthenticated(),
        }
    }
}

impl Jira {
    pub(super) fn caller(
        &self,
        seen: &Seen,
        place: Place,
        path: &[&str],
        violations: &mut Vec<String>,
    ) -> Result<Caller, Answer> {
        if seen.header("authorization").is_empty() {
            violations.push(format!("{} {} proves nobody", seen.method, seen.path));
        }
        match place {
            Place::Site => self.at_site(seen),
            Place::Gateway => self.at_gateway(seen, path).map(|()| Caller::Account),
        }
    }

    fn at_site(&self, seen: &Seen) -> Result<Caller, Answer> {
        if !seen.bearer().is_empty() {
            let body = r#"{"error":"Failed to parse Connect Session Auth Token"}"#;
            return Err(Answer::new(403, "application/json", body));
        }
        let Some((user, token)) = seen.basic() else { return Ok(Caller::Nobody { refused: false }) };
        // A token with scopes is none here.
        let known = user.eq_ignore_ascii_case(EMAIL) && token == API_TOKEN && self.has(API_TOKEN);
        Ok(if known { Caller::Account } else { Caller::Nobody { refused: !user.is_empty() } })
    }

    fn at_gateway(&self, seen: &Seen, path: &[&str]) -> Result<(), Answer> {
        let scoped = match seen.basic() {
            Some((user, token)) if user.eq_ignore_ascii_case(EMAIL) => match token.as_str() {
                API_TOKEN if self.has(API_TOKEN) => false,
                SCOPED_TOKEN if self.has(SCOPED_TOKEN) => true,
                _ => return Err(refusals::gateway(401, "Unauthorized")),
            },
            None if self.bearers.contains(seen.bearer()) => true,
            None if seen.bearer() == SCOPED_TOKEN && self.has(SCOPED_TOKEN) => true,
            _ => return Err(refusals::gateway(401, "Unauthorized")),
        };
        if scoped && !self.scopes.contains(needed(&seen.method, path)) {
            return Err(refusals::gateway(401, "Unauthorized; scope does not match"));
        }
        Ok(())
    }

    fn has(&self, token: &str) -> bool {
        self.api_tokens.contains(token)
    }
}

/// The classic scope that the documentation names for an operation.
fn needed(method: &str, path: &[&str]) -> &'static str {
    match (method, path) {
        (_, ["myself"] | ["user", ..]) => "read:jira-user",
        ("GET", _) | (_, ["search", ..]) => "read:jira-work",
        _ => "write:jira-work",
    }
}
