//! What a connector may be after what was heard so far.
//!
//! A call that was answered has happened, and nothing else may be true from then on. A call that failed without saying
//! whether it happened leaves two possibilities, until something is heard that only one of them explains. Calls that
//! ran at the same time happened in some order. So the model is the set of all that is possible; what was heard is
//! wrong when nothing is left.

use std::collections::BTreeSet;

/// A connector as far as it is known: one possibility.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) record: Option<Record>,
    /// The calls of unknown outcome that happened in it.
    pub(crate) happened: BTreeSet<u64>,
}

/// A record, as far as the model looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Which write it shows: each has a URL of its own.
    pub(crate) mark: u64,
    pub(crate) version: u64,
    pub(crate) tests: u64,
    pub(crate) enabled: bool,
    pub(crate) health: &'static str,
}

/// A change that a call asks for.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Create { mark: u64 },
    Put { mark: u64, enabled: Option<bool>, version: Option<u64> },
    Delete { version: Option<u64> },
    Test,
}

/// What was heard of a change.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// It is done, and the record is this, if one was shown.
    Done(Option<Shown>),
    /// It was refused with this status.
    Refused(u16),
    /// Nothing that can be relied on.
    Nothing,
}

/// What the portal shows of a record. A list shows no number of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) mark: u64,
    pub(crate) version: u64,
    pub(crate) tests: Option<u64>,
    pub(crate) enabled: bool,
    pub(crate) health: String,
}

/// What a call saw of a connector.
#[derive(Clone, Debug)]
pub(crate) enum Sight {
    Shown(Shown),
    Serves(u64),
    Disabled,
    Absent,
}

/// One thing that was heard of one connector.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Changed(u64, Change, Told),
    Saw(Sight),
}

impl World {
    /// What a change makes of it, or the status that it is refused with.
    fn after(&self, change: &Change) -> Result<Self, u16> {
        let stale =
            |record: &Record, version: Option<u64>| version.is_some_and(|known| known != record.version);
        let record = match (change, &self.record) {
            (Change::Create { .. }, Some(_)) => return Err(409),
            (Change::Create { mark }, None) => {
                Some(Record { mark: *mark, version: 1, tests: 0, enabled: true, health: "unknown" })
            }
            (_, None) => return Err(404),
            (Change::Put { version, .. } | Change::Delete { version }, Some(record))
                if stale(record, *version) =>
            {
                return Err(412);
            }
            (Change::Put { mark, enabled, .. }, Some(record)) => {
                let enabled = enabled.unwrap_or(record.enabled);
                Some(Record { mark: *mark, version: record.version + 1, enabled, ..record.clone() })
            }
            (Change::Delete { .. }, Some(_)) => None,
            (Change::Test, Some(record)) => {
                let health = if record.enabled { "healthy" } else { "unknown" };
                Some(Record { tests: record.tests + 1, health, ..record.clone() })
            }
        };
        Ok(Self { record, happened: self.happened.clone() })
    }

    /// What it becomes by an event; nothing, where the event can't be.
    fn hear(&self, event: &Event, alone: bool) -> Vec<Self> {
        match event {
            Event::Saw(sight) => Vec::from_iter(self.shows(sight, alone).then(|| self.clone())),
            Event::Changed(call, change, told) => match (self.after(change), told) {
                (Ok(after), Told::Done(shown)) => {
                    let fits =
                        shown.as_ref().is_none_or(|shown| after.shows(&Sight::Shown(shown.clone()), alone));
                    Vec::from_iter(fits.then_some(after))
                }
                (Err(status), Told::Refused(heard)) => {
                    Vec::from_iter((status == *heard).then(|| self.clone()))
                }
                (Ok(mut after), Told::Nothing) => {
                    after.happened.insert(*call);
                    vec![self.clone(), after]
                }
                (Err(_), Told::Nothing) => vec![self.clone()],
                (Ok(_), Told::Refused(_)) | (Err(_), Told::Done(_)) => Vec::new(),
            },
        }
    }

    /// A PUT answers with the health that it read, which a test at the same time may have changed since.
    fn shows(&self, sight: &Sight, alone: bool) -> bool {
        match (sight, &self.record) {
            (Sight::Absent, None) => true,
            (Sight::Disabled, Some(record)) => !record.enabled,
            (Sight::Serves(mark), Some(record)) => record.enabled && record.mark == *mark,
            (Sight::Shown(shown), Some(record)) => {
                let health = !alone
                    || (shown.health == record.health
                        && shown.tests.is_none_or(|tests| tests == record.tests));
                (shown.mark, shown.version, shown.enabled) == (record.mark, record.version, record.enabled)
                    && health
            }
            _ => false,
        }
    }
}

/// All that is possible once these events were heard, which happened at the same time, in any order.
pub(crate) fn heard(possible: &[World], events: &[Event]) -> Vec<World> {
    let mut all = Vec::new();
    let indices: Vec<usize> = (0..events.len()).collect();
    for order in orders(&indices) {
        let mut now = possible.to_vec();
        for index in order {
            let event = &events[index];
            now = now.iter().flat_map(|world| world.hear(event, events.len() == 1)).collect();
        }
        for world in now {
            if !all.contains(&world) {
                all.push(world);
            }
        }
    }
    all
}

fn orders(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in of {
        let rest: Vec<usize> = of.iter().copied().filter(|index| index != first).collect();
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, *first);
            order
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(call: u64, told: Told) -> Event {
        Event::Changed(call, Change::Create { mark: call }, told)
    }

    #[test]
    fn what_was_not_answered_is_either_until_it_is_seen() {
        let either = heard(&[World::default()], &[create(7, Told::Nothing)]);
        assert_eq!(either.len(), 2);
        assert_eq!(heard(&either, &[Event::Saw(Sight::Absent)]).len(), 1);
        assert_eq!(heard(&either, &[Event::Saw(Sight::Serves(7))]).len(), 1);
        assert!(heard(&either, &[Event::Saw(Sight::Serves(8))]).is_empty());
    }

    #[test]
    fn what_was_answered_has_happened() {
        let shown = Shown { mark: 7, version: 1, tests: Some(0), enabled: true, health: "unknown".into() };
        let there = heard(&[World::default()], &[create(7, Told::Done(Some(shown)))]);
        assert_eq!(there.len(), 1);
        assert!(heard(&there, &[Event::Saw(Sight::Absent)]).is_empty());
        assert!(heard(&there, &[create(8, Told::Done(None))]).is_empty());
        assert_eq!(heard(&there, &[create(8, Told::Refused(409))]), there);
    }

    #[test]
    fn what_ran_at_the_same_time_happened_in_some_order() {
        let there = heard(&[World::default()], &[create(7, Told::Done(None))]);
        let gone = Event::Changed(8, Change::Delete { version: None }, Told::Done(None));
        let both = heard(&there, &[Event::Saw(Sight::Serves(7)), gone.clone()]);
        assert_eq!(both, [World::default()]);
        let both = heard(&there, &[Event::Saw(Sight::Absent), gone.clone()]);
        assert_eq!(both, [World::default()]);
        assert!(heard(&there, &[gone.clone(), gone]).is_empty(), "two deleted it");
    }
}
