//! Jira Cloud's REST API, version 3: at a site (`/rest/api/3`), at the gateway (`/ex/jira/{cloudId}/rest/api/3`), and
//! the endpoint that gives service accounts their tokens (`/oauth/token`).
//!
//! Written from developer.atlassian.com/cloud/jira/platform/rest/v3, its OpenAPI document, the pages on rate limits and
//! on tokens with scopes. Where a real site is known to differ from them, it is followed: a site takes a wrong
//! password on what the public may read as nobody's request, and says so in a header alone; the gateway answers 401
//! where a scope lacks.

mod access;
mod adf;
mod body;
mod comments;
mod fields;
mod issues;
mod jql;
mod lists;
mod people;
mod refusals;
mod search;
mod tokens;
mod workflow;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::access::{Caller, Place};
pub use self::{
    people::Person,
    refusals::{limited, unavailable},
    workflow::Transition,
};
use crate::{Answer, Seen, Vendor};

/// The site that the gateway knows.
pub const CLOUD_ID: &str = "11111111-2222-3333-4444-555555555555";
/// The account that calls.
pub const EMAIL: &str = "bot@example.com";
/// Its token without scopes, which both hosts take.
pub const API_TOKEN: &str = "ATATT3xFfGF0-unscoped";
/// Its token with scopes, which the gateway alone takes.
pub const SCOPED_TOKEN: &str = "ATSTT3xFfGF0-scoped";
/// The service account's OAuth client.
pub const CLIENT_ID: &str = "client-5Hq8";
/// What it proves itself with.
pub const CLIENT_SECRET: &str = "ATOA-very-secret";
/// The scopes that its tokens have at first.
pub const SCOPES: [&str; 3] = ["read:jira-work", "write:jira-work", "read:jira-user"];

/// One issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Its number.
    pub id: u64,
    /// Its key.
    pub key: String,
    /// Its fields by id.
    pub fields: BTreeMap<String, Value>,
    /// Its comments.
    pub comments: Vec<Value>,
}

/// A Jira Cloud site, with its gateway and token endpoint.
pub struct Jira {
    base: String,
    /// Everybody who has an account.
    pub people: Vec<Person>,
    /// The projects' keys, in the order of their ids.
    pub projects: Vec<String>,
    /// The issues.
    pub issues: Vec<Issue>,
    /// The workflow.
    pub transitions: Vec<Transition>,
    /// The links: type, inward key, outward key.
    pub links: Vec<(String, String, String)>,
    /// The most issues of a page where more than ids and keys are asked for.
    pub page_cap: usize,
    /// Whether the account may only read.
    pub read_only: bool,
    /// What `expires_in` says.
    pub token_life: u64,
    /// How many tokens were issued.
    pub issued: usize,
    api_tokens: BTreeSet<&'static str>,
    scopes: BTreeSet<&'static str>,
    bearers: BTreeSet<String>,
    client_known: bool,
    next_id: u64,
}

impl Jira {
    /// A site with two projects, three people and no issues.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            people: people::everybody(),
            projects: vec!["ENG".into(), "OPS".into()],
            issues: Vec::new(),
            transitions: workflow::transitions(),
            links: Vec::new(),
            page_cap: 100,
            read_only: false,
            token_life: 3600,
            issued: 0,
            api_tokens: BTreeSet::from([API_TOKEN, SCOPED_TOKEN]),
            scopes: BTreeSet::from(SCOPES),
            bearers: BTreeSet::new(),
            client_known: true,
            next_id: 10_001,
        }
    }

    /// Withdraws every token that was issued, and the two API tokens for good; the OAuth client stays.
    pub fn revoke_tokens(&mut self) {
        self.bearers.clear();
        self.api_tokens.clear();
    }

    /// Withdraws the tokens that were issued, as their end does.
    pub fn expire_tokens(&mut self) {
        self.bearers.clear();
    }

    /// Forgets the OAuth client.
    pub fn forget_client(&mut self) {
        self.client_known = false;
    }

    /// Takes a scope from tokens with scopes.
    pub fn lose_scope(&mut self, scope: &str) {
        self.scopes.retain(|known| *known != scope);
    }

    /// Adds issues to a project, and gives their keys.
    pub fn seed(&mut self, project: &str, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| {
                let number = self.issues.len() + 1;
                let fields = [
                    ("project", self.project(project)),
                    ("issuetype", json!({"id": "10002", "name": "Task", "subtask": false})),
                    ("summary", json!(format!("Task number {number}"))),
                    ("labels", json!([])),
                ];
                self.add(project, fields.map(|(name, value)| (name.to_owned(), value)).into())
            })
            .collect()
    }

    /// Adds comments to an issue.
    pub fn seed_comments(&mut self, key: &str, count: usize) {
        for number in 1..=count {
            let comment = self.comment(&json!({"body": adf::text(&format!("Comment {number}"))}));
            if let Some(issue) = self.issues.iter_mut().find(|issue| issue.key == key) {
                issue.comments.push(comment);
            }
        }
    }

    /// A number that nothing has yet.
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }
}

