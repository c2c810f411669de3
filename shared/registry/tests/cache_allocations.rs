//! A hit allocates nothing.

use std::{sync::Arc, time::Duration};

use allocation_counter::measure;
use model::{
    clock::{Clock, SystemClock},
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};
use registry::cache::WarmCache;

type Cache = WarmCache<u64, ()>;

#[test]
fn a_hit_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let cache = Cache::new(1_000, Duration::from_secs(30), Arc::new(SystemClock));
    let tenant = TenantId::parse("acme").unwrap();
    let names: Vec<_> = (0..1_000).map(|n| ConnectorName::parse(&format!("crm-{n}")).unwrap()).collect();
    let (now, newest) = (SystemClock.now(), Fingerprint { platform: 1, tenant: 1, connector: 1 });
    let deadline = Deadline::after(now, Duration::from_mins(1));
    let call = |name| cache.get_or_load(&tenant, name, newest, now, deadline, async || Ok(7));
    let loading = measure(|| names.iter().for_each(|name| assert!(runtime.block_on(call(name)).is_ok())));
    assert!(loading.count_total >= 1_000, "what is measured is seen: {loading:?}");
    let get = measure(|| {
        for name in &names {
            assert!(cache.get(&tenant, name, newest, now).is_some());
            assert!(cache.get_stale(&tenant, name, now).is_some());
        }
    });
    assert_eq!(get.count_total, 0);
    let shared = measure(|| {
        runtime.block_on(async {
            for name in &names {
                assert!(call(name).await.is_ok());
            }
        });
    });
    // Entering the runtime allocates or not; a thousand hits must add nothing to it.
    let entering = measure(|| runtime.block_on(async {}));
    assert_eq!(shared.count_total, entering.count_total);
}
