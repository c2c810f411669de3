//! `PUT /api/v1/connectors/{connectorName}`: what changes and what stays.

use end_to_end::{SetClock, World};
use serde_json::{Value, json};

use crate::{
    given::{ARN, MODES, path, slack, snowflake, with},
    stored,
    user::User,
};

#[tokio::test]
async fn fields_that_are_present_change_and_the_rest_stays() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let before = user.created(&snowflake()).await;
        let body = json!({"display_name": "Finance", "timeout_ms": 45_000, "enabled": true});
        let reply = user.update("finance-snowflake", &body).await.expect(200);
        assert_eq!(reply.header("etag"), "\"2.0\"");
        let after = reply.json();
        let mut expected = before.clone();
        for (field, value) in body.as_object().unwrap() {
            expected[field] = value.clone();
        }
        expected["version"] = json!(2);
        expected["updated_at"] = after["updated_at"].clone();
        assert_eq!(after, expected);
        assert_eq!(user.record("finance-snowflake").await, after);
    }
}

#[tokio::test]
async fn each_accepted_update_adds_one_to_the_version_and_moves_updated_at_alone() {
    let world = World::saas().await;
    let clock = SetClock::now();
    let portal = world.variant(|boot| boot.clock = clock.clone()).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    let before = user.created(&slack("chat")).await;
    let time =
        |record: &Value, field: &str| record[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    for (version, body) in
        [(2, json!({"description": "x"})), (3, json!({"description": "x"})), (4, json!({}))]
    {
        clock.advance(3_600);
        let after = user.update("chat", &body).await.expect(200).json();
        assert_eq!(after["version"], version);
        assert_eq!(after["created_at"], before["created_at"]);
        let moved = time(&after, "updated_at").duration_since(time(&before, "updated_at"));
        assert_eq!(moved.as_secs(), 3_600 * (version - 1));
    }
}

#[tokio::test]
async fn options_are_replaced_whole() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&snowflake()).await;
    let after = user
        .update("finance-snowflake", &json!({"options": {"warehouse": "OTHER"}}))
        .await
        .expect(200)
        .json();
    assert_eq!(after["options"], json!({"warehouse": "OTHER"}));
}

#[tokio::test]
async fn null_clears_what_is_optional_and_restores_what_has_a_default() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let full = with(slack("chat"), "connection_url", "https://slack.com");
    let defaults = user.created(&slack("plain")).await;
    let optional = [
        ("display_name", json!("Chat"), Some(json!("chat"))),
        ("description", json!("text"), None),
        ("connection_url", json!("https://slack.com/x"), None),
        ("options", json!({"a": 1}), Some(json!({}))),
        ("credentials_secret_arn", json!(ARN), None),
        ("timeout_ms", json!(999), Some(defaults["timeout_ms"].clone())),
        ("max_retries", json!(9), Some(defaults["max_retries"].clone())),
        ("enabled", json!(false), Some(json!(true))),
    ];
    user.created(&optional.iter().fold(full, |body, (field, value, _)| with(body, field, value.clone())))
        .await;
    for (field, _, default) in optional {
        let after = user.update("chat", &json!({field: null})).await.expect(200).json();
        assert_eq!(after.get(field), default.as_ref(), "{field}");
        // Clearing what is clear already is no fault.
        user.update("chat", &json!({field: null})).await.expect(200);
    }
    assert_eq!(stored::arn(&world, "tenant-a", "chat").await, None);
}

#[tokio::test]
async fn name_type_and_tenant_can_not_change() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        user.created(&slack("chat")).await;
        for (field, same, other) in [
            ("connector_name", "chat", json!("talk")),
            ("connector_type", "slack", json!("salesforce")),
            ("connector_type", "slack", json!("hubspot")),
            ("connector_type", "slack", Value::Null),
            ("tenant_id", "tenant-a", json!("tenant-b")),
        ] {
            user.update("chat", &json!({field: same})).await.expect(200);
            let reply = user.update("chat", &json!({field: other})).await;
            reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), [format!("/{field}")]);
        }
    }
}

#[tokio::test]
async fn what_the_server_owns_is_ignored_when_equal_and_refused_when_not() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&with(slack("chat"), "enabled", false)).await;
    user.test("chat").await.expect(200);
    for (field, other) in [
        ("id", json!("00000000-0000-4000-8000-000000000000")),
        ("health_status", json!("healthy")),
        ("last_health_check", json!("2020-01-01T00:00:00Z")),
        ("last_error", json!("another")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("updated_at", json!("2020-01-01T00:00:00Z")),
        ("version", json!(99)),
    ] {
        let record = user.record("chat").await;
        assert!(record.get(field).is_some(), "{field} is not set");
        user.update("chat", &json!({field: record[field]})).await.expect(200);
        let reply = user.update("chat", &json!({field: other, "description": "lost"})).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), [format!("/{field}")]);
    }
    assert_eq!(user.record("chat").await.get("description"), None);
}

#[tokio::test]
async fn a_missing_record_is_told_before_a_wrong_body() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.update("nobody", &json!({"timeout_ms": 1, "colour": "red"}))
        .await
        .problem(404, "connector-not-found");
    user.update("nobody", &json!([])).await.problem(404, "connector-not-found");
    let tagged = user.call("PUT", &path("nobody")).header("if-match", "*").json(&json!({}));
    tagged.send().await.problem(404, "connector-not-found");
}

#[tokio::test]
async fn a_refused_update_changes_nothing() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let before = user.created(&snowflake()).await;
    let reply = user.update("finance-snowflake", &json!({"description": "new", "timeout_ms": 1})).await;
    reply.problem(422, "invalid-body");
    assert_eq!(user.record("finance-snowflake").await, before);
    assert_eq!(stored::generation(&world, "tenant-a", "finance-snowflake").await, 1);
}
