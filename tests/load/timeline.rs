//! What one thing was, and when: the states that a call may see. A call may see none that was over before it began, and
//! none that nobody had begun to bring about when it ended. Of a change whose answer was an error both sides may be
//! seen, until one has been.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Longer than any call lasts, and than an instance is kept.
const REMEMBERED: Duration = Duration::from_mins(2);

/// The states of one thing. One change at a time, each ended by [`Timeline::stands`] or [`Timeline::void`].
pub(crate) struct Timeline<S>(Mutex<States<S>>);

struct States<S> {
    /// The number of the first that is still known.
    first: usize,
    known: VecDeque<Known<S>>,
}

struct Known<S> {
    state: S,
    /// From when on no call may see an earlier one.
    stands: Option<Instant>,
    /// From when on it is known that it never was.
    void: Option<Instant>,
}

impl<S: Copy> Timeline<S> {
    /// A thing in its first state.
    pub(crate) fn new(state: S, now: Instant) -> Self {
        let known = VecDeque::from([Known { state, stands: Some(now), void: None }]);
        Self(Mutex::new(States { first: 0, known }))
    }

    /// Notes that a change is about to be asked for; gives the number of its state, of which `state` is made.
    pub(crate) fn begin(&self, state: S) -> usize {
        let mut states = self.lock();
        states.known.push_back(Known { state, stands: None, void: None });
        states.first + states.known.len() - 1
    }

    /// No call that begins after this moment may see an earlier state; the earliest such word counts.
    pub(crate) fn stands(&self, number: usize, from: Instant) {
        let mut states = self.lock();
        let Some(known) = states.get(number) else { return };
        known.stands = Some(known.stands.map_or(from, |before| before.min(from)));
        // What no call can ask for any more.
        let floor = states.floor(from.checked_sub(REMEMBERED).unwrap_or(from));
        while states.first < floor && states.known.len() > 1 {
            states.known.pop_front();
            states.first += 1;
        }
    }

    /// It is known by now that a change was not made.
    pub(crate) fn void(&self, number: usize, now: Instant) {
        if let Some(known) = self.lock().get(number) {
            known.void = Some(now);
        }
    }

    /// The states that may be seen by a call that began then, and has just ended.
    pub(crate) fn possible(&self, began: Instant) -> Vec<(usize, S)> {
        let states = self.lock();
        let floor = states.floor(began);
        let known = states.known.iter().enumerate().map(|(index, known)| (states.first + index, known));
        let open =
            known.filter(|(number, known)| *number >= floor && known.void.is_none_or(|void| began < void));
        open.map(|(number, known)| (number, known.state)).collect()
    }

    /// The newest state that was asked for and is not known never to have been.
    pub(crate) fn newest(&self) -> (usize, S) {
        let states = self.lock();
        let known = states.known.iter().enumerate().rev().find(|(_, known)| known.void.is_none());
        known.map(|(index, known)| (states.first + index, known.state)).expect("the first state stands")
    }

    fn lock(&self) -> MutexGuard<'_, States<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> States<S> {
    fn get(&mut self, number: usize) -> Option<&mut Known<S>> {
        self.known.get_mut(number.checked_sub(self.first)?)
    }

    fn floor(&self, at: Instant) -> usize {
        let stood = |known: &Known<S>| known.stands.is_some_and(|from| from <= at);
        let index = self.known.iter().rposition(stood).unwrap_or_default();
        self.first + index
    }
}

#[cfg(test)]
mod tests {
    use model::clock::{Clock, SystemClock};

    use super::*;

    #[test]
    fn a_change_without_an_answer_may_be_seen_or_not_until_it_was() {
        let start = SystemClock.now().ticks;
        let after = |seconds| start + Duration::from_secs(seconds);
        let numbers = |timeline: &Timeline<char>, began| -> Vec<usize> {
            timeline.possible(began).into_iter().map(|(number, _)| number).collect()
        };
        let timeline = Timeline::new('a', start);
        let second = timeline.begin('b');
        assert_eq!(numbers(&timeline, after(1)), [0, 1], "under way");
        timeline.stands(second, after(2));
        assert_eq!(numbers(&timeline, after(1)), [0, 1], "it began before the change had returned");
        assert_eq!(numbers(&timeline, after(2)), [1], "it began after that");
        let third = timeline.begin('c');
        timeline.void(third, after(4));
        assert_eq!(numbers(&timeline, after(3)), [1, 2]);
        assert_eq!(numbers(&timeline, after(5)), [1], "it never was");
        assert_eq!(timeline.newest(), (1, 'b'));
        let fourth = timeline.begin('d');
        timeline.stands(fourth, after(500));
        assert_eq!(numbers(&timeline, after(499)), [1, 3]);
        assert_eq!(numbers(&timeline, after(500)), [3]);
    }
}
