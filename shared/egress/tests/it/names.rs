//! Names: every address counts, each time anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use egress::{Egress, Resolver, Tls};
use jiff::{SignedDuration, Timestamp};
use model::clock::{Clock, Moment, SystemClock};
use tokio::io::AsyncWriteExt;

use crate::support::{Script, Server, egress, get, guarded, ok, read_head, request, rules, within};

const CLOSING: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

#[tokio::test]
async fn a_name_with_one_refused_address_is_refused() {
    let server = Server::answering(ok("")).await;
    for addresses in [
        "169.254.169.254",
        "127.0.0.1 169.254.169.254",
        "169.254.169.254 127.0.0.1",
        "127.0.0.1 127.0.0.1 ::ffff:169.254.169.254",
        "127.0.0.1 fe80::1",
        "127.0.0.1 64:ff9b::a9fe:a9fe",
        "::1 fd00:ec2::254",
        "127.0.0.1 0.0.0.0",
        "127.0.0.1 ::",
    ] {
        // The name is listed: that opens private addresses, and not these.
        let egress = egress(
            "metadata.google.internal",
            Script::default().name("metadata.google.internal", &[addresses]),
        );
        let error = get(&egress, &server.url("metadata.google.internal")).await.unwrap_err();
        assert_eq!(error.stage(), "egress", "{addresses}: {error}");
        assert!(error.to_string().starts_with("metadata.google.internal:"), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn an_unlisted_name_may_not_have_one_private_address() {
    for addresses in ["10.0.0.1", "8.8.8.8 10.0.0.1", "2600:1f18::1 ::1", "8.8.8.8 ::ffff:192.168.0.1"] {
        let egress = egress("", Script::default().name("mixed.test", &[addresses]));
        let error = get(&egress, "https://mixed.test/").await.unwrap_err();
        assert_eq!(error.stage(), "egress", "{addresses}: {error}");
    }
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_judged_again() {
    let server = Server::answering(CLOSING).await;
    let script = Script::default().name("rebind.test", &["127.0.0.1", "169.254.169.254"]);
    let url = server.url("rebind.test");
    let client = egress("rebind.test", script).http(&url).unwrap();
    assert_eq!(client.send(request(&url), within(20_000)).await.unwrap().body, "hi");
    assert_eq!(client.send(request(&url), within(20_000)).await.unwrap_err().stage(), "egress");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_name_that_comes_to_point_at_the_runtime_api_is_refused() {
    let server = Server::answering(CLOSING).await;
    let api = format!("127.0.0.1:{}", server.port);
    let script = Script::default().name("rebind.test", &["127.0.0.1", "::1"]);
    let egress = guarded(rules("rebind.test,127.0.0.1,::1", Some(&api)), script);
    let url = server.url("rebind.test");
    let client = egress.http(&url).unwrap();
    for _ in 0..2 {
        let error = client.send(request(&url), within(20_000)).await.unwrap_err();
        assert_eq!(error.stage(), "egress");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_told_apart() {
    for script in [Script::default(), Script::default().name("empty.test", &[])] {
        let error = get(&egress("", script), "https://empty.test/secret?token=1").await.unwrap_err();
        assert_eq!(error.stage(), "name_resolution");
        assert_eq!(error.to_string(), "the name empty.test does not resolve");
    }
}

/// A server that keeps its connections open.
async fn patient() -> Server {
    Server::start(|mut stream| async move {
        while !read_head(&mut stream).await.is_empty() {
            stream.write_all(ok("hi").as_bytes()).await.unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn a_connection_that_stays_open_asks_once() {
    let server = patient().await;
    let script = Arc::new(Script::default().name("once.test", &["127.0.0.1"]));
    let (tls, rules) = (Tls::new(None).unwrap(), rules("once.test", None));
    let egress = Egress::new(rules, tls, Arc::clone(&script) as Arc<dyn Resolver>, Arc::new(SystemClock));
    let url = server.url("once.test");
    let client = egress.http(&url).unwrap();
    for _ in 0..3 {
        assert_eq!(client.send(request(&url), within(20_000)).await.unwrap().body, "hi");
    }
    assert_eq!((script.lookups(), server.connections()), (1, 1));
}

/// A clock whose wall time is so many seconds after an epoch while its ticks go on as ever: what a thawed container
/// reads.
#[derive(Default)]
struct Thawed(AtomicI64);

impl Clock for Thawed {
    fn now(&self) -> Moment {
        let wall = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(self.0.load(Ordering::SeqCst));
        Moment { wall, ..SystemClock.now() }
    }
}

#[tokio::test]
async fn a_connection_that_rested_for_long_by_wall_time_is_not_used_again() {
    let server = patient().await;
    let clock = Arc::new(Thawed::default());
    let tls = Tls::new(None).unwrap();
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let egress = Egress::new(rules("127.0.0.1", None), tls, Arc::new(Script::default()), shared);
    let url = server.url("127.0.0.1");
    let client = egress.http(&url).unwrap();
    // Half a minute is not long yet; a clock that was set back doesn't say how long it was.
    for (at, connections) in [(0, 1), (25, 1), (55, 1), (86, 2), (3_600, 3), (3_610, 3), (0, 4)] {
        clock.0.store(at, Ordering::SeqCst);
        client.send(request(&url), within(20_000)).await.unwrap();
        assert_eq!(server.connections(), connections, "at {at} s");
    }
}
