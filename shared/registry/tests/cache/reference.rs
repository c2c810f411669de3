//! Any sequence of calls against a cache that could not be simpler: a list, most recently used last.

use std::{sync::Arc, time::Duration};

use proptest::{collection::vec, prelude::*};
use registry::cache::{How, LoadFailure};

use crate::support::{Bench, TTL, fails, gives};

const CAPACITY: usize = 3;
const MEMORY: u64 = 1;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call { key: u8, generation: u64, fails: bool },
    Stale { key: u8 },
    Discard { key: u8 },
    Pass { seconds: u64 },
}

/// What the simple cache keeps of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kept {
    key: u8,
    generation: u64,
    since: u64,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Instance(u32),
    Failure,
    /// Serves nobody, but takes a place among the failures until the key is asked for again.
    Refusal,
}

impl Kept {
    fn is_instance(&self) -> bool {
        matches!(self.what, What::Instance(_))
    }
}

#[derive(Default)]
struct Reference {
    now: u64,
    kept: Vec<Kept>,
}

impl Reference {
    fn is_young(&self, kept: &Kept) -> bool {
        let limit = match kept.what {
            What::Instance(_) => TTL.as_secs(),
            What::Failure => MEMORY,
            What::Refusal => 0,
        };
        self.now - kept.since < limit
    }

    /// What serves this call, moved to the end.
    fn find(&mut self, key: u8, generation: Option<u64>) -> Option<Kept> {
        let at = self.kept.iter().position(|kept| kept.key == key)?;
        let kept = self.kept.remove(at);
        let is_new = generation.is_none_or(|generation| kept.generation >= generation);
        let serves = is_new && self.is_young(&kept);
        self.kept.extend(serves.then_some(kept));
        serves.then_some(kept)
    }

    fn keep(&mut self, kept: Kept) {
        self.kept.push(kept);
        let alike = |other: &Kept| other.is_instance() == kept.is_instance();
        if self.kept.iter().filter(|other| alike(other)).count() > CAPACITY
            && let Some(oldest) = self.kept.iter().position(alike)
        {
            self.kept.remove(oldest);
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..6_u8, 1..4_u64, prop::bool::weighted(0.2))
            .prop_map(|(key, generation, fails)| Step::Call { key, generation, fails }),
        2 => (0..6_u8).prop_map(|key| Step::Stale { key }),
        1 => (0..6_u8).prop_map(|key| Step::Discard { key }),
        2 => prop_oneof![Just(1), Just(14), Just(30)].prop_map(|seconds| Step::Pass { seconds }),
    ];
    vec(step, 1..80)
}

fn check(steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (bench, mut reference) = (Bench::new(CAPACITY), Reference::default());
    for (number, step) in (0..).zip(steps) {
        // Recency is told by the clock; all these nanoseconds together are less than any limit.
        bench.clock.pass(Duration::from_nanos(1));
        match step {
            Step::Call { key, generation, fails: failing } => {
                let load = async || if failing { fails("no", true).await } else { gives(number).await };
                let outcome = runtime.block_on(bench.call(&name(key), generation, load));
                let expected = match reference.find(key, Some(generation)) {
                    Some(Kept { what: What::Instance(value), .. }) => Ok((value, How::Hit)),
                    Some(_) => Err(LoadFailure::Failed("no")),
                    None => {
                        let what = if failing { What::Failure } else { What::Instance(number) };
                        reference.keep(Kept { key, generation, since: reference.now, what });
                        if failing { Err(LoadFailure::Failed("no")) } else { Ok((number, How::Loaded)) }
                    }
                };
                assert_eq!(outcome, expected, "{step:?}");
            }
            Step::Stale { key } => {
                let known = reference.find(key, None).map(|kept| kept.what);
                let expected =
                    known.and_then(|what| if let What::Instance(value) = what { Some(value) } else { None });
                assert_eq!(bench.get_stale(&name(key)).map(|value| *value), expected, "{step:?}");
            }
            Step::Discard { key } => {
                let instance = bench.get_stale(&name(key));
                let known = reference.find(key, None).filter(Kept::is_instance);
                assert_eq!(instance.is_some(), known.is_some(), "{step:?}");
                if let (Some(instance), Some(known)) = (instance, known) {
                    bench.discard(&name(key), &instance);
                    assert_eq!(Arc::strong_count(&instance), 1);
                    reference.kept.retain(|kept| kept.key != key);
                    reference.keep(Kept { what: What::Refusal, ..known });
                }
            }
            Step::Pass { seconds } => {
                bench.clock.pass(Duration::from_secs(seconds));
                reference.now += seconds;
            }
        }
        let instances = reference.kept.iter().filter(|kept| kept.is_instance()).count();
        assert_eq!(bench.cache.len(), instances, "{step:?}");
    }
}

fn name(key: u8) -> String {
    format!("crm-{key}@acme")
}

proptest! {
    #[test]
    fn it_does_what_the_simplest_cache_would_do(steps in steps()) {
        check(steps);
    }
}
