//! What calls of one connector may see. Its states are numbered; a call may see none that was over before the call
//! began, and none that nobody had begun to bring about when it ended.

use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// The newest state whose change has returned.
    floor: usize,
}

impl History {
    /// Notes that a change is about to be sent; gives the number of its state.
    pub(crate) fn begin(&self, state: State) -> usize {
        let mut states = self.lock();
        states.begun.push(state);
        states.begun.len() - 1
    }

    /// Notes that the change has returned.
    pub(crate) fn returned(&self, number: usize) {
        self.lock().floor = number;
    }

    /// The number and kind of the newest state that somebody brings about, or has brought.
    pub(crate) fn begun(&self) -> Option<(usize, State)> {
        self.lock().begun.iter().copied().enumerate().next_back()
    }

    /// The oldest state that a call may see which begins now.
    pub(crate) fn floor(&self) -> usize {
        self.lock().floor
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
    let history = History::default();
    let first = history.begin(State::Serves);
    history.returned(first);
    let floor = history.floor();
    assert!(history.permits(floor, Seen::Served(0)));
    for unborn in [Seen::Served(1), Seen::Disabled, Seen::Absent] {
        assert!(!history.permits(floor, unborn), "{unborn:?}");
    }
    let second = history.begin(State::Disabled);
    for possible in [Seen::Served(0), Seen::Disabled] {
        assert!(history.permits(history.floor(), possible), "{possible:?}");
    }
    history.returned(second);
    assert!(history.permits(floor, Seen::Served(0)), "the call began before");
    assert!(!history.permits(history.floor(), Seen::Served(0)), "the call began after");
    assert!(history.permits(history.floor(), Seen::Disabled));
}
