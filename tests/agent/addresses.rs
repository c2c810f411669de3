//! Where a connector may not lead, however its URL spells it: judged before anything is sent.

use end_to_end::{Reply, Upstream, World};
use serde_json::json;

use crate::setup::{closed_port, custom, refused, rows};

async fn query_of(world: &World, index: usize, url: &str) -> Reply {
    let name = format!("c-{index}");
    let created =
        world.portal("POST", "/api/v1/connectors").json(&custom(&name, url, &json!({}))).send().await;
    if created.status == 422 {
        // The portal itself refused it, which is as good.
        return created;
    }
    assert_eq!(created.status, 201, "{url}: {}", created.text);
    world.query(&json!({"connector": name, "timeout": "25s"})).send().await
}

async fn assert_address_refused(urls: &[&str]) {
    let world = World::saas().await;
    for (index, url) in urls.iter().enumerate() {
        let reply = query_of(&world, index, url).await;
        if reply.pointers() == ["/connection_url"] {
            continue;
        }
        let problem = refused(&reply, 422, "address-refused");
        assert_eq!(problem["stage"], "egress", "{url}: {problem}");
    }
}

#[tokio::test]
async fn metadata_and_link_local_addresses_are_refused() {
    assert_address_refused(&[
        "https://169.254.169.254",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.170.2/v2/credentials",
        "https://169.254.1.1",
        "https://100.100.100.200",
        "https://168.63.129.16",
        "https://192.0.0.192",
        "https://[fd00:ec2::254]",
        "https://[fe80::1]",
        "https://[fd20:ce::254]",
    ])
    .await;
}

#[tokio::test]
async fn ipv4_inside_ipv6_is_judged_as_what_it_is() {
    assert_address_refused(&[
        "https://[::ffff:169.254.169.254]",
        "https://[::ffff:a9fe:a9fe]",
        "https://[::169.254.169.254]",
        "https://[::ffff:0:169.254.169.254]",
        "https://[64:ff9b::169.254.169.254]",
        "https://[64:ff9b:1::a9fe:a9fe]",
        "https://[2002:a9fe:a9fe::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[0:0:0:0:0:ffff:a9fe:a9fe]",
    ])
    .await;
}

#[tokio::test]
async fn odd_spellings_of_numbers_are_refused() {
    assert_address_refused(&[
        "https://2852039166",
        "https://0xa9fea9fe",
        "https://0251.0376.0251.0376",
        "https://0xa9.0xfe.0xa9.0xfe",
        "https://169.254.43518",
        "https://169.254.169.254.",
        "https://169。254。169。254",
        "https://①⑥⑨.254.169.254",
        "https://2130706433",
        "https://127.1",
        "https://0177.0.0.1",
        "https://0x7f.1",
    ])
    .await;
}

#[tokio::test]
async fn private_and_special_ranges_that_are_not_listed_are_refused() {
    assert_address_refused(&[
        "https://10.0.0.1",
        "https://172.16.0.1:8443",
        "https://172.31.255.255",
        "https://192.168.1.1",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://[::]",
        "https://[fc00::1]",
        "https://[fd12:3456::1]",
        "https://198.18.0.1",
        "https://224.0.0.1",
        "https://255.255.255.255",
        "https://[ff02::1]",
    ])
    .await;
}

#[tokio::test]
async fn plain_http_to_what_is_not_listed_is_refused_by_the_portal_already() {
    let world = World::saas().await;
    for url in
        ["http://169.254.169.254", "http://10.0.0.1", "http://example.com", "http://[::ffff:169.254.169.254]"]
    {
        let reply =
            world.portal("POST", "/api/v1/connectors").json(&custom("crm", url, &json!({}))).send().await;
        assert_eq!((reply.status, reply.pointers()), (422, vec!["/connection_url".to_owned()]), "{url}");
    }
}

#[tokio::test]
async fn a_metadata_service_is_not_reached_by_its_name_either() {
    let world = World::saas().await;
    for (index, url) in
        ["https://metadata.google.internal", "https://instance-data.ec2.internal"].iter().enumerate()
    {
        let reply = query_of(&world, index, url).await;
        // Where the name exists, its address is refused; elsewhere it does not resolve, or not in time.
        assert!(matches!(reply.status, 422 | 502 | 504), "{url}: {}", reply.text);
        let stage = reply.json()["stage"].clone();
        assert!(
            ["egress", "name_resolution", "deadline"].contains(&stage.as_str().unwrap()),
            "{url}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn listed_loopback_is_reached_by_address_and_by_name() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let port = upstream.address.port();
    for (index, url) in [upstream.url(), format!("http://localhost:{port}")].iter().enumerate() {
        assert_eq!(rows(&query_of(&world, index, url).await), json!([1]), "{url}");
    }
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_an_upstreams_failure() {
    let world = World::saas().await;
    let reply = query_of(&world, 0, "https://no-such-host.invalid").await;
    let problem = refused(&reply, 502, "name-not-resolved");
    assert_eq!(problem["stage"], "name_resolution");
    assert!(problem["detail"].as_str().unwrap().contains("no-such-host.invalid"), "{problem}");
}

#[tokio::test]
async fn a_port_on_which_nobody_listens_is_an_upstreams_failure() {
    let world = World::saas().await;
    let reply = query_of(&world, 0, &format!("http://{}", closed_port().await)).await;
    let problem = refused(&reply, 502, "upstream-unreachable");
    assert_eq!(problem["stage"], "connect");
    assert!(problem["detail"].as_str().unwrap().contains("refused"), "{problem}");
}

#[tokio::test]
async fn tls_to_a_service_that_does_not_speak_it_is_an_upstreams_failure() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let reply = query_of(&world, 0, &format!("https://{}", upstream.address)).await;
    let problem = refused(&reply, 502, "tls-failed");
    assert_eq!(problem["stage"], "tls");
    assert!(upstream.seen().is_empty());
}
