//! What a tenant's hanging upstream costs another tenant: latencies of tenant-b's calls through one container, alone
//! and while calls of tenant-a hang, in turns, so that a machine that is slower for a while slows both. What alone
//! measures against itself, before and after, says how much of a ratio is the machine's.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that can't be made has failed, and its result is printed"
)]

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use end_to_end::{Fleet, Kind, Latencies, Upstream, World, row};
use model::clock::{Clock, SystemClock};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};

const TURNS: usize = 10;
const CALLS: usize = 400;
const HANGING: usize = 100;

/// A service that takes connections and never answers.
async fn silent() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    url
}

async fn latencies(fleet: &Fleet, into: &mut Vec<Duration>) {
    for _ in 0..CALLS {
        let started = SystemClock.now().ticks;
        let (status, body) = fleet.query("tenant-b", "b").await;
        into.push(SystemClock.now().ticks.duration_since(started));
        assert_eq!(status, 200, "{body}");
    }
}

#[tokio::main]
async fn main() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    for (tenant, name, url) in [("tenant-a", "a", silent().await), ("tenant-b", "b", upstream.url())] {
        let body = json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
        world.portal_as(tenant, "POST", "/api/v1/connectors").json(&body).send().await.expect(201);
    }
    let fleet = Arc::new(world.fleet(1));
    latencies(&fleet, &mut Vec::new()).await;
    let mut measured = Latencies::default();
    for _ in 0..TURNS {
        latencies(&fleet, &mut measured.alone).await;
        let mut hanging = JoinSet::new();
        for _ in 0..HANGING {
            let fleet = Arc::clone(&fleet);
            hanging.spawn(async move { fleet.query("tenant-a", "a").await });
        }
        // Until all of them have reached their upstream, starting them takes what the processors have.
        tokio::time::sleep(Duration::from_secs(1)).await;
        latencies(&fleet, &mut measured.beside).await;
        assert_eq!(hanging.len(), HANGING);
        assert!(hanging.try_join_next().is_none(), "a call of tenant-a has ended");
        hanging.shutdown().await;
        latencies(&fleet, &mut measured.again).await;
    }
    println!("{} calls of tenant-b each; {HANGING} calls of tenant-a hang", measured.alone.len());
    println!("{}", measured.table());
    for percent in [50, 90, 99] {
        let bar = if percent == 99 { "≤ 1.1" } else { "" };
        let what =
            format!("a tenant's calls beside {HANGING} hanging calls of another, to alone: p{percent}");
        let (ratio, noise) = (measured.ratio(percent), measured.noise(percent));
        row(Kind::Ratio, &what, bar, &format!("{ratio:.2}; alone to itself {noise:.2}"));
    }
}
