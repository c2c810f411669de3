//! What a hit costs: 1,000 keys, fingerprint and TTL judged, the time read outside. The bar is 80 ns on one thread
//! and 120 ns on two.

use std::{
    hint::black_box,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use criterion::Criterion;
use model::{
    clock::{Clock, Moment, SystemClock},
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};
use registry::cache::WarmCache;
use tokio::runtime::{Builder, Runtime};

const KEYS: usize = 1_000;
const NEWEST: Fingerprint = Fingerprint { platform: 3, tenant: 2, connector: 1 };
/// Long enough for any run of the benchmark.
const TTL: Duration = Duration::from_secs(100_000);

struct Bench {
    cache: WarmCache<[u64; 4], ()>,
    /// In an order that no prefetcher foresees.
    keys: Vec<(TenantId, ConnectorName)>,
    now: Moment,
    runtime: Runtime,
}

impl Bench {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let cache = WarmCache::new(KEYS, TTL, Arc::new(SystemClock));
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let mut keys = Vec::new();
        for n in (0..KEYS).map(|n| n * 617 % KEYS) {
            let (tenant, name) = (format!("tenant-{}", n % 50), format!("connector-{n}"));
            keys.push((TenantId::parse(&tenant)?, ConnectorName::parse(&name)?));
        }
        let bench = Self { cache, keys, now: SystemClock.now(), runtime };
        bench.runtime.block_on(bench.load_or_hit(KEYS));
        Ok(bench)
    }

    /// Whole calls, which load the first time.
    async fn load_or_hit(&self, calls: usize) {
        let deadline = Deadline::after(self.now, TTL);
        for (tenant, name) in self.keys.iter().cycle().take(calls) {
            let load = async || Ok([7; 4]);
            let served = self.cache.get_or_load(tenant, name, NEWEST, self.now, deadline, load).await;
            assert!(black_box(served).is_ok());
        }
    }

    fn hit(&self, calls: usize) {
        for (tenant, name) in self.keys.iter().cycle().take(calls) {
            assert!(black_box(self.cache.get(tenant, name, NEWEST, self.now)).is_some());
        }
    }

    /// How long each of so many threads takes for so many hits, while the others do the same.
    fn hit_on(&self, threads: usize, calls: usize) -> Duration {
        let start = Barrier::new(threads);
        thread::scope(|scope| {
            let work = |_| {
                scope.spawn(|| {
                    start.wait();
                    took(|| self.hit(calls))
                })
            };
            let workers: Vec<_> = (0..threads).map(work).collect();
            workers.into_iter().filter_map(|worker| worker.join().ok()).max().unwrap_or_default()
        })
    }
}

fn took(work: impl FnOnce()) -> Duration {
    let before = SystemClock.now().ticks;
    work();
    SystemClock.now().ticks - before
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bench = Bench::new()?;
    let calls = |iterations: u64| usize::try_from(iterations).unwrap_or(usize::MAX);
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for threads in [1, 2] {
        let name = format!("hit, {threads} thread(s)");
        criterion.bench_function(&name, |b| b.iter_custom(|n| bench.hit_on(threads, calls(n))));
    }
    criterion.bench_function("hit through get_or_load, 1 thread", |b| {
        b.iter_custom(|n| took(|| bench.runtime.block_on(bench.load_or_hit(calls(n)))));
    });
    let older = Fingerprint { connector: 0, ..NEWEST };
    criterion.bench_function("fingerprint check alone", |b| {
        b.iter(|| black_box(NEWEST).covers(black_box(older)));
    });
    criterion.final_summary();
    Ok(())
}
