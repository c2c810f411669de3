//! What was done and found: calls by kind and answer, faults by kind, and everything that was wrong.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many violations are told in full; the rest is counted.
const TOLD: usize = 50;

/// The tallies of one run.
#[derive(Default)]
pub(crate) struct Book(Mutex<Tallies>);

#[derive(Default)]
pub(crate) struct Tallies {
    /// By kind of call and answer.
    pub(crate) calls: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// By who made the fault, and its kind.
    pub(crate) faults: BTreeMap<(String, &'static str), u64>,
    /// Anything else that is worth a line.
    pub(crate) notes: BTreeMap<String, u64>,
    pub(crate) violations: Vec<String>,
    pub(crate) violations_in_all: u64,
}

impl Book {
    pub(crate) fn call(&self, kind: &'static str, answer: String) {
        *self.lock().calls.entry(kind).or_default().entry(answer).or_default() += 1;
    }

    pub(crate) fn fault(&self, maker: impl Into<String>, kind: &'static str) {
        *self.lock().faults.entry((maker.into(), kind)).or_default() += 1;
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        *self.lock().notes.entry(what.into()).or_default() += 1;
    }

    /// Notes that something is wrong, and says so at once: a run may last an hour.
    #[expect(clippy::print_stderr, reason = "whoever watches a long run wants to know")]
    pub(crate) fn wrong(&self, what: String) {
        let mut tallies = self.lock();
        tallies.violations_in_all += 1;
        if tallies.violations.len() < TOLD {
            eprintln!("violation: {what}");
            tallies.violations.push(what);
        }
    }

    /// How the run goes, in a line.
    pub(crate) fn said(&self) -> String {
        let tallies = self.lock();
        let calls: u64 = tallies.calls.values().flat_map(BTreeMap::values).sum();
        let faults: u64 = tallies.faults.values().sum();
        format!("{calls} calls, {faults} faults, {} violations", tallies.violations_in_all)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Tallies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
