//! How much memory 1,000 cached connectors hold: the real binary behind a runtime API, its resident set read before
//! the first call and when every connector has been called once; then the same of connectors that bring a private CA.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that can't be made has failed, and its result is printed"
)]

use std::path::Path;

use end_to_end::{Kind, LambdaRuntime, Upstream, World, answered, query_event, row};
use model::session::Role;
use serde_json::{Value, json};

const CONNECTORS: usize = 1_000;
const LIMIT_MIB: f64 = 64.0;
const TENANT: &str = "measured";

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).expect("less than 4 TiB")) / 1024.0
}

#[tokio::main]
async fn main() {
    println!("{:<40} {:>8} {:>8}", "", "RSS MiB", "bar");
    measure("plain", &json!({})).await;
    let ca = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).expect("a certificate");
    measure("private CA", &json!({"ca_pem": ca.cert.pem()})).await;
}

async fn measure(kind: &str, options: &Value) {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let session = world.session(TENANT, Role::Editor, 0, 0).await;
    let fleet = world.fleet(1);
    for n in 0..CONNECTORS {
        let body = json!({
            "connector_name": format!("c{n}"), "connector_type": "custom", "options": options,
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

    let line = |what: &str| {
        let rss = mib(container.rss_kib());
        println!("{:<40} {rss:>8.1} {LIMIT_MIB:>8.1}", format!("{kind}: {what}"));
        rss
    };
    line("started");
    let (mut called, mut last) = (0, 0.0);
    for (up_to, what) in [(1, "1 cached"), (100, "100 cached"), (CONNECTORS, "1,000 cached")] {
        for n in called..up_to {
            let event = query_event(&license, TENANT, &format!("c{n}"));
            let (status, body) = answered(&runtime.invoke(event).await);
            assert_eq!(status, 200, "{body}");
        }
        called = up_to;
        last = line(what);
    }
    let what = format!("resident memory, 1,000 cached connectors ({kind})");
    row(Kind::Number, &what, &format!("≤ {LIMIT_MIB:.0} MiB"), &format!("{last:.1} MiB"));
    assert!(last <= LIMIT_MIB, "{last:.1} MiB of {LIMIT_MIB}");
}
