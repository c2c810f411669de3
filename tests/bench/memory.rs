//! How much memory 1,000 cached connectors hold: the real binary behind a runtime API, its resident set read before
//! the first call, when every connector has been called once, and again when no connection is left open.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that can't be made has failed, and its result is printed"
)]

use std::path::Path;

use end_to_end::{LambdaRuntime, Upstream, World, answered, query_event};
use model::session::Role;
use serde_json::json;

const CONNECTORS: usize = 1_000;
const LIMIT_MIB: f64 = 64.0;
const TENANT: &str = "measured";

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).expect("less than 4 TiB")) / 1024.0
}

#[tokio::main]
async fn main() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let session = world.session(TENANT, Role::Editor, 0, 0).await;
    let fleet = world.fleet(1);
    for n in 0..CONNECTORS {
        let body = json!({
            "connector_name": format!("c{n}"), "connector_type": "custom",
            "connection_url": format!("{}/path/{n}", upstream.url()),
        });
        let (status, body) = fleet.create(&session, &body).await;
        assert_eq!(status, 201, "{body}");
    }
    let mut environment = world.environment();
    environment.push(("CONNECTOR_CACHE_TTL_MS".to_owned(), "300000".to_owned()));
    let runtime = LambdaRuntime::start().await;
    let container = runtime.container(Path::new(env!("CARGO_BIN_EXE_agent-invoke")), &environment).await;
    let license = world.license(|license| license.tenants = vec![TENANT.to_owned()]);

    println!("{:<40} {:>8} {:>8}", "", "RSS MiB", "bar");
    let line = |what: &str| println!("{what:<40} {:>8.1} {LIMIT_MIB:>8.1}", mib(container.rss_kib()));
    line("started");
    for (at, what) in
        [(1, "1 connector"), (10, "10 connectors"), (100, "100 connectors"), (CONNECTORS, "1,000 connectors")]
    {
        for n in 0..at {
            let event = query_event(&license, TENANT, &format!("c{n}"));
            let (status, body) = answered(&runtime.invoke(event).await);
            assert_eq!(status, 200, "{body}");
        }
        line(what);
    }
    let kept = mib(container.rss_kib());
    // That they are cached shows in what is not loaded again: every call is a hit.
    let paths = upstream.seen().len();
    assert_eq!(paths, 1 + 10 + 100 + CONNECTORS);
    println!("{:<40} {}", "within the bar", if kept <= LIMIT_MIB { "yes" } else { "NO" });
}
