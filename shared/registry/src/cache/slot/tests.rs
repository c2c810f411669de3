use jiff::SignedDuration;
use model::clock::{Clock, SystemClock};

use super::*;

const TTL: Duration = Duration::from_secs(30);
const JUST_YOUNG: Duration = Duration::new(29, 999_999_999);
const JUST_REMEMBERED: Duration = Duration::from_nanos(999_999_999);

/// Says which flight a line belongs to, without any waiting.
#[derive(Clone, Debug, Default)]
struct Line(Arc<()>);

type Decided = Decision<u32, &'static str, Line>;

/// One slot under test, at moments counted from its start.
struct Bench {
    slot: Slot<u32, &'static str, Line>,
    start: Moment,
}

fn at(platform: u64, tenant: u64, connector: u64) -> Fingerprint {
    Fingerprint { platform, tenant, connector }
}

fn refused_with(error: &'static str, shared: bool) -> Outcome<u32, &'static str> {
    Outcome::Failed(Failure { error, shared })
}

impl Bench {
    fn new() -> Self {
        Self { slot: Slot::default(), start: SystemClock.now() }
    }

    fn after(&self, passed: Duration) -> Moment {
        Moment { wall: self.start.wall + passed, ticks: self.start.ticks + passed }
    }

    fn decide_after(&mut self, fingerprint: Fingerprint, passed: Duration) -> (Decided, Option<Cause>) {
        let (decision, departed) = self.slot.decide(fingerprint, self.after(passed), TTL);
        (decision, departed.map(|(_, cause)| cause))
    }

    fn decide(&mut self, fingerprint: Fingerprint) -> Decided {
        self.decide_after(fingerprint, Duration::ZERO).0
    }

    fn lead(&mut self, fingerprint: Fingerprint) -> FlightId {
        match self.decide(fingerprint) {
            Decision::Lead(flight, _) => flight,
            other => panic!("not led: {}", name(&other)),
        }
    }

    fn finish(&mut self, flight: FlightId, value: u32) -> Arc<u32> {
        let value = Arc::new(value);
        self.slot.finish(flight, Outcome::Loaded(Arc::clone(&value)), self.start, TTL);
        value
    }

    fn load(&mut self, fingerprint: Fingerprint, value: u32) -> Arc<u32> {
        let flight = self.lead(fingerprint);
        self.finish(flight, value)
    }
}

fn name(decision: &Decided) -> String {
    match decision {
        Decision::Hit(value) => format!("hit {value}"),
        Decision::Failed(error) => format!("failed {error}"),
        Decision::Join(_) => "join".to_owned(),
        Decision::Lead(..) => "lead".to_owned(),
    }
}

#[test]
fn the_first_call_leads_and_the_next_joins_until_the_flight_ends() {
    let mut bench = Bench::new();
    let Decision::Lead(flight, line) = bench.decide(at(1, 1, 1)) else { panic!("not led") };
    let Decision::Join(joined) = bench.decide(at(1, 1, 1)) else { panic!("not joined") };
    assert!(Arc::ptr_eq(&line.0, &joined.0));
    bench.finish(flight, 7);
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "hit 7");
}

#[test]
fn an_instance_serves_what_its_fingerprint_covers() {
    for (fingerprint, served) in [
        (at(2, 2, 2), true),
        (at(1, 2, 2), true),
        (at(1, 1, 1), true),
        (at(2, 2, 3), false),
        (at(3, 1, 1), false),
    ] {
        let mut bench = Bench::new();
        bench.load(at(2, 2, 2), 7);
        let decision = name(&bench.decide(fingerprint));
        assert_eq!(decision == "hit 7", served, "{fingerprint:?}: {decision}");
    }
}

#[test]
fn a_newer_fingerprint_lets_the_old_instance_leave_at_once() {
    let mut bench = Bench::new();
    bench.load(at(1, 1, 1), 7);
    let (decision, cause) = bench.decide_after(at(1, 1, 2), Duration::ZERO);
    assert_eq!((name(&decision).as_str(), cause), ("lead", Some(Cause::Superseded)));
    assert!(bench.slot.stale(bench.start, TTL).0.is_none(), "known to be old");
}

#[test]
fn an_instance_is_served_until_the_ttl_after_its_load_began() {
    let mut bench = Bench::new();
    let flight = bench.lead(at(1, 1, 1));
    let (value, landed) = (Arc::new(7), bench.after(Duration::from_secs(20)));
    bench.slot.finish(flight, Outcome::Loaded(value), landed, TTL);
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), JUST_YOUNG).0), "hit 7");
    assert!(bench.slot.stale(bench.after(JUST_YOUNG), TTL).0.is_some());
    let (decision, cause) = bench.decide_after(at(1, 1, 1), TTL);
    assert_eq!((name(&decision).as_str(), cause), ("lead", Some(Cause::Expired)));
    assert!(bench.slot.stale(bench.after(TTL), TTL).0.is_none());
}

