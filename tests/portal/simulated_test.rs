//! `POST /api/v1/connectors/{connectorName}/test`, simulated

use end_to_end::{SetClock, World};
use serde_json::{Value, json};

use crate::{
    given::{MODES, path, slack, with},
    stored,
    user::User,
};

#[tokio::test]
async fn an_enabled_connector_passes_as_documented_and_no_more_is_claimed() {
    for mode in MODES {
        let world = World::start(mode).await;
        let clock = SetClock::now();
        let portal = world.variant(|boot| boot.clock = clock.clone()).await;
        let user = User::of(&world, "tenant-a").at(&portal);
        // Nothing listens there: a simulated test contacts nobody.
        let body = with(with(slack("chat"), "connection_url", "https://127.0.0.1:1"), "timeout_ms", 100);
        user.created(&body).await;
        clock.advance(60);
        let result = user.test("chat").await.expect(200).json();
        assert_eq!((&result["connector_name"], &result["mode"]), (&json!("chat"), &json!("simulated")));
        assert_eq!((&result["success"], &result["health_status"]), (&json!(true), &json!("healthy")));
        assert!(result["message"].as_str().unwrap().contains("no production sign-off"), "{result}");
        assert_eq!(result["duration_ms"], 0);
        let checks = result["checks"].as_array().unwrap();
        let stages: Vec<_> = checks.iter().map(|check| (&check["name"], &check["status"])).collect();
        let passed = json!("passed");
        assert_eq!(stages, [(&json!("exists"), &passed), (&json!("enabled"), &passed)]);
        for check in checks {
            assert!(check["duration_ms"].is_u64() && check["detail"].is_string(), "{check}");
        }
        let record = user.record("chat").await;
        assert_eq!(record["health_status"], "healthy");
        assert_eq!(record["last_health_check"], result["tested_at"]);
        assert_eq!(record.get("last_error"), None);
        let tested: jiff::Timestamp = result["tested_at"].as_str().unwrap().parse().unwrap();
        let created: jiff::Timestamp = record["created_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(tested.duration_since(created).as_secs(), 60);
    }
}

#[tokio::test]
async fn a_disabled_connector_fails_at_the_stage_enabled_and_its_health_is_unknown() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    user.test("chat").await.expect(200);
    user.update("chat", &json!({"enabled": false})).await.expect(200);
    let result = user.test("chat").await.expect(200).json();
    assert_eq!((&result["success"], &result["health_status"]), (&json!(false), &json!("unknown")));
    assert_eq!(
        (&result["checks"][1]["name"], &result["checks"][1]["status"]),
        (&json!("enabled"), &json!("failed"))
    );
    let record = user.record("chat").await;
    assert_eq!((&record["health_status"], &record["last_error"]), (&json!("unknown"), &result["message"]));

    // The next success clears the error.
    user.update("chat", &json!({"enabled": true})).await.expect(200);
    user.test("chat").await.expect(200);
    let record = user.record("chat").await;
    assert_eq!((&record["health_status"], record.get("last_error")), (&json!("healthy"), None));
}

#[tokio::test]
async fn a_test_changes_the_tag_but_neither_version_nor_updated_at_nor_generation() {
    let world = World::saas().await;
    let clock = SetClock::now();
    let portal = world.variant(|boot| boot.clock = clock.clone()).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    let before = user.created(&slack("chat")).await;
    for tests in 1..4 {
        clock.advance(60);
        user.test("chat").await.expect(200);
        let reply = user.read("chat").await;
        assert_eq!(reply.header("etag"), format!("\"1.{tests}\""));
        let after = reply.json();
        assert_eq!((&after["version"], &after["updated_at"]), (&before["version"], &before["updated_at"]));
        assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 1);
    }
}

#[tokio::test]
async fn the_body_is_optional_and_names_the_mode() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let test = |body: Value| user.call("POST", &path("chat/test")).json(&body).send();
    for body in [json!({}), json!({"mode": "simulated"})] {
        assert_eq!(test(body).await.expect(200).json()["mode"], "simulated");
    }
    for (body, pointers) in [
        (json!({"mode": "quick"}), &["/mode"][..]),
        (json!({"mode": null}), &["/mode"]),
        (json!({"mode": "SIMULATED", "depth": 1, "x/y": 2}), &["/depth", "/mode", "/x~1y"]),
    ] {
        let reply = test(body).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), pointers);
    }
    // The three that were refused have left no trace.
    assert_eq!(user.read("chat").await.header("etag"), "\"1.2\"");
}

#[tokio::test]
async fn a_missing_connector_is_told_before_a_wrong_mode() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.test("nobody").await.problem(404, "connector-not-found");
    let call = user.call("POST", &path("nobody/test")).json(&json!({"mode": "quick"}));
    call.send().await.problem(404, "connector-not-found");
}

#[tokio::test]
async fn a_test_is_audited_as_what_it_found() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let reply = user.test("chat").await.expect(200);
    let entries = stored::audit(&world, "tenant-a", "chat").await;
    let [_, entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.action.as_str(), entry.result.as_str()), ("connector_test", "healthy"));
    assert_eq!(
        (entry.who.as_str(), entry.request_id.as_str()),
        ("session:editor@tenant-a", reply.header("x-request-id"))
    );
}
