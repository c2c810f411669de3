//! HubSpot's CRM, written from its API specification of 2026-09 (contacts, companies, deals, owners, pipelines,
//! associations, account information, OAuth) and its guides to errors, usage and search. It serves the dated versions
//! 2026-09 and 2026-03 and the numbered one side by side.

#![expect(clippy::indexing_slicing, reason = "an absent member of JSON reads as null")]

mod account;
mod batches;
mod errors;
mod kinds;
mod oauth;
mod objects;
mod records;
mod search;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use self::{
    errors::{burst, burst_of_searches, daily, edge, internal_error, locked, migrating},
    oauth::{CLIENT, PRIVATE_TOKEN, REFRESH_TOKEN},
};
use self::{
    errors::{invalid, missing_scope, no_kind, no_route},
    kinds::{KINDS, Kind, PIPELINES},
    oauth::Tokens,
    records::{AT, Records},
};
use crate::{Answer, Vendor, seen::Seen, strict};

/// The versions by date that are served.
const DATED: [&str; 2] = ["2026-09", "2026-03"];

/// One account.
pub struct HubSpot {
    base: String,
    tokens: Tokens,
    scopes: BTreeSet<String>,
    records: Records,
    owners: u64,
}

/// Where a path leads.
enum Place<'p> {
    Account,
    Usage,
    Objects(&'p [&'p str]),
    Owners,
    Pipelines(&'p str),
}

impl Vendor for HubSpot {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        let segments = seen.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if let ["oauth", version, "token"] = path[..]
            && (DATED.contains(&version) || version == "v3" || version == "v1")
        {
            return self.tokens.issue(seen, violations);
        }
        let Some(place) = place(&path) else { return no_route(404) };
        let issued = match self.tokens.admit(seen) {
            Ok(issued) => issued,
            Err(refusal) => return refusal,
        };
        let answer = self.at(&place, seen, violations).unwrap_or_else(|refusal| refusal);
        if path.ends_with(&["search"]) {
            return answer;
        }
        let answer = answer
            .header("X-HubSpot-RateLimit-Interval-Milliseconds", 10_000)
            .header("X-HubSpot-RateLimit-Max", 190)
            .header("X-HubSpot-RateLimit-Remaining", 189);
        if issued {
            return answer;
        }
        answer
            .header("X-HubSpot-RateLimit-Daily", 250_000)
            .header("X-HubSpot-RateLimit-Daily-Remaining", 249_000)
    }
}

impl HubSpot {
    /// An account without records, whose tokens may do everything.
    pub fn new(base: &str) -> Self {
        let objects = KINDS
            .iter()
            .flat_map(|kind| ["read", "write"].map(|right| format!("crm.objects.{}.{right}", kind.scope)));
        let scopes = objects.chain(["oauth", "crm.objects.owners.read"].map(str::to_owned)).collect();
        Self { base: base.to_owned(), tokens: Tokens::new(), scopes, records: Records::default(), owners: 3 }
    }

    /// Makes records: person 1 has the e-mail `person1@example.com`. Gives their ids.
    ///
    /// # Panics
    /// Where there is no kind of that name.
    #[expect(clippy::panic, reason = "a test that misnames a kind can't go on")]
    pub fn seed(&mut self, kind: &str, count: u64) -> Vec<String> {
        let Some(kind) = Kind::find(kind) else { panic!("no kind `{kind}`") };
        let make = |n: u64| {
            let properties: Vec<(&str, String)> = match kind.name {
                "contacts" => vec![
                    ("email", format!("person{n}@example.com")),
                    ("firstname", format!("Person {n}")),
                    ("company", if n.is_multiple_of(2) { "Even Ltd" } else { "Odd Inc" }.to_owned()),
                ],
                "companies" => vec![("name", format!("Company {n}")), ("erp_id", format!("E-{n}"))],
                "deals" => vec![
                    ("dealname", format!("Deal {n}")),
                    ("amount", (n * 100).to_string()),
                    ("pipeline", "default".to_owned()),
                    ("dealstage", "appointmentscheduled".to_owned()),
                ],
                "tickets" => vec![("subject", format!("Ticket {n}"))],
                _ => vec![("hs_timestamp", AT.to_owned()), ("hs_note_body", format!("Note {n}"))],
            };
            properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>()
        };
        (1..=count).map(|n| self.records.create(kind, make(n)).to_string()).collect()
    }

    /// Sets how many owners there are.
    pub fn seed_owners(&mut self, count: u64) {
        self.owners = count;
    }

    /// A property of a record; `archived` says whether it is.
    pub fn property(&self, kind: &str, id: &str, name: &str) -> Option<String> {
        let kind = Kind::find(kind)?;
        let record = self.records.all(kind).find(|record| record.id.to_string() == id)?;
        if name == "archived" { Some(record.archived.to_string()) } else { record.value(kind, name) }
    }

    /// The records of a kind to which a record is linked.
    pub fn links(&self, kind: &str, id: &str) -> Vec<(&'static str, String)> {
        let record = Kind::find(kind).and_then(|kind| self.records.find(kind, id, None));
        record.into_iter().flat_map(|r| r.links.iter().map(|(kind, id)| (*kind, id.to_string()))).collect()
    }

