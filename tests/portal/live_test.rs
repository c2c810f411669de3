//! `POST /api/v1/connectors/{connectorName}/test` with `mode: live`: the way of an agent's call, stage by stage.

use std::time::Duration;

use axum::{body::Body, http::Response};
use end_to_end::{Call, Reply, SealedUpstream, SetClock, Upstream, World, canary::SECRET, secret, token};
use model::session::Role;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{given::path, stored, user::User};

pub(crate) const STAGES: [&str; 10] = [
    "exists",
    "enabled",
    "configuration",
    "secret",
    "name_resolution",
    "egress",
    "connect",
    "tls",
    "authenticate",
    "call",
];

fn custom(name: &str, url: &str, more: &Value) -> Value {
    let mut body = json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

pub(crate) fn live(user: &User, name: &str) -> Call {
    user.call("POST", &path(&format!("{name}/test"))).json(&json!({"mode": "live"}))
}

/// Creates a connector and tests it; gives the result in the one shape that it has.
async fn tested(user: &User, name: &str, url: &str, more: &Value) -> Value {
    user.created(&custom(name, url, more)).await;
    result(&live(user, name).send().await)
}

#[track_caller]
pub(crate) fn result(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let result = reply.json();
    let keys: Vec<_> = result.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "checks",
        "connector_name",
        "duration_ms",
        "health_status",
        "message",
        "mode",
        "success",
        "tested_at",
    ];
    assert_eq!(keys, expected);
    assert_eq!(result["mode"], "live");
    for check in result["checks"].as_array().unwrap() {
        let keys: Vec<_> = check.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["detail", "duration_ms", "name", "status"]);
        assert!(check["detail"].as_str().is_some_and(|text| !text.is_empty()), "{check}");
    }
    result
}

pub(crate) fn check<'r>(result: &'r Value, stage: &str) -> &'r Value {
    let checks = result["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == stage).unwrap_or_else(|| panic!("{stage}: {result}"))
}

/// Expects a test to have failed at a stage with a hint, and everything after it not to have been reached.
#[track_caller]
pub(crate) fn failed_at(result: &Value, stage: &str, hint: &str) {
    assert_eq!(
        (&result["success"], &result["health_status"]),
        (&json!(false), &json!("unhealthy")),
        "{result}"
    );
    let names: Vec<_> =
        result["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, STAGES);
    let failed: Vec<_> =
        result["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "failed").collect();
    assert_eq!(failed.len(), 1, "{result}");
    assert_eq!(failed[0]["name"], stage, "{result}");
    let detail = failed[0]["detail"].as_str().unwrap();
    assert!(detail.contains(hint), "{stage}: {detail}");
    let message = result["message"].as_str().unwrap();
    assert_eq!(message, format!("The stage {stage} failed: {detail}"));
    let later = STAGES.iter().skip_while(|name| **name != stage).skip(1);
    for name in later {
        assert_eq!(check(result, name)["status"], "skipped", "{result}");
    }
}

fn statuses(body: &'static str) -> impl Future<Output = Upstream> {
    Upstream::start(move |seen| {
        let status: u16 = seen.target.trim_start_matches('/').parse().unwrap_or(200);
        let response = Response::builder().status(status).header("content-type", "application/json");
        response.body(Body::from(body)).unwrap()
    })
}

#[tokio::test]
async fn a_connector_that_works_passes_every_stage_that_it_has() {
    let world = World::saas().await;
    let (user, upstream) = (User::of(&world, "tenant-a"), statuses("{}").await);
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("t-1")).await;
    let more =
        json!({"options": {"auth_type": "bearer", "health_path": "/200"}, "credentials_secret_arn": arn});
    let result = tested(&user, "crm", &upstream.url(), &more).await;
    assert_eq!((&result["success"], &result["health_status"]), (&json!(true), &json!("healthy")));
    for stage in STAGES {
        // Nothing is sealed here.
        let expected = if stage == "tls" { "skipped" } else { "passed" };
        assert_eq!(check(&result, stage)["status"], expected, "{stage}: {result}");
    }
    let seen = upstream.seen();
    assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].target.as_str()), (1, "GET", "/200"));
    assert_eq!(seen[0].headers["authorization"], format!("Bearer {}", secret("t-1")));
    // What an agent's call is held to, whatever the record says.
    assert!(result["message"].as_str().unwrap().contains("29 seconds"), "{result}");
}

