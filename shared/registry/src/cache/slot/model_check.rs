//! Every interleaving of a small world, over the real [`Slot`]: writers that bump a generation, calls that read the
//! counters one by one, loads that overlap writes, leaders that vanish, markers that can't be read, secrets that
//! rotate, clocks that freeze. The promises must hold in every state that can be reached, and each mutant of the
//! slot must break one, or the check would prove nothing.

mod seat;
mod state;
mod world;

use stateright::{Checker, HasDiscoveries, Model, Property};

use state::State;
use world::{Action, Mutant, Promise, Scope, World};

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        state.actions(actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        state.step(self, action);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a call uses nothing older than its start", |_, state: &State| {
                state.broken != Some(Promise::Fresh)
            }),
            Property::always("a stale serve is not known to be old", |_, state: &State| {
                state.broken != Some(Promise::StaleUnknown)
            }),
            Property::always("nothing is served from the cache past the TTL", |_, state: &State| {
                state.broken != Some(Promise::Ttl)
            }),
            Property::always("a call tries again with newer credentials", |_, state: &State| {
                state.broken != Some(Promise::Healed)
            }),
            Property::always("when every call is over no load is left", |_, state: &State| {
                state.is_settled()
            }),
        ]
    }
}

/// Explores the whole scope and gives the names of the promises that broke.
fn explore(scope: Scope, mutant: Option<Mutant>) -> Vec<&'static str> {
    let checker =
        World::new(scope, mutant).checker().finish_when(HasDiscoveries::Any).threads(2).spawn_bfs().join();
    let broken: Vec<_> = checker.discoveries().into_keys().collect();
    println!(
        "{} states, {} of them distinct, {mutant:?}: {broken:?}",
        checker.state_count(),
        checker.unique_state_count()
    );
    broken
}

/// Two writers of both kinds against calls whose leaders may fail or vanish.
const WRITES: Scope = Scope { calls: 3, portal_writes: 1, refreshes: 1, mishaps: 1, ..Scope::NONE };
/// A secret that rotates under calls that hold, load and wait.
const ROTATION: Scope = Scope { calls: 3, rotations: 1, refreshes: 1, ..Scope::NONE };
/// Room needed for other keys: the instance, or every trace of the key, goes at any moment.
const ROOM: Scope = Scope { calls: 3, portal_writes: 1, evictions: 2, blind_calls: 1, ..Scope::NONE };
const ROOM_AND_ROTATION: Scope = Scope { calls: 3, rotations: 1, evictions: 1, ..Scope::NONE };
/// Time, frozen or not, and markers that can't be read.
const STALE: Scope =
    Scope { calls: 3, portal_writes: 1, seconds: 2, blind_calls: 1, mishaps: 1, ..Scope::NONE };

#[test]
fn every_promise_holds_while_writers_and_loads_race() {
    assert_eq!(explore(WRITES, None), [""; 0]);
}

#[test]
fn every_promise_holds_while_a_secret_rotates() {
    assert_eq!(explore(ROTATION, None), [""; 0]);
}

#[test]
fn every_promise_holds_while_room_is_needed() {
    assert_eq!(explore(ROOM, None), [""; 0]);
    assert_eq!(explore(ROOM_AND_ROTATION, None), [""; 0]);
}

#[test]
fn every_promise_holds_while_time_passes_and_markers_fail() {
    assert_eq!(explore(STALE, None), [""; 0]);
}

#[test]
fn the_check_can_fail_each_mutant_breaks_its_promise() {
    for (scope, mutant, promise) in [
        (WRITES, Mutant::IgnoresFingerprints, "a call uses nothing older than its start"),
        (WRITES, Mutant::JoinsAnyLoad, "a call uses nothing older than its start"),
        (STALE, Mutant::KeepsLateLoads, "a stale serve is not known to be old"),
        (STALE, Mutant::SlidesTheTtl, "nothing is served from the cache past the TTL"),
        (STALE, Mutant::TrustsOneClock, "nothing is served from the cache past the TTL"),
        (ROTATION, Mutant::SharesRefusedLoads, "a call tries again with newer credentials"),
        (WRITES, Mutant::LosesLeaders, "when every call is over no load is left"),
    ] {
        let broken = explore(scope, Some(mutant));
        assert!(broken.contains(&promise), "{mutant:?} goes unnoticed");
    }
}
