//! What a body may hold: every fault is named at once, and each limit holds on both sides.

use end_to_end::World;
use serde_json::{Value, json};

use crate::{
    given::{MODES, slack, with},
    user::User,
};

#[tokio::test]
async fn every_fault_of_a_body_is_named_at_once_by_its_pointer() {
    let world = World::saas().await;
    let body = json!({
        "connector_name": "Bad Name", "connector_type": "oracle", "display_name": "x".repeat(256), "description": 7,
        "connection_url": "x".repeat(501), "options": {"password": "x", "deep": {"api_key": "y"}},
        "credentials_secret_arn": "nope", "timeout_ms": 99, "max_retries": 11, "enabled": "yes", "id": "mine",
        "tenant_id": "tenant-b", "health_status": "healthy", "last_health_check": null, "last_error": "none",
        "created_at": "now", "updated_at": "now", "version": 1, "colour": "red", "a/b~c": 1,
    });
    let reply = User::of(&world, "tenant-a").create(&body).await;
    let problem = reply.problem(422, "invalid-body");
    assert_eq!(
        reply.pointers(),
        [
            "/a~1b~0c",
            "/colour",
            "/connection_url",
            "/connector_name",
            "/connector_type",
            "/created_at",
            "/credentials_secret_arn",
            "/description",
            "/display_name",
            "/enabled",
            "/health_status",
            "/id",
            "/last_error",
            "/last_health_check",
            "/max_retries",
            "/options/deep/api_key",
            "/options/password",
            "/tenant_id",
            "/timeout_ms",
            "/updated_at",
            "/version",
        ]
    );
    for error in problem["errors"].as_array().unwrap() {
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
    }
}

#[tokio::test]
async fn an_update_names_every_fault_at_once_too() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let body = json!({
        "connector_name": "other", "connector_type": "postgres", "display_name": " ", "description": [],
        "connection_url": "http://example.com", "options": [], "credentials_secret_arn": "nope", "timeout_ms": 120_001,
        "max_retries": -1, "enabled": 1, "tenant_id": "tenant-b", "colour": "red",
    });
    let reply = user.update("chat", &body).await;
    reply.problem(422, "invalid-body");
    let mut all: Vec<String> = body.as_object().unwrap().keys().map(|field| format!("/{field}")).collect();
    all.sort();
    assert_eq!(reply.pointers(), all);
    assert_eq!(user.record("chat").await["version"], 1);
}

#[tokio::test]
async fn each_limit_holds_on_both_sides_on_creation_and_on_update() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let url = |chars: usize| format!("https://example.com/{}", "é".repeat(chars - 20));
    let limits = [
        ("display_name", json!("ä".repeat(255)), json!("ä".repeat(256))),
        ("display_name", json!("x"), json!("")),
        ("description", json!("ä".repeat(2_000)), json!("ä".repeat(2_001))),
        ("description", json!(""), json!(0)),
        ("connection_url", json!(url(500)), json!(url(501))),
        ("timeout_ms", json!(100), json!(99)),
        ("timeout_ms", json!(120_000), json!(120_001)),
        ("timeout_ms", json!(1_000), json!(1_000.5)),
        ("timeout_ms", json!(1_000), json!("1000")),
        ("max_retries", json!(0), json!(-1)),
        ("max_retries", json!(10), json!(11)),
        ("max_retries", json!(10), json!(266)),
        ("enabled", json!(true), json!("true")),
        ("enabled", json!(false), json!(0)),
    ];
    user.created(&slack("changed")).await;
    for (index, (field, fits, does_not)) in limits.into_iter().enumerate() {
        let body = slack(&format!("c{index}"));
        let refused = user.create(&with(body.clone(), field, does_not.clone())).await;
        refused.problem(422, "invalid-body");
        assert_eq!(refused.pointers(), [format!("/{field}")], "{does_not}");
        assert_eq!(user.created(&with(body, field, fits.clone())).await[field], fits);

        let refused = user.update("changed", &json!({field: does_not})).await;
        refused.problem(422, "invalid-body");
        assert_eq!(refused.pointers(), [format!("/{field}")], "{does_not}");
        assert_eq!(user.update("changed", &json!({field: fits})).await.expect(200).json()[field], fits);
    }
}

#[tokio::test]
async fn a_name_is_up_to_63_small_letters_digits_and_dashes() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let (longest, too_long) = ("n".repeat(63), "n".repeat(64));
    for name in ["a", "0", "a-b_c", "refresh2", "cache-", "test", longest.as_str()] {
        let reply = user.create(&slack(name)).await.expect(201);
        assert_eq!(
            user.call("GET", reply.header("location")).send().await.expect(200).json()["connector_name"],
            name
        );
    }
    for name in ["", "-a", "_a", "A", "a.b", "a b", "a/b", "é", "a\n", too_long.as_str()] {
        let reply = user.create(&slack(name)).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/connector_name"], "{name:?}");
    }
}

#[tokio::test]
async fn the_words_that_are_routes_name_no_connector() {
    for mode in MODES {
        let world = World::start(mode).await;
        for name in ["refresh", "cache"] {
            let reply = User::of(&world, "tenant-a").create(&slack(name)).await;
            let problem = reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), ["/connector_name"]);
            assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("reserved"), "{problem}");
        }
    }
}

#[tokio::test]
async fn name_and_type_are_required() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for body in [json!({}), json!({"connector_name": null, "connector_type": null})] {
        let reply = user.create(&body).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/connector_name", "/connector_type"]);
    }
}

#[tokio::test]
async fn an_arn_must_be_one_of_secrets_manager() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let head = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";
    let (longest, too_long) = (format!("{head}{}", "n".repeat(519)), format!("{head}{}", "n".repeat(520)));
    user.created(&with(slack("longest"), "credentials_secret_arn", longest)).await;
    for arn in [
        json!(""),
        json!(7),
        json!("axonflow/tenant-a/crm"),
        json!("arn:aws:s3:::bucket"),
        json!("arn:aws:secretsmanager:us-east-1:12345678901:secret:a"),
        json!("arn:aws-iso:secretsmanager:us-iso-east-1:123456789012:secret:a"),
        json!("arn:aws:secretsmanager:us-east-1:123456789012:secret:a b"),
        json!(too_long),
        json!(format!("{head}axonflow/...masked")),
    ] {
        let reply = user.create(&with(slack("chat"), "credentials_secret_arn", arn.clone())).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/credentials_secret_arn"], "{arn}");
    }
}

#[tokio::test]
async fn no_error_repeats_the_value_that_was_refused() {
    let world = World::saas().await;
    let canary = "c4n4ry";
    let body = json!({
        "connector_name": canary.to_uppercase(), "connector_type": format!("x{canary}"), "description": [canary],
        "options": {"password": canary}, "credentials_secret_arn": canary, "timeout_ms": canary,
    });
    let reply = User::of(&world, "tenant-a").create(&body).await;
    assert_eq!(reply.pointers().len(), 6);
    assert!(!reply.text.to_lowercase().contains(canary), "{}", reply.text);
    let url = Value::from(format!("https://user:{canary}@example.com"));
    let reply = User::of(&world, "tenant-a").create(&with(slack("chat"), "connection_url", url)).await;
    assert!(!reply.text.contains(canary), "{}", reply.text);
}