#[tokio::test]
async fn each_failure_names_its_own_stage_and_what_to_do_about_it() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let upstream = statuses(r#"{"message":"out of order"}"#).await;
    let url = upstream.url();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let health = |path: &str| json!({"options": {"health_path": path}});
    let overriding = json!({"options": {"headers": {"X-HTTP-Method-Override": "DELETE"}}});
    let junk = json!({"options": {"ca_pem": "junk"}});
    for (name, url, more, stage, hint) in [
        ("wrong-option", url.as_str(), overriding, "configuration", "options.headers"),
        ("wrong-ca", &url, junk, "configuration", "options.ca_pem"),
        (
            "nowhere",
            "https://nowhere.invalid",
            json!({}),
            "name_resolution",
            "check the host in connection_url",
        ),
        ("metadata", "https://169.254.169.254", json!({}), "egress", "EGRESS_ALLOW"),
        ("private", "https://10.0.0.1", json!({}), "egress", "EGRESS_ALLOW"),
        ("closed", &closed, json!({}), "connect", "check host and port"),
        ("refusing", &url, health("/401"), "authenticate", "check that they are current"),
        ("forbidding", &url, health("/403"), "authenticate", "what they have the right to"),
        ("missing", &url, health("/404"), "call", "404): out of order"),
        ("failing", &url, health("/500"), "call", "status 500"),
        ("moved", &url, health("/301"), "call", "set connection_url to where it leads"),
    ] {
        let result = tested(&user, name, url, &more).await;
        failed_at(&result, stage, hint);
        let record = user.record(name).await;
        assert_eq!(
            (&record["health_status"], &record["last_error"]),
            (&json!("unhealthy"), &result["message"])
        );
    }
}

#[tokio::test]
async fn a_secret_that_can_not_be_used_fails_at_its_own_stage_before_anything_is_dialled() {
    let (world, upstream) = (World::saas().await, statuses("{}").await);
    let user = User::of(&world, "tenant-a");
    let theirs = world.create_secret("axonflow/theirs", "tenant-b", &token("hunter2")).await;
    let untagged = world.create_secret("axonflow/untagged", "", &token("hunter2")).await;
    let text = world.create_secret("axonflow/text", "tenant-a", &secret("hunter2")).await;
    let other = world
        .create_secret("axonflow/other", "tenant-a", &json!({"password": secret("hunter2")}).to_string())
        .await;
    let absent = theirs.replace("/theirs-", "/absent-");
    for (name, arn, hint) in [
        ("theirs", Some(&theirs), "axonflow:tenant_id"),
        ("untagged", Some(&untagged), "axonflow:tenant_id"),
        ("text", Some(&text), "not a JSON object"),
        ("other", Some(&other), "lacks token"),
        ("absent", Some(&absent), "credentials_secret_arn"),
        ("none", None, "credentials_secret_arn"),
    ] {
        let mut more = json!({"options": {"auth_type": "bearer"}});
        if let Some(arn) = arn {
            more["credentials_secret_arn"] = json!(arn);
        }
        let result = tested(&user, name, &upstream.url(), &more).await;
        failed_at(&result, "secret", hint);
        assert_eq!(check(&result, "configuration")["status"], "passed");
        let record = user.record(name).await.to_string();
        for text in [result.to_string(), record] {
            assert!(!text.contains("hunter2") && !text.contains("axonflow/theirs"), "{text}");
        }
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_certificate_must_be_by_a_ca_that_is_trusted_and_for_the_name() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let upstream = SealedUpstream::start("localhost").await;
    let url = format!("https://localhost:{}", upstream.address.port());
    let result = tested(&user, "unknown-ca", &url, &json!({})).await;
    failed_at(&result, "tls", "a private CA goes into options.ca_pem");
    for stage in ["name_resolution", "egress", "connect"] {
        assert_eq!(check(&result, stage)["status"], "passed");
    }
    let trusted = json!({"options": {"ca_pem": upstream.ca}});
    let result = tested(&user, "trusted", &url, &trusted).await;
    assert_eq!(
        (&result["success"], &check(&result, "tls")["status"]),
        (&json!(true), &json!("passed")),
        "{result}"
    );
    let numbers = format!("https://127.0.0.1:{}", upstream.address.port());
    let result = tested(&user, "other-name", &numbers, &trusted).await;
    failed_at(&result, "tls", "another name");
}

#[tokio::test]
async fn a_disabled_connector_is_not_contacted() {
    let (world, upstream) = (World::saas().await, statuses("{}").await);
    let user = User::of(&world, "tenant-a");
    let result = tested(&user, "off", &upstream.url(), &json!({"enabled": false})).await;
    assert_eq!((&result["success"], &result["health_status"]), (&json!(false), &json!("unknown")));
    assert_eq!(check(&result, "enabled")["status"], "failed");
    assert!(check(&result, "enabled")["detail"].as_str().unwrap().contains("PUT"), "{result}");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_live_test_is_stored_and_audited_and_changes_nothing_else() {
    let (world, upstream) = (
        World::saas().await,
        statuses(json!({"message": format!("Bearer {}", secret("t"))}).to_string().leak()).await,
    );
    let clock = SetClock::now();
    let portal = world.variant(|boot| boot.clock = clock.clone()).await;
    let user = User::of(&world, "tenant-a").at(&portal);
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("t")).await;
    let more =
        json!({"options": {"auth_type": "bearer", "health_path": "/400"}, "credentials_secret_arn": arn});
    let before = user.created(&custom("crm", &upstream.url(), &more)).await;
    clock.advance(60);
    let reply = live(&user, "crm").send().await;
    failed_at(&result(&reply), "call", "status 400");
    let read = user.read("crm").await;
    assert_eq!(read.header("etag"), "\"1.1\"");
    let mut after = read.json();
    assert!(!read.text.contains(SECRET) && !reply.text.contains(SECRET), "{} {}", read.text, reply.text);
    assert_eq!(after["health_status"], "unhealthy");
    assert_eq!(after["last_health_check"], reply.json()["tested_at"]);
    assert_eq!(after["last_error"], reply.json()["message"]);
    for name in ["last_health_check", "last_error"] {
        after.as_object_mut().unwrap().remove(name);
    }
    after["health_status"] = json!("unknown");
    assert_eq!(after, before, "a test changes nothing else");
    assert_eq!(stored::generation(&world, "tenant-a", "crm").await, 1);

    let entries = stored::audit(&world, "tenant-a", "crm").await;
    let [_, entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.action.as_str(), entry.who.as_str()), ("connector_test", "session:editor@tenant-a"));
    assert_eq!(entry.request_id, reply.header("x-request-id"));
    assert!(entry.result.starts_with("The stage call failed") && !entry.result.contains(SECRET), "{entry:?}");

    // The next success clears the error.
    let health = json!({"options": {"auth_type": "bearer", "health_path": "/200"}});
    user.update("crm", &health).await.expect(200);
    assert_eq!(result(&live(&user, "crm").send().await)["success"], true);
    let read = user.read("crm").await;
    assert_eq!((read.header("etag"), read.json().get("last_error")), ("\"2.2\"", None));
}

