//! Salesforce: the REST API and the token endpoint of a My Domain host, from the REST API Developer Guide (v66 to v68)
//! and from Salesforce Help on the OAuth flows. One org with a few objects, whose records can be made, read, changed,
//! searched and deleted.
//!
//! Salesforce answers an expired session, a withdrawn one, and one whose app lacks the scope `api` all with 401
//! `INVALID_SESSION_ID`; only the message tells the last one apart.

mod collections;
mod composite;
mod fault;
mod org;
mod records;
mod search;
mod soql;
mod token;
mod words;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

pub use self::token::{App, Trouble};
use self::{fault::Fault, org::Org};
use crate::{Answer, Seen, Vendor};

/// The latest version that this org speaks.
const LATEST: u32 = 68;
/// Versions up to this one answer 410 since Summer '25.
const RETIRED: u32 = 30;
/// The longest path and query that reach a resource, in bytes.
const LONGEST_URI: usize = 16_384;

/// A limit that Salesforce refuses requests for; both are 403 `REQUEST_LIMIT_EXCEEDED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// The org's requests of the last 24 hours.
    Daily,
    /// The long requests under way at once.
    Concurrent,
}

/// One org.
pub struct Salesforce {
    /// The host that token replies name; every call goes there.
    pub instance_url: String,
    /// The External Client App.
    pub app: App,
    /// How many calls a token is good for, as if its session then ran out.
    pub calls_of_a_token: Option<u32>,
    /// How many tokens were issued.
    pub issued: u32,
    /// Whether the app has the scope `api`.
    pub api_scope: bool,
    /// Whether the user may use the API at all.
    pub api_enabled: bool,
    /// The limit that is reached, if one is.
    pub spent: Option<Spent>,
    /// How many rows a page has at most, whatever is asked for: Salesforce promises no batch size.
    pub page_rows: usize,
    /// Calls in the last 24 hours, and how many there may be.
    pub usage: (u32, u32),
    /// The next writes find their record locked, this many times.
    pub locked: u32,
    pub(crate) org: Org,
    sessions: HashMap<String, u32>,
    locators: HashMap<String, Vec<Value>>,
    now: Box<dyn Fn() -> i64 + Send>,
}

impl Salesforce {
    /// An org behind this host, whose clock (seconds of the epoch) is given.
    pub fn new(host: &str, now: impl Fn() -> i64 + Send + 'static) -> Self {
        Self {
            instance_url: host.to_owned(),
            app: App::default(),
            calls_of_a_token: None,
            issued: 0,
            api_scope: true,
            api_enabled: true,
            spent: None,
            page_rows: 2_000,
            usage: (18, 15_000),
            locked: 0,
            org: Org::default(),
            sessions: HashMap::new(),
            locators: HashMap::new(),
            now: Box::new(now),
        }
    }

    /// Ends every session.
    pub fn revoke_tokens(&mut self) {
        self.sessions.clear();
    }

    /// Makes a record without any check, and gives its id.
    ///
    /// # Panics
    /// Where the org has no such object: the test can't go on.
    pub fn seed(&mut self, object: &str, fields: &Value) -> String {
        let fields = fields.as_object().cloned().unwrap_or_default();
        #[expect(clippy::expect_used, reason = "a test that seeds an unknown object can't go on")]
        let object = self.org.object(object).expect("the org has the object");
        object.insert(fields)
    }

    /// A record as it stands; null where there is none.
    pub fn record(&mut self, object: &str, id: &str) -> Value {
        let found = self.org.object(object).ok().and_then(|object| object.records.get(id).cloned());
        found.map_or(Value::Null, Value::Object)
    }

    /// How many records an object has.
    pub fn records(&mut self, object: &str) -> usize {
        self.org.object(object).map_or(0, |object| object.records.len())
    }

    /// The user loses every right to an object.
    pub fn lose_right(&mut self, object: &str) {
        if let Ok(object) = self.org.object(object) {
            object.forbidden = true;
        }
    }

    fn route(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Result<Answer, Fault> {
        let segments = seen.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (version, rest) = match segments.as_slice() {
            ["services", "data"] => return Ok(Answer::json(200, &versions())),
            ["services", "data", version, rest @ ..] => (*version, rest),
            _ => return Err(Fault::no_resource()),
        };
        let number = version.strip_prefix('v').and_then(|text| text.strip_suffix(".0"));
        let number: u32 = number.and_then(|text| text.parse().ok()).ok_or_else(Fault::no_resource)?;
        self.admit(seen)?;
        if number <= RETIRED {
            return Err(Fault::new(410, "GONE", "The requested resource has been retired or removed"));
        }
        if number > LATEST {
            return Err(Fault::no_resource());
        }
        let call = Call::new(seen, version, violations)?;
        self.resource(&call, rest)
    }

    /// Who calls, and whether the org has something left to give.
    fn admit(&mut self, seen: &Seen) -> Result<(), Fault> {
        let invalid = || Fault::new(401, "INVALID_SESSION_ID", "Session expired or invalid");
        let left = self.sessions.get_mut(seen.bearer()).ok_or_else(invalid)?;
        if *left == 0 {
            return Err(invalid());
        }
        *left -= 1;
        if !self.api_scope {
            let why = "This session is not valid for use with the REST API";
            return Err(Fault::new(401, "INVALID_SESSION_ID", why));
        }
        if !self.api_enabled {
            let why = "API is not enabled for this Organization or Partner";
            return Err(Fault::new(403, "API_DISABLED_FOR_ORG", why));
        }
        let why = match self.spent {
            Some(Spent::Daily) => "TotalRequests Limit exceeded.",
            Some(Spent::Concurrent) => "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            None => {
                self.usage.0 += 1;
                return Ok(());
            }
        };
        Err(Fault::new(403, "REQUEST_LIMIT_EXCEEDED", why))
    }

