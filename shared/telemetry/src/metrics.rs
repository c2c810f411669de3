//! The counts of one container since they were last written.
//!
//! Invocations of one container share them, and each writes at its end whatever stands there: a number is written
//! once, by one of them. None of them knows tenants: every value of a dimension is a metric that costs, so that
//! tenant and connector stand in the log instead.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use model::{clock::Moment, connector_type::ConnectorType};

use crate::{
    counter::Counter,
    emf::{Document, MAX_VALUES, Member, Unit},
    outcome::Outcome,
    sink::Sink,
};

const FUNCTION_NAME: &str = "FunctionName";
const CONNECTOR_TYPE: &str = "ConnectorType";
const OUTCOME: &str = "Outcome";
const UPSTREAM_LATENCY: &str = "UpstreamLatency";

/// A handle on a container's counts. Clones share them.
#[derive(Clone, Default)]
pub struct Metrics(Option<Arc<Counts>>);

struct Counts {
    function: String,
    sink: Box<dyn Sink>,
    events: [AtomicU64; Counter::ALL.len()],
    latencies: Mutex<Latencies>,
}

/// Milliseconds by type and outcome.
type Latencies = BTreeMap<(&'static str, Outcome), Vec<f64>>;

impl Metrics {
    /// The counts of a function's container.
    pub fn new(function: impl Into<String>, sink: impl Sink + 'static) -> Self {
        Self(Some(Arc::new(Counts {
            function: function.into(),
            sink: Box::new(sink),
            events: Default::default(),
            latencies: Mutex::default(),
        })))
    }

    /// Counts nothing.
    pub fn off() -> Self {
        Self(None)
    }

    /// Counts an event. It neither waits nor allocates: a cache hit is counted so.
    pub fn count(&self, event: Counter) {
        let count = self.0.as_ref().and_then(|counts| counts.events.get(event as usize));
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes how an upstream took a call, and how long.
    pub fn upstream(&self, kind: ConnectorType, outcome: Outcome, took: Duration) {
        let Some(counts) = &self.0 else { return };
        let mut latencies = counts.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        latencies.entry((kind.as_str(), outcome)).or_default().push(milliseconds(took));
    }

    /// Writes what was counted since it was last written: a line for each set of dimensions that has something to
    /// tell, and nothing where nothing happened.
    pub fn emit(&self, now: Moment) {
        let Some(counts) = &self.0 else { return };
        let timestamp = now.wall.as_millisecond();
        let mut lines = Vec::new();
        counts.events(timestamp, &mut lines);
        counts.latencies(timestamp, &mut lines);
        if !lines.is_empty() {
            counts.sink.write(&lines);
        }
    }
}

impl Counts {
    fn events(&self, timestamp: i64, lines: &mut Vec<u8>) {
        let counted = Counter::ALL.into_iter().zip(&self.events);
        let counted = counted.map(|(event, count)| (event, count.swap(0, Ordering::Relaxed)));
        let mut counted = counted.filter(|(_, count)| *count > 0).peekable();
        if counted.peek().is_none() {
            return;
        }
        let mut document = Document::new(timestamp, [(FUNCTION_NAME, self.function.as_str())]);
        for (event, count) in counted {
            document = document.metric(event.name(), Unit::Count, Member::Count(count));
        }
        document.write(lines);
    }

    fn latencies(&self, timestamp: i64, lines: &mut Vec<u8>) {
        let latencies = mem::take(&mut *self.latencies.lock().unwrap_or_else(PoisonError::into_inner));
        for ((kind, outcome), values) in latencies {
            for values in values.chunks(MAX_VALUES) {
                Document::new(timestamp, [(CONNECTOR_TYPE, kind), (OUTCOME, outcome.as_str())])
                    .metric(UPSTREAM_LATENCY, Unit::Milliseconds, Member::samples(values))
                    .write(lines);
            }
        }
    }
}

/// Milliseconds with three decimals.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

/// The counts are of no use to a reader of a log.
impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Metrics(on)" } else { "Metrics(off)" })
    }
}