#[test]
fn a_hit_does_not_prolong_the_ttl() {
    let mut bench = Bench::new();
    bench.load(at(1, 1, 1), 7);
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), JUST_YOUNG).0), "hit 7");
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), TTL).0), "lead");
}

#[test]
fn a_frozen_monotonic_clock_and_wall_time_set_back_end_the_ttl_too() {
    let frozen = |bench: &Bench| Moment { wall: bench.start.wall + TTL, ..bench.start };
    let back =
        |bench: &Bench| Moment { wall: bench.start.wall - SignedDuration::from_nanos(1), ..bench.start };
    for moment in [frozen, back] {
        let mut bench = Bench::new();
        bench.load(at(1, 1, 1), 7);
        let now = moment(&bench);
        assert!(bench.slot.hit(at(1, 1, 1), now, TTL).is_none());
        let (value, departed) = bench.slot.stale(now, TTL);
        assert!(value.is_none());
        assert_eq!(departed.map(|(_, cause)| cause), Some(Cause::Expired));
    }
}

#[test]
fn a_load_that_took_the_whole_ttl_is_not_kept() {
    for (took, kept) in [(JUST_YOUNG, true), (TTL, false)] {
        let mut bench = Bench::new();
        let flight = bench.lead(at(1, 1, 1));
        let landed = bench.after(took);
        bench.slot.finish(flight, Outcome::Loaded(Arc::new(7)), landed, TTL);
        assert_eq!(bench.slot.is_ready(), kept, "{took:?}");
    }
}

#[test]
fn calls_join_only_a_load_whose_fingerprint_covers_theirs() {
    for (fingerprint, decision) in
        [(at(2, 2, 2), "join"), (at(1, 2, 2), "join"), (at(2, 2, 3), "lead"), (at(3, 1, 2), "lead")]
    {
        let mut bench = Bench::new();
        bench.lead(at(2, 2, 2));
        assert_eq!(name(&bench.decide(fingerprint)), decision, "{fingerprint:?}");
    }
}

#[test]
fn a_load_older_than_the_ttl_is_not_joined() {
    let mut bench = Bench::new();
    bench.lead(at(1, 1, 1));
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), JUST_YOUNG).0), "join");
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), TTL).0), "lead");
}

#[test]
fn a_late_load_replaces_nothing_newer_and_is_not_kept_beside_it() {
    let mut bench = Bench::new();
    let old = bench.lead(at(1, 1, 1));
    bench.load(at(1, 1, 2), 8);
    bench.finish(old, 7);
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "hit 8");
}

#[test]
fn a_late_load_is_not_kept_when_the_newer_one_failed() {
    let mut bench = Bench::new();
    let old = bench.lead(at(1, 1, 1));
    let new = bench.lead(at(1, 1, 2));
    bench.slot.abandon(new);
    bench.finish(old, 7);
    assert!(bench.slot.stale(bench.start, TTL).0.is_none(), "a call has shown it to be old");
}

#[test]
fn of_two_fingerprints_that_cannot_be_compared_neither_load_is_shared_or_kept() {
    let mut bench = Bench::new();
    let one = bench.lead(at(1, 1, 2));
    let other = bench.lead(at(1, 2, 1));
    bench.finish(one, 7);
    bench.finish(other, 8);
    assert!(!bench.slot.is_ready());
    bench.load(at(1, 2, 2), 9);
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "hit 9");
    assert_eq!(name(&bench.decide(at(1, 2, 1))), "hit 9");
}

#[test]
fn an_instance_leaves_for_a_fingerprint_that_it_cannot_be_compared_with() {
    let mut bench = Bench::new();
    bench.load(at(1, 1, 2), 7);
    let (decision, cause) = bench.decide_after(at(1, 2, 1), Duration::ZERO);
    assert_eq!((name(&decision).as_str(), cause), ("lead", Some(Cause::Superseded)));
}