    /// How many records of a kind there are, archived ones too.
    pub fn count(&self, kind: &str) -> usize {
        Kind::find(kind).map_or(0, |kind| self.records.all(kind).count())
    }

    /// No token is known any more; new ones may be issued.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke();
    }

    /// The refresh token is not taken any more either.
    pub fn revoke_app(&mut self) {
        self.tokens.revoke_refresh();
    }

    /// Every token so far has expired.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire();
    }

    /// Every token so far expires after so many further calls.
    pub fn expire_tokens_after(&mut self, calls: usize) {
        self.tokens.expire_after(calls);
    }

    /// How long tokens are said to live from now on, in seconds.
    pub fn tokens_live(&mut self, seconds: u64) {
        self.tokens.expires_in = seconds;
    }

    /// How many tokens were issued.
    pub fn issued(&self) -> usize {
        self.tokens.issued
    }

    /// The tokens lose a scope.
    pub fn lose_scope(&mut self, scope: &str) {
        self.scopes.remove(scope);
    }

    fn needs(&self, scope: &str) -> Result<(), Answer> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(missing_scope(scope)) }
    }

    fn at(&mut self, place: &Place<'_>, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        if let Place::Objects(rest) = place {
            return self.objects(seen, rest, violations);
        }
        if seen.method != "GET" {
            return Err(no_route(405));
        }
        match place {
            Place::Account => {
                violations.extend(strict::query(seen, &[]));
                self.needs("oauth")?;
                Ok(Answer::json(200, &account::account()))
            }
            Place::Usage => {
                violations.extend(strict::query(seen, &[]));
                Ok(Answer::json(200, &account::usage()))
            }
            Place::Owners => self.list_owners(seen, violations),
            Place::Pipelines(name) => self.list_pipelines(name, seen, violations),
            Place::Objects(_) => Err(no_route(404)),
        }
    }

    fn list_owners(&self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &["after", "archived", "email", "limit"]));
        self.needs("crm.objects.owners.read")?;
        let limit = Self::limit(seen, 100)?;
        let after = match seen.parameter("after") {
            None => 1,
            Some(after) => after.parse().map_err(|_| invalid("after must be a valid cursor"))?,
        };
        let email = seen.parameter("email");
        let found = (1..=self.owners)
            .filter(|n| email.as_ref().is_none_or(|email| *email == format!("owner{n}@example.com")));
        let mut rest = found.filter(|n| *n >= after);
        let page: Vec<Value> = rest.by_ref().take(limit).map(account::owner).collect();
        let mut body = json!({"results": page});
        if let Some(next) = rest.next() {
            body["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Ok(Answer::json(200, &body))
    }

    fn list_pipelines(
        &self,
        name: &str,
        seen: &Seen,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        violations.extend(strict::query(seen, &[]));
        let kind = Kind::find(name).ok_or_else(|| no_kind(name))?;
        self.needs(&format!("crm.objects.{}.read", kind.scope))?;
        let pipelines = PIPELINES.iter().filter(|_| kind.name == "deals").enumerate();
        let results: Vec<Value> =
            pipelines.map(|(order, pipeline)| account::pipeline(order, pipeline)).collect();
        Ok(Answer::json(200, &json!({"results": results})))
    }

    /// The page size that a list asks for.
    fn limit(seen: &Seen, default: usize) -> Result<usize, Answer> {
        let Some(limit) = seen.parameter("limit") else { return Ok(default) };
        let limit = limit.parse().ok().filter(|limit| (1..=100).contains(limit));
        limit.ok_or_else(|| invalid("Invalid limit: must be between 1 and 100"))
    }

    /// The names in a list of a body.
    fn names(list: &Value) -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The JSON of a body, which must be said to be that.
    fn body(seen: &Seen, violations: &mut Vec<String>) -> Result<Value, Answer> {
        if seen.content_type() != "application/json" {
            violations.push(format!("{} {}: a body of `{}`", seen.method, seen.path, seen.content_type()));
            return Err(no_route(415));
        }
        let body = seen.json();
        if !body.is_object() {
            violations.push(format!("{} {}: the body is no JSON object", seen.method, seen.path));
            return Err(invalid("Invalid input JSON on line 1, column 1"));
        }
        Ok(body)
    }
}

fn place<'p>(path: &'p [&'p str]) -> Option<Place<'p>> {
    Some(match path {
        ["crm", "objects", version, rest @ ..] if DATED.contains(version) => Place::Objects(rest),
        // The numbered version keeps its default associations in version 4.
        ["crm", "v4", "objects", rest @ ..] if rest.get(2) == Some(&"associations") => Place::Objects(rest),
        ["crm", "v3", "objects", _, _, "associations", ..] => return None,
        ["crm", "v3", "objects", rest @ ..] => Place::Objects(rest),
        ["crm", "owners", version] if DATED.contains(version) => Place::Owners,
        ["crm", "v3", "owners"] => Place::Owners,
        ["crm", "pipelines", version, name] if DATED.contains(version) => Place::Pipelines(name),
        ["crm", "v3", "pipelines", name] => Place::Pipelines(name),
        ["account-info", version, "details"] if DATED.contains(version) || *version == "v3" => Place::Account,
        ["account-info", version, "api-usage", "daily", "private-apps"]
            if DATED.contains(version) || *version == "v3" =>
        {
            Place::Usage
        }
        _ => return None,
    })
}
