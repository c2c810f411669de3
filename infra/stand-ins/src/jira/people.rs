//! Accounts.

use serde_json::{Value, json};

use super::{
    Jira,
    access::Caller,
    body::{known_query, number},
    refusals,
};
use crate::{Answer, Seen};

/// One account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its id.
    pub account_id: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Whether the address is shown; a search finds it either way.
    pub email_shown: bool,
    /// Whether issues can be assigned to it.
    pub assignable: bool,
}

pub(super) fn everybody() -> Vec<Person> {
    let person = |id: &str, name: &str, email: &str| Person {
        account_id: format!("712020:{id}"),
        name: name.into(),
        email: email.into(),
        email_shown: true,
        assignable: true,
    };
    vec![
        person("bot", "Integration Bot", super::EMAIL),
        person("ada", "Ada Lovelace", "ada@example.com"),
        person("ben", "Ben Okri", "ben@example.com"),
    ]
}

impl Jira {
    pub(super) fn person(&self, account_id: &str) -> Option<Value> {
        self.people.iter().find(|person| person.account_id == account_id).map(|person| self.account(person))
    }

    fn account(&self, person: &Person) -> Value {
        let mut shown = json!({
            "self": format!("{}/rest/api/3/user?accountId={}", self.base, person.account_id),
            "accountId": person.account_id, "accountType": "atlassian", "displayName": person.name,
            "active": true, "timeZone": "Europe/Amsterdam",
        });
        if person.email_shown
            && let Some(shown) = shown.as_object_mut()
        {
            shown.insert("emailAddress".into(), json!(person.email));
        }
        shown
    }

    pub(super) fn myself(
        &self,
        seen: &Seen,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        known_query(seen, &["expand"], violations);
        match caller {
            Caller::Account => {
                let me = self.people.iter().find(|person| person.email == super::EMAIL);
                Ok(refusals::json(200, &me.map(|me| self.account(me)).unwrap_or_default()))
            }
            Caller::Nobody { .. } => Err(refusals::unauthenticated()),
        }
    }

    pub(super) fn assignable(
        &self,
        seen: &Seen,
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let known = [
            "query",
            "sessionId",
            "accountId",
            "project",
            "issueKey",
            "issueId",
            "startAt",
            "maxResults",
            "actionDescriptorId",
            "recommend",
            "accountType",
            "appType",
        ];
        known_query(seen, &known, violations);
        if matches!(caller, Caller::Nobody { .. }) {
            return Err(refusals::unauthenticated());
        }
        let is_id = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
        let issue = match (seen.parameter("issueKey"), seen.parameter("issueId")) {
            // Each takes what it is called after.
            (Some(key), _) if is_id(&key) => return Err(refusals::no_issue()),
            (None, Some(id)) if !is_id(&id) => return Err(refusals::no_issue()),
            (key, id) => key.or(id),
        };
        match (issue, seen.parameter("project")) {
            (Some(issue), _) => self.issue(&issue, caller).map(|_| ())?,
            (None, Some(project)) if self.projects.contains(&project) => {}
            (None, Some(project)) => {
                return Err(refusals::message(
                    404,
                    &format!("No project could be found with key '{project}'."),
                ));
            }
            (None, None) => return Err(refusals::message(400, "Please provide a project or an issue key.")),
        }
        let (wanted, account) = (seen.parameter("query"), seen.parameter("accountId"));
        if wanted.is_none() && account.is_none() {
            return Err(refusals::message(400, "Please provide 'query' or 'accountId'."));
        }
        let start = number(seen, "startAt", 0)?;
        let most = number(seen, "maxResults", 50)?.min(1000);
        // First the users of the range, then those of them that fit.
        let found: Vec<Value> = self
            .people
            .iter()
            .filter(|person| fits(person, wanted.as_deref()))
            .filter(|person| account.as_ref().is_none_or(|account| *account == person.account_id))
            .skip(start)
            .take(most)
            .filter(|person| person.assignable)
            .map(|person| self.account(person))
            .collect();
        Ok(refusals::json(200, &Value::Array(found)))
    }
}

/// A query matches the beginning of the address, of the name, or of one of the name's words.
fn fits(person: &Person, query: Option<&str>) -> bool {
    let Some(query) = query.map(str::to_lowercase) else { return true };
    let name = person.name.to_lowercase();
    let begins = |text: &str| text.starts_with(&query);
    begins(&person.email.to_lowercase()) || begins(&name) || name.split(' ').any(begins)
}
