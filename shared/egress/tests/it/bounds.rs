//! Size and time: an upstream decides neither.

use std::io::Write;
use std::time::Duration;

use async_trait::async_trait;
use egress::{Egress, EgressError, Resolver, Response, Tls};
use flate2::Compression;
use flate2::write::GzEncoder;
use model::clock::{Clock, SystemClock};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

use crate::support::{Script, Server, egress, get, ok, read_head, request, rules, within};

const LIMIT: usize = 1000;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let packed = gzip(body);
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    [head.into_bytes(), packed].concat()
}

fn chunked(size: usize) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n",
        "x".repeat(size)
    )
}

async fn get_capped(server: &Server, limit: usize) -> Result<Response, EgressError> {
    let url = server.url("127.0.0.1");
    let client = egress("127.0.0.1", Script::default()).http(&url)?.with_max_body_bytes(limit);
    client.send(request(&url), within(20_000)).await
}

#[tokio::test]
async fn a_body_is_capped_exactly() {
    for answer in [
        |size| ok(&"x".repeat(size)).into_bytes(),
        |size| chunked(size).into_bytes(),
        |size| gzipped(&vec![b'x'; size]),
    ] {
        let fits = Server::answering(answer(LIMIT)).await;
        assert_eq!(get_capped(&fits, LIMIT).await.unwrap().body.len(), LIMIT);
        let exceeds = Server::answering(answer(LIMIT + 1)).await;
        let error = get_capped(&exceeds, LIMIT).await.unwrap_err();
        assert_eq!(error, EgressError::BodyTooLarge { limit: LIMIT });
        assert_eq!(error.stage(), "response");
    }
}

#[tokio::test]
async fn an_announced_size_is_refused_before_it_is_sent() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(get_capped(&server, LIMIT).await.unwrap_err(), EgressError::BodyTooLarge { limit: LIMIT });
}

#[tokio::test]
async fn an_endless_body_is_stopped_at_the_cap() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    // Where no client says otherwise: 10 MiB.
    let error = get(&egress("127.0.0.1", Script::default()), &server.url("127.0.0.1")).await.unwrap_err();
    assert_eq!(error, EgressError::BodyTooLarge { limit: 10_485_760 });
}

#[tokio::test]
async fn a_gzip_bomb_is_stopped_at_the_cap() {
    // 200 MiB in about 200 KiB, never held unpacked.
    let server = Server::answering(gzipped(&vec![0; 200 * 1024 * 1024])).await;
    let limit = 5 * 1024 * 1024;
    assert_eq!(get_capped(&server, limit).await.unwrap_err(), EgressError::BodyTooLarge { limit });
}

/// Sends with a short deadline to a URL; it must end with it, long before the tests' own patience.
async fn cut(egress: &Egress, url: &str) {
    let start = SystemClock.now();
    let client = egress.http(url).unwrap();
    let error = client.send(request(url), within(300)).await.unwrap_err();
    assert_eq!(error.stage(), "deadline", "{error}");
    let took = SystemClock.now().ticks.duration_since(start.ticks);
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_silent_server_is_cut_at_the_deadline() {
    let server = Server::start(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let egress = egress("127.0.0.1", Script::default());
    cut(&egress, &server.url("127.0.0.1")).await;
    // The same silence before a TLS session exists.
    cut(&egress, &server.url("127.0.0.1").replace("http:", "https:")).await;
}

#[tokio::test]
async fn a_body_that_drips_is_cut_at_the_deadline() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    cut(&egress("127.0.0.1", Script::default()), &server.url("127.0.0.1")).await;
}

#[tokio::test]
async fn a_resolver_that_hangs_is_cut_at_the_deadline() {
    struct Hanging;
    #[async_trait]
    impl Resolver for Hanging {
        async fn lookup(&self, _: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
            std::future::pending().await
        }
    }
    let egress =
        Egress::new(rules("", None), Tls::new(None).unwrap(), Arc::new(Hanging), Arc::new(SystemClock));
    cut(&egress, "https://hanging.test/").await;
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let server = Server::answering(ok("")).await;
    let url = server.url("127.0.0.1");
    let client = egress("127.0.0.1", Script::default()).http(&url).unwrap();
    let error = client.send(request(&url), within(0)).await.unwrap_err();
    assert_eq!((error.stage(), server.connections()), ("deadline", 0));
}
