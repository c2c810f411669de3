//! The property, and that it finds what it is there for.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use end_to_end::World;
use model::entropy::{Entropy, SystemEntropy};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use tokio::runtime::Runtime;

use crate::{
    calls::Marked,
    case,
    flaws::Flaw,
    rig::{Rig, Tally},
    steps::{self, Step},
};

/// How many cases an ordinary run plays.
const CASES: u64 = 120;
/// How many a flaw may survive.
const PATIENCE: u64 = 400;
/// How many cases are played at a time: they wait more than they work.
const LANES: u64 = 4;

/// A case that failed.
#[derive(Debug)]
struct Failure {
    seed: u64,
    reason: String,
    steps: Vec<Step>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\nThe shortest case that was found:", self.reason)?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:3}. {step:?}", number + 1)?;
        }
        write!(f, "Play it again: FAULTS_CASES=1 FAULTS_SEED={}", self.seed)
    }
}

/// What all cases share: every one has tenants of its own.
struct Stage {
    runtime: Runtime,
    world: Arc<World>,
    upstream: Marked,
}

impl Stage {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let world = async { (Arc::new(World::saas().await), Marked::start().await) };
        let (world, upstream) = runtime.block_on(world);
        Self { runtime, world, upstream }
    }
}

/// What was played.
#[derive(Debug, Default)]
struct Played {
    calls: usize,
    requests_that_met_with_trouble: usize,
    calls_that_failed: usize,
    stale_serves: usize,
}

/// Plays the cases of these seeds, until one fails.
fn play(stage: &Stage, seeds: Range<u64>, flaw: Option<Flaw>, shrinks: u32) -> Result<Played, Failure> {
    let Stage { runtime, world, upstream } = stage;
    let next = AtomicU64::new(seeds.start);
    let lane = || {
        let rig = runtime.block_on(Rig::new(Arc::clone(world), flaw));
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if !seeds.contains(&seed) {
                return told(rig, seed);
            }
            let config = Config {
                cases: 1,
                rng_seed: RngSeed::Fixed(seed),
                failure_persistence: None,
                max_shrink_iters: shrinks,
                max_shrink_time: 120_000,
                ..Config::default()
            };
            let outcome = TestRunner::new(config).run(&steps::steps(), |steps| {
                let outcome = runtime.block_on(case::play(&rig, upstream, &steps));
                outcome.map_err(TestCaseError::fail)
            });
            if let Err(error) = outcome {
                next.store(seeds.end, Ordering::SeqCst);
                return Err(match error {
                    TestError::Fail(reason, steps) => Failure { seed, reason: reason.to_string(), steps },
                    TestError::Abort(reason) => {
                        Failure { seed, reason: reason.to_string(), steps: Vec::new() }
                    }
                });
            }
        }
    };
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        // Every lane ends before a failure is told: a panic in one is a panic here.
        let ended: Vec<_> = lanes.into_iter().map(|lane| lane.join().unwrap()).collect();
        ended.into_iter().try_fold(Played::default(), |played, lane| Ok(played.and(lane?)))
    })
}

impl Played {
    fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            requests_that_met_with_trouble: self.requests_that_met_with_trouble
                + other.requests_that_met_with_trouble,
            calls_that_failed: self.calls_that_failed + other.calls_that_failed,
            stale_serves: self.stale_serves + other.stale_serves,
        }
    }
}

/// What a lane has played; each answer of an instance that was logged as stale must be counted as one.
fn told(rig: Rig, seed: u64) -> Result<Played, Failure> {
    let Tally { calls, met, failed, stale } = rig.tally;
    let stale_serves = stale.into_inner();
    let totals = rig.told.totals();
    let counted = totals.iter().filter(|(name, _)| name.contains("StaleServes")).map(|(_, count)| *count);
    let counted = usize::try_from(counted.sum::<u64>()).unwrap();
    if stale_serves != counted {
        let reason = format!("{stale_serves} stale serves were logged, {counted} counted");
        return Err(Failure { seed, reason, steps: Vec::new() });
    }
    Ok(Played {
        calls: calls.into_inner(),
        requests_that_met_with_trouble: met.into_inner(),
        calls_that_failed: failed.into_inner(),
        stale_serves,
    })
}

#[expect(clippy::disallowed_methods, reason = "a test's own knob")]
fn knob(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn what_is_acknowledged_holds_and_what_failed_is_either_whatever_aws_does() {
    let start = knob("FAULTS_SEED").unwrap_or_else(|| u64::from(SystemEntropy.uuid().as_fields().0));
    let cases = knob("FAULTS_CASES").unwrap_or(CASES);
    assert!(cases > 0, "FAULTS_CASES=0 would show nothing");
    println!("{cases} cases from the seed {start} on");
    match play(&Stage::new(), start..start.saturating_add(cases), None, 4_000) {
        Ok(played) => println!("{played:?}"),
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn the_property_finds_every_flaw_that_it_is_there_for() {
    let stage = Stage::new();
    for flaw in [
        Flaw::Agent(end_to_end::Flaw::NoMarkers),
        Flaw::Agent(end_to_end::Flaw::OldMarkers),
        Flaw::Agent(end_to_end::Flaw::OldRecords),
        Flaw::UnconfirmedIsRefused,
        Flaw::UnconfirmedIsDone,
        Flaw::WrittenAgain,
        Flaw::ExecutedAgain,
    ] {
        match play(&stage, 1..PATIENCE, Some(flaw), 0) {
            Ok(played) => panic!("{flaw:?} survived {played:?}"),
            Err(failure) => println!("{flaw:?}, seed {}: {}", failure.seed, failure.reason),
        }
    }
}
