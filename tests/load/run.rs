//! One run: the stack, its tenants, and the way in which every call is made and every answer looked at first, whatever
//! it is an answer to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use boot::aws::Clients;
use end_to_end::{Call, Line, Reply};
use model::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::{
    arrival::mark,
    audit::Expected,
    book::Book,
    connector::{Connector, Tenant},
    kinds::Kind,
    log::Log,
    stack::Stack,
    upstream::Upstream,
    weather::Forecast,
};

/// Longer than a gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(40);

/// Everything that the workers share.
pub(crate) struct Run {
    pub(crate) stack: Stack,
    pub(crate) portal: SocketAddr,
    pub(crate) agent: SocketAddr,
    /// AWS past the faults: what an operator does there is not what is tested.
    pub(crate) aws: Clients,
    pub(crate) line: Line,
    pub(crate) book: Arc<Book>,
    pub(crate) log: Arc<Log>,
    pub(crate) forecast: Arc<Forecast>,
    pub(crate) upstream: Upstream,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) until: Instant,
    /// A run with a flaw has done its part when it has found something.
    pub(crate) flawed: bool,
    pub(crate) expected: Mutex<Vec<Expected>>,
    /// Calls that met no fault, and how many of them were errors of the platform all the same.
    pub(crate) calm: Mutex<(u64, u64)>,
}

/// An answer, and when the call for it began and ended.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// The kind of problem; the empty text where it is none.
    pub(crate) problem: String,
    /// The body, where it is JSON.
    pub(crate) body: Value,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) request: String,
}

pub(crate) fn now() -> Instant {
    SystemClock.now().ticks
}

impl Run {
    pub(crate) fn is_over(&self) -> bool {
        now() >= self.until || self.has_found_its_flaw()
    }

    pub(crate) fn has_found_its_flaw(&self) -> bool {
        self.flawed && self.book.lock().violations_in_all > 0
    }

    /// A call of the portal as a tenant's editor.
    pub(crate) fn portal(&self, tenant: &Tenant, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.portal)).session(&tenant.session)
    }

    /// A call of the agent under a license.
    pub(crate) fn agent(&self, license: &str, method: &str, path: &str) -> Call {
        Call::new(method, format!("http://{}{path}", self.agent)).header("x-license-key", license)
    }

    /// Makes a call for a tenant. Nothing where there was no answer, or one that the contract does not have.
    pub(crate) async fn ask(&self, kind: Kind, tenant: &str, call: Call) -> Option<Answered> {
        let began = now();
        let reply = tokio::time::timeout(PATIENCE, call.send_on(&self.line)).await;
        let ended = now();
        let reply = match reply {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return self.unanswered(kind, &error.to_string()),
            Err(_elapsed) => return self.unanswered(kind, "no answer in 40 s"),
        };
        let request = reply.header("x-request-id").to_owned();
        let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
        let problem = if reply.status < 400 { Some(String::new()) } else { problem(&reply, &body) };
        let Some(problem) = problem else {
            self.book.call(kind.name, format!("{} in a foreign shape", reply.status));
            self.book.wrong(format!("{}: {} is no problem of ours: {}", kind.name, reply.status, reply.text));
            return None;
        };
        self.book.call(kind.name, format!("{} {problem}", reply.status).trim_end().to_owned());
        if let Some(found) = self.log.forbidden(&format!("{} {:?}", reply.text, reply.headers)) {
            self.book.wrong(format!("{}: an answer holds {found}: {}", kind.name, reply.text));
        }
        if reply.text.matches("mark-").count() != reply.text.matches(&mark(tenant)).count() {
            let text = &reply.text;
            self.book.wrong(format!("{}: {tenant} is shown what is another tenant's: {text}", kind.name));
        }
        self.count_calm(&reply, began, ended);
        if !kind.answers.contains(&(reply.status, problem.as_str())) {
            let text = &reply.text;
            self.book.wrong(format!(
                "{} of {tenant}: no answer of the contract: {} {text}",
                kind.name, reply.status
            ));
            return None;
        }
        Some(Answered { reply, problem, body, began, ended, request })
    }

    fn unanswered(&self, kind: Kind, why: &str) -> Option<Answered> {
        self.book.call(kind.name, "none".to_owned());
        self.book.wrong(format!("{}: no answer: {why}", kind.name));
        None
    }

    fn count_calm(&self, reply: &Reply, began: Instant, ended: Instant) {
        if self.forecast.untouched(began, ended) {
            let mut calm = self.calm.lock().unwrap_or_else(PoisonError::into_inner);
            calm.0 += 1;
            calm.1 += u64::from(reply.status >= 500);
        }
    }

    /// Notes what the audit must hold in the end.
    pub(crate) fn expect(&self, expected: Expected) {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).push(expected);
    }

    /// Says that a call saw what it could not.
    pub(crate) fn wrong_sight(&self, what: &str, connector: &Connector, answered: &Answered, why: &str) {
        let (status, text, request) = (answered.reply.status, &answered.reply.text, &answered.request);
        let records = connector.records.possible(answered.began);
        let tokens = connector.tokens.possible(answered.began);
        self.book.wrong(format!(
            "{what} of {connector} ({request}, {:?}): {why}; possible were {records:?} with tokens {tokens:?}; \
             {status} {text}",
            answered.ended.duration_since(answered.began),
        ));
    }
}

/// The kind of a problem in the one shape that all have.
fn problem(reply: &Reply, body: &Value) -> Option<String> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let status = body.get("status").and_then(Value::as_u64) == Some(reply.status.into());
    let again = !matches!(reply.status, 429 | 503) || !reply.header("retry-after").is_empty();
    let whole = reply.header("content-type") == "application/problem+json"
        && status
        && again
        && text("title").is_some()
        && text("detail").is_some()
        && text("instance") == Some(reply.header("x-request-id"));
    let kind = text("type")?.strip_prefix("urn:axonflow:problem:")?;
    whole.then(|| kind.to_owned())
}
