//! What a tenant whose upstream never answers costs the others, over HTTP: the others' calls alone, beside a hundred
//! that hang, and alone again, in turns, so that a machine that is slower for a while slows all of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    time::Duration,
};

use axum::{body::Body, http::Response};
use clap::Args;
use end_to_end::{Call, Fault, HungUp, Latencies, Line, wire};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{run::now, stack::Stack};

const HANGING: &str = "hanging";
const HEALTHY: [&str; 3] = ["alpha", "beta", "gamma"];
const CONTAINERS: u8 = 3;
const CONNECTOR: &str = "crm";
/// Longer than a call may hang: API Gateway's 29 seconds.
const TIMEOUT_MS: u32 = 120_000;

/// What to run.
#[derive(Args)]
pub(crate) struct Hanging {
    /// Calls of the healthy tenants in each of the three kinds of stretches
    #[arg(long, default_value = "6000", allow_negative_numbers = true)]
    calls: NonZeroUsize,
    /// Turns that the stretches take
    #[arg(long, default_value = "10", allow_negative_numbers = true)]
    turns: NonZeroUsize,
    /// Calls of the hanging tenant in flight
    #[arg(long, default_value = "100", allow_negative_numbers = true)]
    in_flight: NonZeroUsize,
    /// The most that the 99th percentile beside may be, in multiples of the one alone
    #[arg(long, default_value_t = 1.1, allow_negative_numbers = true, value_parser = ratio)]
    bar: f64,
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok().filter(|ratio: &f64| ratio.is_finite() && *ratio > 0.0);
    ratio.ok_or_else(|| "a number above 0".to_owned())
}

impl Hanging {
    /// Measures and prints. Whether the bar is held.
    #[expect(clippy::print_stdout, reason = "the figures are what the command is for")]
    pub(crate) async fn run(self) -> bool {
        let tenants = [&HEALTHY[..], &[HANGING]].concat();
        let stack = Stack::start(&tenants, CONTAINERS, |_| Fault::None, |_| {}).await;
        let (line, silent) = (Line::default(), Silent::start().await);
        let healthy = answering().await;
        for tenant in &tenants {
            let upstream = if *tenant == HANGING { silent.address } else { healthy };
            create(&stack, tenant, upstream).await;
        }
        let in_a_stretch = (self.calls.get() / self.turns / HEALTHY.len()).max(1);
        let mut measured = Latencies::default();
        stretch(&stack, &line, in_a_stretch, &mut Vec::new()).await;
        let (mut alone, mut beside) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..self.turns.get() {
            alone += stretch(&stack, &line, in_a_stretch, &mut measured.alone).await;
            let mut hanging = self.hang(&stack, &silent).await;
            beside += stretch(&stack, &line, in_a_stretch, &mut measured.beside).await;
            assert!(hanging.try_join_next().is_none(), "a call of the hanging tenant has ended");
            silent.hang_up();
            while hanging.join_next().await.is_some() {}
            stretch(&stack, &line, in_a_stretch, &mut measured.again).await;
        }
        let calls = measured.alone.len();
        let a_second =
            |took: Duration| f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) / took.as_secs_f64();
        println!(
            "{calls} calls of {} tenants each, {:.0} a second alone and {:.0} beside {} calls that hang",
            HEALTHY.len(),
            a_second(alone),
            a_second(beside),
            self.in_flight
        );
        println!("{}", measured.table());
        let ratio = measured.ratio(99);
        let held = ratio <= self.bar;
        println!("p99 ratio {ratio:.2}, bar {}: {}", self.bar, if held { "held" } else { "NOT held" });
        held
    }

    /// Calls that have all come to their upstream, and hang there.
    async fn hang(&self, stack: &Stack, silent: &Silent) -> JoinSet<()> {
        let mut calls = JoinSet::new();
        for _ in 0..self.in_flight.get() {
            let call = query(stack, HANGING);
            calls.spawn(async move {
                let _ = call.try_send().await;
            });
        }
        let mut open = silent.open.subscribe();
        open.wait_for(|open| *open == self.in_flight.get()).await.expect("the upstream counts");
        calls
    }
}

/// A stretch of calls, one after the other for each healthy tenant; gives how long it took.
async fn stretch(stack: &Stack, line: &Line, calls: usize, into: &mut Vec<Duration>) -> Duration {
    let began = now();
    let tenants = HEALTHY.map(async |tenant| {
        let mut took = Vec::with_capacity(calls);
        for _ in 0..calls {
            let began = now();
            let reply = query(stack, tenant).send_on(line).await.expect("an answer");
            took.push(now().duration_since(began));
            reply.expect(200);
        }
        took
    });
    into.extend(join_all(tenants).await.into_iter().flatten());
    now().duration_since(began)
}

fn query(stack: &Stack, tenant: &str) -> Call {
    let call = Call::new("POST", format!("http://{}/mcp/resources/query", stack.agent()));
    call.header("x-license-key", stack.license(tenant)).json(&json!({"connector": CONNECTOR}))
}

async fn create(stack: &Stack, tenant: &str, upstream: SocketAddr) {
    let body = json!({
        "connector_name": CONNECTOR, "connector_type": "custom", "connection_url": format!("http://{upstream}"),
        // A call that hung is not tried again when it is let go.
        "timeout_ms": TIMEOUT_MS, "max_retries": 0,
    });
    let call = Call::new("POST", format!("http://{}/api/v1/connectors", stack.portal()));
    call.session(stack.session(tenant)).json(&body).send().await.expect(201);
}

/// An upstream that answers everything.
async fn answering() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(wire::serve(listener, async |_| {
        let response = Response::builder().header("content-type", "application/json");
        response.body(Body::from("[1]")).map_err(|_| HungUp)
    }));
    address
}

/// An upstream that takes connections and never answers, until it hangs up on all of them.
struct Silent {
    address: SocketAddr,
    /// How many connections are open.
    open: watch::Sender<usize>,
}

impl Silent {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (open, mut told) = watch::channel(0);
        let counts = open.clone();
        tokio::spawn(async move {
            let mut held = Vec::new();
            loop {
                tokio::select! {
                    taken = listener.accept() => {
                        held.extend(taken.ok());
                        counts.send_replace(held.len());
                        told.mark_unchanged();
                    }
                    // Somebody else has set the number, to none.
                    _ = told.changed() => held.clear(),
                }
            }
        });
        Self { address, open }
    }

    fn hang_up(&self) {
        self.open.send_replace(0);
    }
}
