//! `POST /api/v1/connectors`: what a new connector looks like.

use std::collections::BTreeSet;

use end_to_end::World;
use serde_json::{Value, json};

use crate::{
    given::{ARN, CONNECTORS, MASKED, MODES, path, slack, snowflake, with},
    stored,
    user::User,
};

#[tokio::test]
async fn the_documented_snowflake_example_is_created() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let reply = user.create(&snowflake()).await.expect(201);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("location"), path("finance-snowflake"));
        assert_eq!(reply.header("etag"), "\"1.0\"");

        let record = reply.json();
        let mut expected = with(snowflake(), "credentials_secret_arn", MASKED);
        for made in ["id", "created_at", "updated_at"] {
            expected[made] = record[made].clone();
        }
        expected["tenant_id"] = json!("tenant-a");
        expected["health_status"] = json!("unknown");
        expected["version"] = json!(1);
        assert_eq!(record, expected);
        assert_eq!(record["created_at"], record["updated_at"]);
        let at: jiff::Timestamp = record["created_at"].as_str().unwrap().parse().unwrap();
        assert!(record["created_at"].as_str().unwrap().ends_with('Z'), "{at} is not told in UTC");
        assert_eq!(user.call("GET", reply.header("location")).send().await.json(), record);
    }
}

#[tokio::test]
async fn two_fields_are_enough_and_the_rest_has_documented_defaults() {
    let world = World::saas().await;
    let record = User::of(&world, "tenant-a").created(&slack("chat")).await;
    let expected = json!({
        "id": record["id"], "tenant_id": "tenant-a", "connector_name": "chat", "connector_type": "slack",
        "display_name": "chat", "options": {}, "timeout_ms": 30_000, "max_retries": 3, "enabled": true,
        "health_status": "unknown", "created_at": record["created_at"], "updated_at": record["updated_at"],
        "version": 1,
    });
    // Equal as a whole: absent optional values are left out, not sent as null.
    assert_eq!(record, expected);
}

#[tokio::test]
async fn null_on_creation_means_absent() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let optional = [
        "display_name",
        "description",
        "connection_url",
        "options",
        "credentials_secret_arn",
        "timeout_ms",
        "max_retries",
        "enabled",
    ];
    let body = optional.iter().fold(slack("chat"), |body, field| with(body, field, Value::Null));
    let plain = user.created(&slack("plain")).await;
    let keys = |record: &Value| record.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let record = user.created(&body).await;
    assert_eq!(keys(&record), keys(&plain));
    assert_eq!((&record["timeout_ms"], &record["options"]), (&json!(30_000), &json!({})));
}

#[tokio::test]
async fn the_arn_is_stored_whole_and_shown_masked_everywhere() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let head = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";
    let created = user.create(&snowflake()).await;
    let updated = user.update("finance-snowflake", &json!({"timeout_ms": 900})).await;
    let (read, list) = (user.read("finance-snowflake").await, user.list("").await);
    for reply in [&created, &updated, &read, &list, &user.create(&snowflake()).await] {
        assert!(!reply.text.contains("tenant-a/finance"), "{}", reply.text);
    }
    assert_eq!(read.json()["credentials_secret_arn"], MASKED);
    assert_eq!(stored::arn(&world, "tenant-a", "finance-snowflake").await.unwrap(), ARN);

    for (name, arn, masked) in [
        ("flat", format!("{head}flat-secret"), format!("{head}...masked")),
        ("shallow", format!("{head}a/b"), format!("{head}a/...masked")),
        (
            "china",
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/b".to_owned(),
            "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:a/...masked".to_owned(),
        ),
        (
            "gov",
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x".to_owned(),
            "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:...masked".to_owned(),
        ),
    ] {
        let record = user.created(&with(slack(name), "credentials_secret_arn", arn.clone())).await;
        assert_eq!(record["credentials_secret_arn"], masked);
        assert_eq!(stored::arn(&world, "tenant-a", name).await.unwrap(), arn);
    }
}

#[tokio::test]
async fn a_name_is_taken_once_in_its_tenant_and_free_in_another() {
    let world = World::saas().await;
    let (a, b) = (User::of(&world, "tenant-a"), User::of(&world, "tenant-b"));
    let first = a.created(&slack("chat")).await;
    let again = with(slack("chat"), "connector_type", "salesforce");
    let problem = a.create(&again).await.problem(409, "name-taken");
    assert!(problem["detail"].as_str().unwrap().contains("chat"), "{problem}");
    assert_eq!(a.record("chat").await, first);
    assert_ne!(b.created(&slack("chat")).await["id"], first["id"]);
}

#[tokio::test]
async fn every_record_has_an_id_of_its_own() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let mut ids = BTreeSet::new();
    for name in ["a", "b", "c"] {
        let id = user.created(&slack(name)).await["id"].as_str().unwrap().to_owned();
        let groups: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert!(id.replace('-', "").chars().all(|c| c.is_ascii_hexdigit()), "{id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn options_come_back_as_they_were_sent() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let options = json!({
        "whole": 1, "float": 1.0, "large": 18_446_744_073_709_551_615_u64, "negative": -7, "text": "é\"\\\n☃",
        "nested": {"list": [1, [2, {"x": null}]], "empty": {}}, "flag": false, "": "an empty key",
    });
    let record = user.created(&with(slack("chat"), "options", options.clone())).await;
    assert_eq!(record["options"].to_string(), options.to_string());
    assert_eq!(user.record("chat").await["options"].to_string(), options.to_string());
}

#[tokio::test]
async fn a_refused_creation_leaves_nothing_behind() {
    let world = World::saas().await;
    let user = User::editor(&world, "tenant-c").await;
    user.create(&with(slack("chat"), "timeout_ms", 1)).await.problem(422, "invalid-body");
    user.call("POST", CONNECTORS).body("{}").send().await.problem(415, "not-json");
    assert_eq!(user.list("").await.text, "[]");
    assert_eq!(stored::generation(&world, "tenant-c", "chat").await, 0);
    assert!(stored::audit_items(&world, "tenant-c").await.is_empty());
}
