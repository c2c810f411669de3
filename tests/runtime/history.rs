//! What calls of one connector may see. Its states are numbered; a call may see none that was over before the call
//! began, and none that nobody had begun to bring about when it ended.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use model::clock::{Clock, SystemClock};

/// What becomes of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its calls show the number of the state.
    Serves,
    /// Its calls are refused.
    Disabled,
    /// It does not exist.
    Absent,
}

/// What a call saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The number of a state that serves.
    Served(usize),
    /// The connector was disabled.
    Disabled,
    /// The connector was not there.
    Absent,
}

/// The states of one connector so far. One change at a time.
#[derive(Default)]
pub(crate) struct History(Mutex<States>);

#[derive(Default)]
struct States {
    begun: Vec<State>,
    /// The states whose changes have returned, and when.
    returned: Vec<(Instant, usize)>,
}

impl History {
    /// Notes that a change is about to be sent; gives the number of its state.
    pub(crate) fn begin(&self, state: State) -> usize {
        let mut states = self.lock();
        states.begun.push(state);
        states.begun.len() - 1
    }

    /// Notes that the change has returned, by now.
    pub(crate) fn returned(&self, number: usize, now: Instant) {
        self.lock().returned.push((now, number));
    }

    /// The number and kind of the newest state that somebody brings about, or has brought.
    pub(crate) fn begun(&self) -> Option<(usize, State)> {
        self.lock().begun.iter().copied().enumerate().next_back()
    }

    /// The oldest state that may be seen by a call of this moment, which is not yet to come.
    pub(crate) fn floor(&self, at: Instant) -> usize {
        let states = self.lock();
        let returned = states.returned.iter().rev().find(|(when, _)| *when <= at);
        returned.map_or(0, |(_, number)| *number)
    }

    /// The last changes that have returned, to be told with what should not have been seen.
    pub(crate) fn last_returned(&self) -> Vec<(Instant, usize)> {
        self.lock().returned.iter().rev().take(3).copied().collect()
    }

    /// Whether a call that began at this floor, and has just ended, may have seen this.
    pub(crate) fn permits(&self, floor: usize, seen: Seen) -> bool {
        let states = self.lock();
        let mut possible = states.begun.iter().enumerate().skip(floor);
        possible.any(|(number, state)| match seen {
            Seen::Served(served) => *state == State::Serves && number == served,
            Seen::Disabled => *state == State::Disabled,
            Seen::Absent => *state == State::Absent,
        })
    }

    fn lock(&self) -> MutexGuard<'_, States> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[test]
fn a_call_may_see_what_stood_when_it_began_or_came_while_it_ran() {
    let (history, start) = (History::default(), SystemClock.now().ticks);
    let after = |seconds| start + Duration::from_secs(seconds);
    let first = history.begin(State::Serves);
    history.returned(first, after(1));
    let floor = history.floor(after(1));
    assert!(history.permits(floor, Seen::Served(0)));
    for unborn in [Seen::Served(1), Seen::Disabled, Seen::Absent] {
        assert!(!history.permits(floor, unborn), "{unborn:?}");
    }
    let second = history.begin(State::Disabled);
    for possible in [Seen::Served(0), Seen::Disabled] {
        assert!(history.permits(history.floor(after(2)), possible), "{possible:?}");
    }
    history.returned(second, after(2));
    assert!(history.permits(floor, Seen::Served(0)), "the call began before");
    assert!(!history.permits(history.floor(after(2)), Seen::Served(0)), "the call began after");
    assert!(history.permits(history.floor(after(2)), Seen::Disabled));
    assert_eq!(history.floor(after(1)), first, "what stood then");
}