#[test]
fn a_failure_is_remembered_for_less_than_a_second_after_it_happened() {
    let mut bench = Bench::new();
    let flight = bench.lead(at(1, 1, 1));
    let took = Duration::from_secs(5);
    let landed = bench.after(took);
    bench.slot.finish(flight, refused_with("no secret", true), landed, TTL);
    let (decision, _) = bench.decide_after(at(1, 1, 1), took + JUST_REMEMBERED);
    assert_eq!(name(&decision), "failed no secret");
    assert_eq!(name(&bench.decide_after(at(1, 1, 1), took + FAILURE_MEMORY).0), "lead");
}

#[test]
fn a_failure_is_given_to_calls_that_its_fingerprint_covers() {
    for (fingerprint, decision) in [
        (at(2, 2, 2), "failed gone"),
        (at(2, 1, 2), "failed gone"),
        (at(2, 2, 3), "lead"),
        (at(1, 3, 1), "lead"),
    ] {
        let mut bench = Bench::new();
        let flight = bench.lead(at(2, 2, 2));
        bench.slot.finish(flight, refused_with("gone", true), bench.start, TTL);
        assert_eq!(name(&bench.decide(fingerprint)), decision, "{fingerprint:?}");
    }
}

#[test]
fn a_failure_of_the_leader_alone_is_forgotten() {
    let mut bench = Bench::new();
    let flight = bench.lead(at(1, 1, 1));
    bench.slot.finish(flight, refused_with("deadline", false), bench.start, TTL);
    assert!(bench.slot.is_idle());
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "lead");
}

#[test]
fn a_failure_under_an_older_fingerprint_is_not_remembered() {
    let mut bench = Bench::new();
    let old = bench.lead(at(1, 1, 1));
    let new = bench.lead(at(1, 1, 2));
    bench.slot.finish(old, refused_with("old", true), bench.start, TTL);
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "join");
    bench.finish(new, 8);
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "hit 8");
}

#[test]
fn a_discarded_instance_leaves_and_no_other() {
    let mut bench = Bench::new();
    let old = bench.load(at(1, 1, 1), 7);
    let new = bench.load(at(1, 1, 2), 7);
    assert!(bench.slot.discard(&old).is_none());
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "hit 7");
    let (gone, cause) = bench.slot.discard(&new).expect("it is cached");
    assert!(Arc::ptr_eq(&gone, &new) && cause == Cause::Refused);
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "lead");
}

#[test]
fn a_load_begun_before_a_discard_is_neither_joined_nor_kept_and_one_begun_after_is_both() {
    let mut bench = Bench::new();
    let refused = bench.load(at(1, 1, 1), 7);
    let before = bench.lead(at(1, 1, 2));
    bench.slot.discard(&refused);
    let after = bench.lead(at(1, 1, 2));
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "join");
    bench.finish(before, 8);
    assert!(!bench.slot.is_ready());
    bench.finish(after, 9);
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "hit 9");
}

#[test]
fn a_failure_of_a_load_begun_before_a_discard_is_not_remembered() {
    let mut bench = Bench::new();
    let refused = bench.load(at(1, 1, 1), 7);
    let before = bench.lead(at(1, 1, 2));
    bench.slot.discard(&refused);
    bench.slot.finish(before, refused_with("old secret", true), bench.start, TTL);
    assert_eq!(name(&bench.decide(at(1, 1, 2))), "lead");
}

#[test]
fn many_calls_that_discard_the_same_instance_share_one_load() {
    let mut bench = Bench::new();
    let refused = bench.load(at(1, 1, 1), 7);
    bench.slot.discard(&refused);
    let flight = bench.lead(at(1, 1, 1));
    bench.slot.discard(&refused);
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "join");
    bench.finish(flight, 8);
    bench.slot.discard(&refused);
    assert_eq!(name(&bench.decide(at(1, 1, 1))), "hit 8");
}

#[test]
fn a_slot_is_idle_when_it_holds_nothing_that_anyone_could_miss() {
    let mut bench = Bench::new();
    assert!(bench.slot.is_idle());
    let flight = bench.lead(at(1, 1, 1));
    assert!(!bench.slot.is_idle() && !bench.slot.is_remnant(), "a flight");
    bench.slot.finish(flight, refused_with("gone", true), bench.start, TTL);
    assert!(!bench.slot.is_idle() && bench.slot.is_remnant(), "a failure");
    let gone = bench.after(FAILURE_MEMORY);
    assert!(bench.slot.expire(gone, TTL).is_none());
    assert!(bench.slot.is_idle());
    let instance = bench.load(at(1, 1, 1), 7);
    assert!(!bench.slot.is_idle(), "an instance");
    bench.slot.discard(&instance);
    assert!(!bench.slot.is_idle(), "a refusal that others may repeat");
    drop(instance);
    assert!(bench.slot.is_idle());
}
