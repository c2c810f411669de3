//! Who may call the portal: sessions, their ends, and what their roles may do.

use std::sync::Arc;

use end_to_end::{Call, SetClock, Variant, World};
use model::{
    clock::Clock,
    session::{ABSOLUTE_SECONDS, IDLE_SECONDS, Role},
};
use serde_json::json;

use crate::{
    given::{CONNECTORS, MODES, path, slack},
    stored,
    user::User,
};

/// Every route of the portal with a request that it would take, and no session.
fn every_route(world: &World) -> Vec<(&'static str, Call)> {
    let call = |method: &str, path: &str| world.anonymous_portal(method, path);
    vec![
        ("list", call("GET", CONNECTORS)),
        ("create", call("POST", CONNECTORS).json(&slack("new"))),
        ("read", call("GET", &path("demo-crm"))),
        ("update", call("PUT", &path("demo-crm")).json(&json!({"description": "x"}))),
        ("delete", call("DELETE", &path("demo-crm"))),
        ("test", call("POST", &path("demo-crm/test"))),
    ]
}

#[tokio::test]
async fn every_route_needs_a_session_that_is_known() {
    for mode in MODES {
        let world = World::start(mode).await;
        let token = world.stack.identity.session("tenant-a").to_owned();
        let forged: String = token.chars().rev().collect();
        for cookie in [
            String::new(),
            "axonflow_session=".to_owned(),
            "axonflow_session=forged".to_owned(),
            format!("axonflow_session={forged}"),
            format!("axonflow_session={}", &token[1..]),
            format!("axonflow_session=\"{token}\""),
            format!("session={token}"),
            format!("AXONFLOW_SESSION={token}"),
            format!("xaxonflow_session={token}"),
            token.clone(),
        ] {
            for (route, call) in every_route(&world) {
                let call = if cookie.is_empty() { call } else { call.header("cookie", &cookie) };
                let reply = call.send().await;
                assert_eq!(reply.status, 401, "{route} with {cookie}: {}", reply.text);
                reply.problem(401, "not-signed-in");
                assert!(reply.header("www-authenticate").starts_with("Cookie "), "{route}");
            }
        }
        assert_eq!(world.portal("GET", &path("demo-crm")).send().await.expect(200).json()["version"], 1);
    }
}

#[tokio::test]
async fn the_token_is_taken_from_its_cookie_and_from_nowhere_else() {
    let world = World::saas().await;
    let token = world.stack.identity.session("tenant-a");
    for (header, value) in [
        ("authorization", format!("Bearer {token}")),
        ("x-session", token.to_owned()),
        ("x-license-key", world.stack.identity.license("tenant-a").to_owned()),
    ] {
        world
            .anonymous_portal("GET", CONNECTORS)
            .header(header, &value)
            .send()
            .await
            .problem(401, "not-signed-in");
    }
    let query = world.anonymous_portal("GET", &format!("{CONNECTORS}?axonflow_session={token}"));
    query.send().await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn the_cookie_is_found_among_others() {
    let world = World::saas().await;
    let token = world.stack.identity.session("tenant-a");
    for cookies in [
        format!("theme=dark; axonflow_session={token}; lang=en"),
        format!("theme=dark;axonflow_session={token}"),
        format!("a=\"x=y; z\"; axonflow_session={token}"),
        format!("axonflow_session2=no; axonflow_session={token}"),
    ] {
        world.anonymous_portal("GET", CONNECTORS).header("cookie", &cookies).send().await.expect(200);
    }
    let two_headers = world.anonymous_portal("GET", CONNECTORS).header("cookie", "theme=dark").session(token);
    two_headers.send().await.expect(200);
}

/// A portal on a clock of its own, and its time in seconds since the epoch.
async fn at_a_set_time(world: &World) -> (Variant, Arc<SetClock>, i64) {
    let clock = SetClock::now();
    let portal = world.variant(|boot| boot.clock = clock.clone()).await;
    let now = clock.now().epoch_seconds();
    (portal, clock, now)
}

#[tokio::test]
async fn a_session_ends_after_eight_idle_hours_and_after_a_day_in_any_case() {
    let world = World::saas().await;
    let (portal, _clock, now) = at_a_set_time(&world).await;
    for (created_ago, seen_ago, status) in [
        (IDLE_SECONDS - 1, IDLE_SECONDS - 1, 200),
        (IDLE_SECONDS, IDLE_SECONDS, 401),
        (ABSOLUTE_SECONDS - 1, 0, 200),
        (ABSOLUTE_SECONDS, 0, 401),
        (ABSOLUTE_SECONDS - 1, IDLE_SECONDS, 401),
        (10 * ABSOLUTE_SECONDS, 9 * ABSOLUTE_SECONDS, 401),
    ] {
        let token = world.session_at("tenant-a", Role::Editor, now - created_ago, now - seen_ago).await;
        let reply = User::with(&world, token).at(&portal).list("").await;
        assert_eq!(reply.status, status, "begun {created_ago} s ago, used {seen_ago} s ago");
    }
}

#[tokio::test]
async fn use_keeps_a_session_alive_until_its_day_is_over() {
    let world = World::saas().await;
    let (portal, clock, now) = at_a_set_time(&world).await;
    let user = User::with(&world, world.session_at("tenant-a", Role::Editor, now, now).await).at(&portal);
    let almost_idle = IDLE_SECONDS - 1;
    for _ in 0..3 {
        clock.advance(almost_idle);
        user.list("").await.expect(200);
    }
    clock.advance(ABSOLUTE_SECONDS - 3 * almost_idle - 1);
    user.list("").await.expect(200);
    clock.advance(1);
    user.list("").await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_session_that_was_refused_is_not_kept_alive_by_asking() {
    let world = World::saas().await;
    let (portal, clock, now) = at_a_set_time(&world).await;
    let user = User::with(&world, world.session_at("tenant-a", Role::Editor, now, now).await).at(&portal);
    clock.advance(IDLE_SECONDS);
    for _ in 0..2 {
        user.list("").await.problem(401, "not-signed-in");
    }
}

#[tokio::test]
async fn a_viewer_reads_and_neither_writes_nor_tests() {
    for mode in MODES {
        let world = World::start(mode).await;
        let viewer = world.session("tenant-a", Role::Viewer, 0, 0).await;
        for (route, call) in every_route(&world) {
            let reply = call.session(&viewer).send().await;
            match route {
                "list" | "read" => drop(reply.expect(200)),
                _ => drop(reply.problem(403, "viewer")),
            }
        }
        let editor = User::of(&world, "tenant-a");
        assert_eq!(editor.read("demo-crm").await.header("etag"), "\"1.0\"");
        assert_eq!(stored::record(&world, "tenant-a", "new").await, None);
    }
}

#[tokio::test]
async fn a_viewer_learns_nothing_about_a_name_by_trying_to_write_it() {
    let world = World::saas().await;
    let viewer = User::with(&world, world.session("tenant-a", Role::Viewer, 0, 0).await);
    for name in ["demo-crm", "nobody"] {
        viewer.delete(name).await.problem(403, "viewer");
        viewer.update(name, &json!([])).await.problem(403, "viewer");
    }
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_stored() {
    let world = World::saas().await;
    let token = world.session("tenant-a", Role::Editor, 0, 0).await;
    User::with(&world, token.clone()).list("").await.expect(200);
    let items = world.dynamo("Scan", &json!({"TableName": "sessions"})).await;
    assert_eq!(items["Count"], 3);
    assert!(!items.to_string().contains(&token));
}
