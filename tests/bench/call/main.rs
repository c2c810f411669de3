//! What a warm query costs of its own: the agent's real handler, from the event's bytes to the response, with an AWS that
//! answers without a network and an upstream on loopback. The same request to the same upstream by the bare HTTP client
//! stands beside it; what a query takes beyond that is ours.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that can't be made has failed, and its result is printed"
)]

mod aws;

use std::{hint::black_box, sync::Arc, time::Duration};

use axum::{body::Body, http::Response};
use boot::{Boot, Settings};
use criterion::Criterion;
use egress::Tls;
use end_to_end::{Upstream, query_event};
use local::gateway::{Function, Handler};
use model::{
    clock::{Clock, SystemClock},
    deadline::Deadline,
    entropy::SystemEntropy,
    ids::{ConnectorName, TenantId},
    license::{License, SigningKey},
};
use serde_json::json;
use store::{ConnectorReader, MarkerReader};
use telemetry::Metrics;
use tokio::runtime::Builder;

use crate::aws::Aws;

const TENANT: &str = "tenant-a";
const TIMEOUT: Duration = Duration::from_secs(29);

/// One row, and the hundred of a page.
fn rows(count: usize) -> String {
    let row = json!({"id": "acc-1001", "name": "Northwind Traders", "industry": "logistics", "revenue": 1_250_000.5});
    json!(vec![row; count]).to_string()
}

/// Answers a path by so many rows, and gives tokens.
async fn upstream() -> Upstream {
    let bodies = [1, 100].map(|count| (format!("/{count}"), rows(count)));
    let token = json!({"access_token": "token", "token_type": "Bearer", "expires_in": 86_400}).to_string();
    Upstream::start(move |seen| {
        let body = bodies.iter().find(|(path, _)| *path == seen.target).map_or(&token, |(_, body)| body);
        let response = Response::builder().header("content-type", "application/json");
        response.body(Body::from(body.clone())).expect("a response")
    })
    .await
}

fn boot(aws: &Aws, jwks: &str) -> Boot {
    let environment = [("LICENSE_PUBLIC_KEYS", jwks), ("EGRESS_ALLOW", "127.0.0.0/8")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::of(&environment.into_iter().collect()).expect("settings");
    Boot {
        // Longer than the benchmark runs: what is measured is warm.
        settings: Settings { cache_ttl: Duration::from_hours(1), ..settings },
        clients: aws.clients(),
        metrics: Metrics::off(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    }
}

#[expect(clippy::disallowed_methods, reason = "what our own way out is measured against")]
fn bare_client() -> reqwest::Client {
    let tls = Tls::new(None).expect("roots").config();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls.as_ref().clone());
    client.no_proxy().tcp_nodelay(true).build().expect("a client")
}

fn main() {
    // One thread: what the upstream takes is in both, and the difference is ours.
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let upstream = runtime.block_on(upstream());
    let aws = Aws::new(&upstream.url());
    let now = SystemClock.now();
    let key = SigningKey::generate(&SystemEntropy);
    let license = key.issue(&License {
        sub: "bench".to_owned(),
        tenants: vec![TENANT.to_owned()],
        scopes: vec!["query".to_owned()],
        connectors: None,
        exp: now.epoch_seconds() + 86_400,
        iat: now.epoch_seconds(),
        jti: "bench".to_owned(),
    });
    let boot = boot(&aws, &key.public_jwks().to_string());
    let app = Arc::new(agent_invoke::App::new(&boot).expect("the agent starts"));
    let handler = move |request| agent_invoke::handle(Arc::clone(&app), request);
    let agent = Handler::new(handler, Arc::new(SystemClock), TIMEOUT);
    let query = async |event: &[u8]| {
        let answer = agent.invoke(event.to_vec(), "one").await.expect("a response");
        assert_eq!(answer["statusCode"], 200, "{answer}");
        black_box(answer);
    };

    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let bare = bare_client();
    for count in [1, 100] {
        let url = format!("{}/{count}", upstream.url());
        criterion.bench_function(&format!("the upstream alone, {count} row(s)"), |b| {
            b.iter(|| {
                runtime.block_on(async {
                    let answer = bare.get(&url).send().await.expect("an answer");
                    black_box(answer.bytes().await.expect("a body"))
                })
            });
        });
    }
    for (connector, count) in [("plain", 1), ("plain", 100), ("token", 1)] {
        let mut event = query_event(&license, TENANT, connector);
        let body = json!({"connector": connector, "statement": format!("/{count}")});
        event["body"] = json!(body.to_string());
        let event = event.to_string().into_bytes();
        runtime.block_on(query(&event));
        let before = aws.asked();
        runtime.block_on(query(&event));
        println!("asked of AWS by a warm query of {connector}: {}", aws.asked() - before);
        criterion.bench_function(&format!("warm query, {connector}, {count} row(s)"), |b| {
            b.iter(|| runtime.block_on(query(&event)));
        });
    }
    // What of it the SDK takes: to sign, to send and to read.
    let (dynamo, far) = (boot.dynamo(), Deadline::after(now, Duration::from_hours(1)));
    let (tenant, name) = (TenantId::parse(TENANT), ConnectorName::parse("plain"));
    let (tenant, name) = (tenant.expect("a tenant"), name.expect("a name"));
    criterion.bench_function("the markers through the SDK", |b| {
        b.iter(|| runtime.block_on(dynamo.read(0, &tenant, &name, "bench", far)).expect("markers"));
    });
    criterion.bench_function("a record through the SDK", |b| {
        b.iter(|| runtime.block_on(dynamo.get(&tenant, &name, far)).expect("an answer").expect("a record"));
    });
    criterion.final_summary();
}