impl Vendor for Jira {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        let segments = seen.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (place, path) = match path.as_slice() {
            ["oauth", "token"] => return self.token(seen, violations),
            ["rest", "api", "3", path @ ..] => (Place::Site, path),
            ["ex", "jira", CLOUD_ID, "rest", "api", "3", path @ ..] => (Place::Gateway, path),
            ["ex", "jira", ..] => return refusals::gateway(404, "Not Found"),
            _ => {
                violations.push(format!("{} is no path of Jira's", seen.path));
                return refusals::nothing_here(seen);
            }
        };
        if seen.header("accept") != "application/json" {
            violations.push(format!("{} {} asks for {:?}", seen.method, seen.path, seen.header("accept")));
        }
        let caller = match self.caller(seen, place, path, violations) {
            Ok(caller) => caller,
            Err(refusal) => return refusal,
        };
        let answer = self.route(seen, path, &caller, violations).unwrap_or_else(|refusal| refusal);
        match caller {
            Caller::Account => answer.header("x-aaccountid", "712020%3Abot"),
            Caller::Nobody { refused: true } => answer.header("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
            Caller::Nobody { refused: false } => answer,
        }
    }
}

impl Jira {
    fn route(
        &mut self,
        seen: &Seen,
        path: &[&str],
        caller: &Caller,
        violations: &mut Vec<String>,
    ) -> Result<Answer, Answer> {
        let method = seen.method.as_str();
        if let ["issue", key, ..] = path
            && !issues::is_key(key)
            && *key != "createmeta"
        {
            violations.push(format!("{key:?} can be no issue's id or key"));
        }
        let writes = !matches!((method, path), ("GET", _) | ("POST", ["search", ..]));
        if writes && (self.read_only || matches!(caller, Caller::Nobody { .. })) {
            return Err(caller.no_permission());
        }
        match (method, path) {
            ("GET", ["myself"]) => self.myself(seen, caller, violations),
            ("POST", ["search", "jql"]) => self.search(seen, caller, violations),
            ("POST", ["search", "approximate-count"]) => self.count(seen, caller, violations),
            (_, ["search"]) => Err(refusals::search_is_gone()),
            ("POST", ["issue"]) => self.create_issue(seen, violations),
            ("GET", ["issue", "createmeta", project, "issuetypes"]) => {
                self.issue_types(seen, project, caller, violations)
            }
            ("GET", ["issue", "createmeta", project, "issuetypes", kind]) => {
                self.create_fields(seen, (project, kind), caller, violations)
            }
            ("GET", ["issue", key]) => self.get_issue(seen, key, caller, violations),
            ("PUT", ["issue", key]) => self.edit_issue(seen, key, violations),
            ("GET", ["issue", key, "comment"]) => self.list_comments(seen, key, caller, violations),
            ("POST", ["issue", key, "comment"]) => self.add_comment(seen, key, violations),
            ("PUT", ["issue", key, "comment", id]) => self.edit_comment(seen, (key, id), violations),
            ("GET", ["issue", key, "transitions"]) => self.list_transitions(seen, key, caller, violations),
            ("POST", ["issue", key, "transitions"]) => self.transition(seen, key, violations),
            ("PUT", ["issue", key, "assignee"]) => self.assign(seen, key, violations),
            ("POST", ["issueLink"]) => self.link(seen, violations),
            ("GET", ["user", "assignable", "search"]) => self.assignable(seen, caller, violations),
            ("GET", ["project", "search"]) => self.project_search(seen, caller, violations),
            ("GET", ["issueLinkType"]) => Ok(lists::link_types(seen, violations)),
            ("GET", ["field"]) => Ok(lists::fields(seen, violations)),
            _ => {
                violations.push(format!("Jira has no {method} {}", seen.path));
                Err(refusals::nothing_here(seen))
            }
        }
    }
}
