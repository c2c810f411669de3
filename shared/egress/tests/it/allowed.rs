//! What is allowed works, and does nothing that was not asked for.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use egress::SystemResolver;
use model::clock::SystemClock;
use reqwest::{Method, StatusCode};

use crate::support::{Script, Server, egress, exchange, get, ok, request, rules, within};

#[tokio::test]
async fn a_listed_host_or_address_answers() {
    let server = Server::answering(ok("hello")).await;
    let script = || Script::default().name("db.corp.test", &["127.0.0.1"]).name("db.corp.test.", &["::1"]);
    for (allow, host) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "127.7.7.7"),
        ("::1", "[::1]"),
        ("*.corp.test", "db.corp.test"),
        ("*.corp.test", "DB.Corp.test"),
        ("db.corp.test", "db.corp.test."),
    ] {
        let response = get(&egress(allow, script()), &server.url(host)).await.unwrap();
        assert_eq!((response.status, response.body), (StatusCode::OK, Bytes::from("hello")), "{host}");
    }
}

#[tokio::test]
async fn the_system_resolver_knows_this_machine() {
    let server = Server::answering(ok("hello")).await;
    let (tls, rules) = (egress::Tls::new(None).unwrap(), rules("localhost", None));
    let egress = egress::Egress::new(rules, tls, Arc::new(SystemResolver), Arc::new(SystemClock));
    assert_eq!(get(&egress, &server.url("localhost")).await.unwrap().body, "hello");
}

#[tokio::test]
async fn a_redirect_comes_back_and_is_not_followed() {
    let metadata = Server::answering(ok("secret")).await;
    for location in
        ["http://169.254.169.254/latest/".to_owned(), metadata.url("127.0.0.1"), "/again".to_owned()]
    {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::answering(answer).await;
        let response = get(&egress("127.0.0.1", Script::default()), &server.url("127.0.0.1")).await.unwrap();
        assert_eq!(response.status, StatusCode::FOUND);
        assert_eq!(response.headers.get("location").unwrap(), location.as_str());
        assert_eq!(server.connections(), 1);
    }
    assert_eq!(metadata.connections(), 0);
}

#[tokio::test]
async fn a_request_carries_what_it_was_given_and_our_name() {
    let seen = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&seen);
    let server = Server::start(move |stream| {
        let log = Arc::clone(&log);
        async move {
            let head = exchange(stream, ok("").as_bytes()).await;
            *log.lock().unwrap() = head.to_ascii_lowercase();
        }
    })
    .await;
    let url = format!("{}v1/items?q=1", server.url("127.0.0.1"));
    let mut post = request(&url);
    post.method = Method::POST;
    post.headers.insert("x-custom", "yes".parse().unwrap());
    post.body = Bytes::from("four");
    let client = egress("127.0.0.1", Script::default()).http(&url).unwrap();
    client.send(post, within(20_000)).await.unwrap();

    let head = seen.lock().unwrap().clone();
    assert!(head.starts_with("post /v1/items?q=1 http/1.1\r\n"), "{head}");
    for line in
        ["x-custom: yes", "content-length: 4", "user-agent: axonflow-connectors/", "accept-encoding: gzip"]
    {
        assert!(head.contains(&format!("\r\n{line}")), "{line} in {head}");
    }
    assert!(!head.contains("referer"), "{head}");
}

#[test]
fn a_host_is_the_deployments_own_only_where_it_is_listed() {
    let egress = egress("*.corp.test,10.0.0.0/8", Script::default());
    for (host, listed) in
        [("db.corp.test", true), ("10.1.2.3", true), ("db.other.test", false), ("11.1.2.3", false)]
    {
        assert_eq!(egress.lists_host(host), listed, "{host}");
    }
}

#[tokio::test]
async fn logs_tell_where_a_client_goes_and_what_came_back_but_nothing_of_its_content() {
    let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: private\r\nContent-Length: 7\r\n\r\nprivate";
    let server = Server::answering(answer).await;
    let egress = egress("127.0.0.1", Script::default());
    let url = format!("{}private?token=private", server.url("127.0.0.1"));
    let client = egress.http(&server.url("127.0.0.1")).unwrap();
    let response = client.send(request(&url), within(20_000)).await.unwrap();
    assert_eq!(format!("{client:?}"), format!("HttpClient(127.0.0.1:{})", server.port));
    assert_eq!(format!("{response:?}"), "Response(200 OK, 7 bytes)");
    assert!(format!("{egress:?}").contains("127.0.0.1"), "its rules are told: {egress:?}");
}
