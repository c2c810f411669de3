//! What functions of a test's own tell operators.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::clock::{Clock, SystemClock};
use telemetry::Metrics;
use test_servers::{
    canary::{self, Output},
    cloudwatch,
};

/// Metrics, and all that was ever written of them.
#[derive(Clone)]
pub struct Told {
    /// What is handed to the functions.
    pub metrics: Metrics,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Told {
    /// The metrics of a function of this name.
    pub fn of(function: &str) -> Self {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let output = Arc::clone(&written);
        let sink = move |lines: &[u8]| {
            canary::check("the metrics", Output::Log, lines);
            output.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
        };
        Self { metrics: Metrics::new(function, sink), written }
    }

    /// The text so far. What an invocation writes at its end is written now.
    pub fn text(&self) -> String {
        self.metrics.emit(SystemClock.now());
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(written.clone()).expect("text")
    }

    /// The totals so far, by name and dimensions.
    pub fn totals(&self) -> BTreeMap<String, u64> {
        let now = SystemClock.now().wall.as_millisecond();
        cloudwatch::totals(&self.text(), now).expect("documents that CloudWatch takes")
    }
}