    /// One resource of the API; the parts of a composite request come here too.
    fn resource(&mut self, call: &Call, path: &[&str]) -> Result<Answer, Fault> {
        // The guide writes some of these paths with a slash at the end.
        let path = match path {
            [head @ .., ""] if !head.is_empty() => head,
            other => other,
        };
        match (call.method.as_str(), path) {
            ("GET", ["limits"]) => call.takes(&[]).map(|()| self.limits()),
            ("GET", ["query"]) => self.query(call),
            ("GET", ["query", locator]) => call.takes(&[]).and_then(|()| self.more(call, locator)),
            ("GET", ["search"]) => self.search(call),
            ("GET" | "POST", ["parameterizedSearch"]) => self.parameterized(call),
            ("POST", ["composite"]) => self.composite(call),
            (_, ["composite", "sobjects", rest @ ..]) => self.collections(call, rest),
            (_, ["sobjects", rest @ ..]) => self.sobjects(call, rest),
            (_, ["limits" | "query" | "search" | "parameterizedSearch" | "composite", ..]) => {
                let why = format!("HTTP Method '{}' not allowed. Allowed are GET,HEAD,POST", call.method);
                Err(Fault::new(405, "METHOD_NOT_ALLOWED", why))
            }
            _ => Err(Fault::no_resource()),
        }
    }

    fn limits(&self) -> Answer {
        let (used, most) = self.usage;
        Answer::json(
            200,
            &json!({
                "DailyApiRequests": {"Max": most, "Remaining": most.saturating_sub(used)},
                "DataStorageMB": {"Max": 1024, "Remaining": 1000},
                "SingleEmail": {"Max": 15, "Remaining": 15},
            }),
        )
    }

    /// A write may find its record locked by somebody else's.
    fn lock(&mut self) -> Result<(), Fault> {
        if self.locked == 0 {
            return Ok(());
        }
        self.locked -= 1;
        Err(Fault::new(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"))
    }
}

impl Vendor for Salesforce {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.path == "/services/oauth2/token" {
            return self.token(seen, violations);
        }
        if seen.path.len() + seen.query.len() > LONGEST_URI {
            return Answer::new(414, "text/html; charset=utf-8", "<h1>URI Too Long</h1>");
        }
        let answer = self.route(seen, violations).unwrap_or_else(|fault| {
            violations.extend(fault.violation.then(|| fault.message.clone()));
            fault.into()
        });
        let (used, most) = self.usage;
        answer.header("sforce-limit-info", format!("api-usage={used}/{most}"))
    }
}

/// One call of a resource, by itself or within a composite request.
struct Call {
    method: String,
    version: String,
    query: Vec<(String, String)>,
    /// The value of `Sforce-Query-Options`.
    options: String,
    body: Option<Value>,
}

impl Call {
    fn new(seen: &Seen, version: &str, violations: &mut Vec<String>) -> Result<Self, Fault> {
        let writes = matches!(seen.method.as_str(), "POST" | "PATCH" | "PUT");
        if !writes && !seen.body.is_empty() {
            violations.push(format!("{} {} has a body", seen.method, seen.path));
        }
        let body = if writes {
            if seen.content_type() != "application/json" {
                let kind = seen.content_type();
                let why = format!("Content-Type header specified in HTTP request is not supported: {kind}");
                return Err(Fault::new(415, "UNSUPPORTED_MEDIA_TYPE", why));
            }
            let parsed = serde_json::from_slice(&seen.body);
            Some(parsed.map_err(|_| Fault::parser("Unexpected end-of-input or character"))?)
        } else {
            None
        };
        Ok(Self {
            method: seen.method.clone(),
            version: version.to_owned(),
            query: seen.query_pairs(),
            options: seen.header("sforce-query-options").to_owned(),
            body,
        })
    }

    /// Whether it sends no query parameter but these. Salesforce ignores the others in silence, which would hide a
    /// client's mistake.
    fn takes(&self, known: &[&str]) -> Result<(), Fault> {
        match self.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Fault::violation(format!("{} takes no parameter {name}", self.method))),
            None => Ok(()),
        }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn object(&self) -> Result<&Map<String, Value>, Fault> {
        let body = self.body.as_ref().and_then(Value::as_object);
        body.ok_or_else(|| Fault::parser("Cannot deserialize instance of object from VALUE"))
    }

    fn path(&self, rest: &str) -> String {
        format!("/services/data/{}/{rest}", self.version)
    }
}

fn versions() -> Value {
    let versions = [("Spring '26", 66), ("Summer '26", 67), ("Winter '27", LATEST)];
    let version = |(label, number): (&str, u32)| json!({"label": label, "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0")});
    versions.map(version).into_iter().collect()
}

#[cfg(test)]
#[path = "salesforce/tests.rs"]
mod tests;
