//! `connection_url`: the form of each type, no credential in it, verified TLS.

use end_to_end::World;
use serde_json::{Value, json};

use crate::user::User;

fn body(kind: &str, name: &str, url: &Value) -> Value {
    json!({"connector_name": name, "connector_type": kind, "connection_url": url})
}

#[tokio::test]
async fn each_type_takes_its_own_form() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (index, (kind, url)) in [
        ("postgres", "postgres://db.example.com/app"),
        ("postgres", "postgres://db.example.com:5433/app?sslmode=verify-full"),
        ("postgres", "postgres://db.example.com/app?sslmode=require"),
        ("postgres", "postgres://db.example.com/app?sslmode=verify-ca"),
        ("postgres", "postgres://127.0.0.1/app?sslmode=disable"),
        ("cassandra", "cassandra://a.example.com/ks"),
        ("cassandra", "cassandra://a.example.com:9042,b.example.com/ks"),
        ("snowflake", "finance-org.us-east-1.snowflakecomputing.com"),
        ("snowflake", "https://finance-org.us-east-1.snowflakecomputing.com"),
        ("custom", "https://example.com/api/v2"),
        ("custom", "http://127.0.0.1:8080"),
    ]
    .into_iter()
    .enumerate()
    {
        let record = user.created(&body(kind, &format!("c{index}"), &url.into())).await;
        assert_eq!(record["connection_url"], url);
    }
}

#[tokio::test]
async fn other_forms_are_refused_on_creation_and_on_update() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (kind, fits, refused) in [
        (
            "postgres",
            "postgres://db.example.com/app",
            &[
                "postgres://user:secret@db.example.com/app",
                "postgres://user@db.example.com/app",
                "postgres://db.example.com",
                "postgres://db.example.com/",
                "mysql://db.example.com/app",
                "postgres://db.example.com/app?sslmode=disable",
                "postgres://db.example.com/app?sslmode=allow",
                "postgres://127.0.0.1/app?sslmode=prefer",
                "postgres://db.example.com/app?user=x",
                "db.example.com/app",
            ][..],
        ),
        (
            "cassandra",
            "cassandra://a.example.com/ks",
            &[
                "cassandra://u:p@a.example.com/ks",
                "cassandra://a.example.com",
                "cassandra:///ks",
                "a.example.com/ks",
            ],
        ),
        (
            "snowflake",
            "org-account.snowflakecomputing.com",
            &[
                "http://org-account.snowflakecomputing.com",
                "user:p@org.snowflakecomputing.com",
                "ftp://org.example",
            ],
        ),
        (
            "custom",
            "https://example.com",
            &[
                "http://example.com",
                "https://user:secret@example.com",
                "https://token@example.com",
                "https://example.com/?key=1",
                "ftp://example.com",
                "example.com",
                "https://exa mple.com",
                "",
            ],
        ),
    ] {
        user.created(&body(kind, kind, &fits.into())).await;
        for url in refused {
            let reply = user.create(&body(kind, "refused", &(*url).into())).await;
            reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), ["/connection_url"], "{url}");
            let reply = user.update(kind, &json!({"connection_url": url})).await;
            reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), ["/connection_url"], "{url}");
        }
    }
}

#[tokio::test]
async fn types_without_a_well_known_host_need_a_url_and_keep_it() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (kind, url) in [
        ("postgres", "postgres://db.example.com/app"),
        ("cassandra", "cassandra://a.example.com/ks"),
        ("snowflake", "org-account.snowflakecomputing.com"),
        ("custom", "https://example.com"),
    ] {
        for missing in
            [json!({"connector_name": kind, "connector_type": kind}), body(kind, kind, &Value::Null)]
        {
            let reply = user.create(&missing).await;
            reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), ["/connection_url"]);
        }
        user.created(&body(kind, kind, &url.into())).await;
        let reply = user.update(kind, &json!({"connection_url": null})).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/connection_url"]);
    }
    for kind in ["salesforce", "amadeus", "slack"] {
        let record = user.created(&json!({"connector_name": kind, "connector_type": kind})).await;
        assert_eq!(record.get("connection_url"), None);
    }
}

#[tokio::test]
async fn a_stored_url_that_the_list_no_longer_opens_may_stay_but_not_move() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let strict = world.variant(|boot| boot.settings.egress_allow = "10.0.0.0/8".parse().unwrap()).await;
    let strict = user.at(&strict);
    let record = user.record("demo-crm").await;
    assert!(record["connection_url"].as_str().unwrap().starts_with("http://"));
    strict.update("demo-crm", &record).await.expect(200);
    let moved = strict.update("demo-crm", &json!({"connection_url": "http://127.0.0.1:1"})).await;
    moved.problem(422, "invalid-body");
}
