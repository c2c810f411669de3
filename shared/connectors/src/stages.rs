//! The stages on the way to an upstream, in the order in which they are passed. A test that fails names the first
//! one that it did not get past.

use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
};
use serde::Serialize;
use telemetry::Trace;

use crate::request::Context;

/// One stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The record exists.
    Exists,
    /// It is enabled.
    Enabled,
    /// Its settings fit its type.
    Configuration,
    /// Its secret is there, is the tenant's, and has the right shape.
    Secret,
    /// The host's name has addresses.
    NameResolution,
    /// The rules permit every one of them.
    Egress,
    /// A connection stands.
    Connect,
    /// The server proved who it is.
    Tls,
    /// The server took the credentials.
    Authenticate,
    /// The cheapest safe call was answered.
    Call,
}

/// A stage that was passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which.
    pub stage: Stage,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was seen, for people; no secret.
    pub detail: String,
}

/// The stages that one test has passed so far.
pub struct Stages<'c> {
    clock: &'c dyn Clock,
    since: Moment,
    passed: Vec<Passed>,
    trace: Option<Trace>,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::Exists,
        Self::Enabled,
        Self::Configuration,
        Self::Secret,
        Self::NameResolution,
        Self::Egress,
        Self::Connect,
        Self::Tls,
        Self::Authenticate,
        Self::Call,
    ];

    /// The word for the stage in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Enabled => "enabled",
            Self::Configuration => "configuration",
            Self::Secret => "secret",
            Self::NameResolution => "name_resolution",
            Self::Egress => "egress",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Authenticate => "authenticate",
            Self::Call => "call",
        }
    }
}

impl<'c> Stages<'c> {
    /// A test that begins now.
    pub fn new(clock: &'c dyn Clock) -> Self {
        Self { clock, since: clock.now(), passed: Vec::new(), trace: None }
    }

    /// The same, as a part of a trace.
    #[must_use]
    pub fn traced(self, trace: Option<Trace>) -> Self {
        Self { trace, ..self }
    }

    pub(crate) fn context(&self, deadline: Deadline) -> Context {
        Context { deadline, trace: self.trace }
    }

    /// Notes that a stage was passed; it took the time since the one before.
    pub fn passed(&mut self, stage: Stage, detail: impl Into<String>) {
        let now = self.clock.now();
        let duration_ms = now.millis_since(self.since);
        self.since = now;
        self.passed.push(Passed { stage, duration_ms, detail: detail.into() });
    }

    /// What was passed, in order.
    pub fn all(&self) -> &[Passed] {
        &self.passed
    }

    /// The milliseconds since the last stage was passed: what the failed one took.
    pub fn pending_ms(&self) -> u64 {
        self.clock.now().millis_since(self.since)
    }
}
