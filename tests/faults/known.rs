//! What is known of one connector beyond its possible states: what a client remembers, and how old what an agent shows
//! may be.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{case::TTL, model::World, steps::CONTAINERS};

pub(crate) struct Known {
    pub(crate) possible: Vec<World>,
    /// The version that the client last heard of.
    pub(crate) version: Option<u64>,
    /// The writes that calls may show, and those that they may have shown until a moment.
    serving: BTreeSet<u64>,
    over: Vec<(u64, Timestamp)>,
    /// The oldest value of the secret that a call may use, since something that was answered.
    pub(crate) oldest_value: usize,
    /// When each container last failed to load it.
    pub(crate) failed: [Option<Timestamp>; CONTAINERS],
}

impl Default for Known {
    fn default() -> Self {
        Self {
            possible: vec![World::default()],
            version: None,
            serving: BTreeSet::new(),
            over: Vec::new(),
            oldest_value: 0,
            failed: [None; CONTAINERS],
        }
    }
}

impl Known {
    /// Takes what is possible from now on.
    pub(crate) fn learn(&mut self, possible: Vec<World>, now: Timestamp) {
        let records = possible.iter().filter_map(|world| world.record.as_ref());
        let serving: BTreeSet<u64> =
            records.filter(|record| record.enabled).map(|record| record.mark).collect();
        self.over.extend(self.serving.difference(&serving).map(|mark| (*mark, now)));
        self.over.retain(|(mark, _)| !serving.contains(mark));
        (self.possible, self.serving) = (possible, serving);
    }

    /// Notes a write that calls beside it may have seen, though another came right after it.
    pub(crate) fn passed(&mut self, mark: u64, now: Timestamp) {
        self.over.push((mark, now));
    }

    /// Whether an instance of this write may still answer a call that began then and could read no markers.
    pub(crate) fn may_linger(&self, mark: u64, begun: Timestamp) -> bool {
        let over = self.over.iter().filter(|(old, _)| *old == mark).any(|(_, until)| *until > begun - TTL);
        self.serving.contains(&mark) || over
    }

    /// Notes that what was loaded before may no longer be used: `value` is the secret's newest.
    pub(crate) fn renewed(&mut self, value: usize) {
        self.oldest_value = value;
        self.failed = [None; CONTAINERS];
    }
}