#[tokio::test]
async fn an_upstream_that_hangs_fails_by_the_records_own_time() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // It takes connections, as far as the kernel does, and says nothing.
    let url = format!("http://{}", listener.local_addr().unwrap());
    user.created(&custom("slow", &url, &json!({"timeout_ms": 500}))).await;
    let reply = tokio::time::timeout(Duration::from_secs(25), live(&user, "slow").send()).await;
    let result = result(&reply.expect("in the gateway's time"));
    failed_at(&result, "call", "did not answer before the deadline");
    assert!(result["duration_ms"].as_u64().unwrap() >= 500, "{result}");
    let authenticate = check(&result, "authenticate");
    assert!(authenticate["detail"].as_str().unwrap().starts_with("Not known"), "{authenticate}");
    assert_eq!(user.record("slow").await["health_status"], "unhealthy");
}

#[tokio::test]
async fn a_viewer_tests_nothing_and_a_stranger_nothing_either() {
    let (world, upstream) = (World::saas().await, statuses("{}").await);
    User::of(&world, "tenant-a").created(&custom("crm", &upstream.url(), &json!({}))).await;
    let viewer = User::with(&world, world.session("tenant-a", Role::Viewer, 0, 0).await);
    live(&viewer, "crm").send().await.problem(403, "viewer");
    let of_b = User::of(&world, "tenant-b");
    live(&of_b, "crm").send().await.problem(404, "connector-not-found");
    let foreign = live(&User::of(&world, "tenant-a"), "crm").header("origin", "https://evil.example");
    assert_eq!(foreign.send().await.status, 403);
    assert!(upstream.seen().is_empty());
    assert_eq!(viewer.read("crm").await.header("etag"), "\"1.0\"");
}

#[tokio::test]
async fn a_live_test_uses_the_secret_of_now() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let upstream = Upstream::start(|seen| {
        let good = seen
            .headers
            .get("authorization")
            .is_some_and(|sent| sent == &format!("Bearer {}", secret("new-1")));
        Response::builder().status(if good { 200 } else { 401 }).body(Body::empty()).unwrap()
    })
    .await;
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("old-1")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    failed_at(&tested(&user, "crm", &upstream.url(), &more).await, "authenticate", "401");
    let rotated =
        json!({"SecretId": arn, "SecretString": token("new-1"), "ClientRequestToken": "2".repeat(32)});
    world.secrets("PutSecretValue", &rotated).await;
    assert_eq!(result(&live(&user, "crm").send().await)["success"], true);
}

#[tokio::test]
async fn a_connector_that_is_deleted_while_it_is_tested_is_not_found() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    user.created(&custom("slow", &url, &json!({"timeout_ms": 5_000}))).await;
    let testing = tokio::spawn(live(&user, "slow").send());
    // It is dialled by now, and waits.
    let (first, _) = listener.accept().await.unwrap();
    user.delete("slow").await.expect(204);
    let (second, _) = listener.accept().await.unwrap();
    drop((first, second, listener));
    testing.await.unwrap().problem(404, "connector-not-found");
    assert_eq!(user.read("slow").await.status, 404);
}
