//! Tenants and their connectors, as far as a caller can know them: what was asked for, what was acknowledged, and so
//! what may be seen.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{arrival::mark, timeline::Timeline, upstream::Upstream};

/// How long an instance is kept, with the secret that it was loaded with: the default of `CONNECTOR_CACHE_TTL_MS`.
pub(crate) const TTL: Duration = Duration::from_secs(30);
/// How long a connector waits for its upstream.
const TIMEOUT_MS: u32 = 4_000;

/// A tenant.
pub(crate) struct Tenant {
    pub(crate) name: &'static str,
    pub(crate) session: String,
    pub(crate) license: String,
    pub(crate) connectors: Vec<Connector>,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) being: Being,
    pub(crate) version: u64,
}

/// Whether a record is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Being {
    Serves,
    Disabled,
    Absent,
}

/// A connector. Its record is changed by one editor, so that changes have an order.
pub(crate) struct Connector {
    pub(crate) tenant: &'static str,
    pub(crate) name: String,
    /// Its secret, where it has one.
    pub(crate) arn: Option<String>,
    /// Whether its upstream takes the newest token alone.
    pub(crate) revokes: bool,
    pub(crate) records: Timeline<Record>,
    pub(crate) tokens: Timeline<()>,
    /// The newest token that Secrets Manager has, and since when.
    rotated: AtomicUsize,
    rotated_at: Mutex<Option<Instant>>,
}

impl Connector {
    /// One that is not there yet.
    pub(crate) fn new(
        tenant: &'static str,
        name: String,
        arn: Option<String>,
        revokes: bool,
        now: Instant,
    ) -> Self {
        let records = Timeline::new(Record { being: Being::Absent, version: 0 }, now);
        let tokens = Timeline::new((), now);
        let (rotated, rotated_at) = (AtomicUsize::new(0), Mutex::new(None));
        Self { tenant, name, arn, revokes, records, tokens, rotated, rotated_at }
    }

    /// The fields of the record in its state of a number, which shows in each of them.
    pub(crate) fn fields(&self, upstream: &Upstream, state: usize, enabled: bool) -> Value {
        let auth_type = if self.arn.is_some() { "bearer" } else { "none" };
        json!({
            "display_name": format!("{} {state}", mark(self.tenant)),
            "connection_url": upstream.url(self.tenant, &self.name, state),
            "options": {"headers": {"X-State": state.to_string()}, "auth_type": auth_type},
            "enabled": enabled,
        })
    }

    /// The same of a new record.
    pub(crate) fn new_record(&self, upstream: &Upstream, state: usize) -> Value {
        let mut body = self.fields(upstream, state, true);
        if let Some(body) = body.as_object_mut() {
            body.insert("connector_name".to_owned(), json!(self.name));
            body.insert("connector_type".to_owned(), json!("custom"));
            body.insert("timeout_ms".to_owned(), json!(TIMEOUT_MS));
            body.extend(self.arn.as_ref().map(|arn| ("credentials_secret_arn".to_owned(), json!(arn))));
        }
        body
    }

    /// The newest token that Secrets Manager has.
    pub(crate) fn secret(&self) -> usize {
        self.rotated.load(Ordering::SeqCst)
    }

    /// Notes that Secrets Manager has a token by now.
    pub(crate) fn rotated(&self, token: usize, now: Instant) {
        self.rotated.store(token, Ordering::SeqCst);
        *self.rotated_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        // No instance that was loaded with another is kept longer than that.
        self.tokens.stands(token, now + TTL);
    }

    /// Whether there was another token a moment before.
    pub(crate) fn rotated_since(&self, since: Instant) -> bool {
        self.rotated_at.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at >= since)
    }

    pub(crate) fn path(&self) -> String {
        format!("/api/v1/connectors/{}", self.name)
    }
}

impl std::fmt::Display for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.tenant, self.name)
    }
}
