//! Cross-site requests: a browser sends the cookie for any site, and says in `Origin` which site asks.

use end_to_end::{Reply, World};
use serde_json::json;

use crate::{
    given::{CONNECTORS, MODES, path, slack},
    stored,
    user::User,
};

/// Each write of the portal, on a connector of its own, under an `Origin`.
async fn writes(user: &User, name: &str, origin: Option<&str>) -> Vec<(&'static str, Reply)> {
    let target = path(name);
    let mut replies = Vec::new();
    for (route, call) in [
        ("create", user.call("POST", CONNECTORS).json(&slack(name))),
        ("update", user.call("PUT", &target).json(&json!({"description": "x"}))),
        ("test", user.call("POST", &format!("{target}/test"))),
        ("delete", user.call("DELETE", &target)),
    ] {
        let call = origin.map_or(call.clone(), |origin| call.header("origin", origin));
        replies.push((route, call.send().await));
    }
    replies
}

fn expect_all_done(replies: Vec<(&'static str, Reply)>) {
    for ((route, reply), status) in replies.into_iter().zip([201, 200, 200, 204]) {
        assert_eq!(reply.status, status, "{route}: {}", reply.text);
    }
}

#[tokio::test]
async fn writes_are_taken_from_the_apis_own_origin_and_from_clients_that_are_no_browsers() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        expect_all_done(writes(&user, "none", None).await);
        expect_all_done(writes(&user, "own", Some(&format!("http://{}", world.stack.portal))).await);
    }
}

#[tokio::test]
async fn writes_of_any_other_origin_are_refused() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let (own, port) = (world.stack.portal, world.stack.portal.port());
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        format!("https://{own}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://127.0.0.1".to_owned(),
        format!("http://localhost:{port}"),
        format!("http://{own}.evil.example"),
        format!("http://evil.example/{own}"),
        format!("http://{own}, https://evil.example"),
        "*".to_owned(),
    ] {
        for (route, reply) in writes(&user, "foreign", Some(&origin)).await {
            assert_eq!(reply.status, 403, "{route} from {origin:?}: {}", reply.text);
            reply.problem(403, "foreign-origin");
        }
    }
    assert_eq!(stored::record(&world, "tenant-a", "foreign").await, None);
}

#[tokio::test]
async fn a_deployment_lists_the_sites_that_may_write_too() {
    let world = World::saas().await;
    let listed = vec!["https://console.example".to_owned(), "http://localhost:3000".to_owned()];
    let portal = world.variant(|boot| boot.settings.allowed_origins = listed).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    expect_all_done(writes(&user, "site", Some("https://console.example")).await);
    expect_all_done(writes(&user, "local", Some("http://localhost:3000")).await);
    for origin in ["http://console.example", "https://console.example.evil", "http://localhost:3001"] {
        for (_, reply) in writes(&user, "foreign", Some(origin)).await {
            reply.problem(403, "foreign-origin");
        }
    }
}

#[tokio::test]
async fn reads_are_not_asked_for_their_origin() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for path in [CONNECTORS.to_owned(), path("demo-crm")] {
        user.call("GET", &path).header("origin", "https://evil.example").send().await.expect(200);
    }
}

#[tokio::test]
async fn a_foreign_site_learns_nothing_about_the_session() {
    let world = World::saas().await;
    let call =
        world.anonymous_portal("POST", CONNECTORS).header("origin", "https://evil.example").json(&slack("a"));
    call.send().await.problem(403, "foreign-origin");
}
