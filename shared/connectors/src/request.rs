//! What is asked of an upstream, and what an execute gives back.

use model::{deadline::Deadline, parameters::Parameters};
use telemetry::Trace;

use crate::rows::Rows;

/// What a caller asks for.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// In the upstream's own language; where it has none, an operation's name or a path.
    pub statement: Option<&'a str>,
    /// The operation, where the caller names one: `operation` of a query, `action` of an execute.
    pub operation: Option<&'a str>,
    /// Values that go with it.
    pub parameters: &'a Parameters,
    /// The most rows that the caller wants.
    pub limit: Option<usize>,
    /// The trace that the call belongs to, for upstreams that can be told.
    pub trace: Option<Trace>,
}

/// What every step on the way to an upstream keeps to.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// By when it must have ended.
    pub(crate) deadline: Deadline,
    /// What it belongs to.
    pub(crate) trace: Option<Trace>,
}

impl Request<'_> {
    /// Nothing in particular.
    pub const NOTHING: Self =
        Self { statement: None, operation: None, parameters: &Parameters::NONE, limit: None, trace: None };

    pub(crate) fn context(&self, deadline: Deadline) -> Context {
        Context { deadline, trace: self.trace }
    }
}

/// What an execute did.
#[derive(Debug, Default)]
pub struct Executed {
    /// How many rows or objects it touched, where the upstream says so; otherwise 0 or 1.
    pub rows_affected: u64,
    /// What happened, for people: `INSERT 0 3`, `POST 201`.
    pub message: String,
    /// What the upstream gave back, where it gave something.
    pub rows: Option<Rows>,
}
