//! `mode: live` before a real Cassandra: each way to fail is told apart, with a word on what to do.

use std::time::Duration;

use end_to_end::World;
use serde_json::{Value, json};
use test_servers::cassandra::Cassandra;
use tokio::net::TcpListener;

use crate::{
    live_test::{STAGES, check, failed_at, live, result},
    user::User,
};

/// A world and a server with two roles: one that may read the keyspace `books`, and one that may not log in.
struct Case {
    world: World,
    user: User,
    server: &'static Cassandra,
    arn: String,
}

impl Case {
    /// `None` where no server can be started.
    async fn new() -> Option<Self> {
        let server = tokio::task::spawn_blocking(Cassandra::shared).await.unwrap()?;
        let mut admin = server.admin();
        for statement in [
            "CREATE KEYSPACE IF NOT EXISTS books WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
            "CREATE TABLE IF NOT EXISTS books.orders (id int PRIMARY KEY)",
            "CREATE ROLE IF NOT EXISTS clerk WITH PASSWORD = 'clerk-4711' AND LOGIN = true",
            "CREATE ROLE IF NOT EXISTS sleeper WITH PASSWORD = 'sleeper-4711' AND LOGIN = false",
        ] {
            admin.run(statement);
        }
        let world = World::saas().await;
        let user = User::of(&world, "tenant-a");
        let arn = secret(&world, "clerk", &json!({"username": "clerk", "password": "clerk-4711"})).await;
        Some(Self { world, user, server, arn })
    }

    fn url(&self, host: &str, keyspace: &str) -> String {
        format!("cassandra://{host}:{}/{keyspace}", self.server.port)
    }

    /// Creates a connector and tests it.
    async fn tested(&self, name: &str, url: &str, options: &Value, arn: &str) -> Value {
        let body = json!({
            "connector_name": name, "connector_type": "cassandra", "connection_url": url, "options": options,
            "credentials_secret_arn": arn, "timeout_ms": 20_000,
        });
        self.user.created(&body).await;
        result(&live(&self.user, name).send().await)
    }
}

async fn secret(world: &World, name: &str, value: &Value) -> String {
    world.create_secret(&format!("axonflow/tenant-a/{name}"), "tenant-a", &value.to_string()).await
}

fn plain() -> Value {
    json!({"tls": false})
}

#[tokio::test]
async fn a_connector_that_works_passes_every_stage_sealed_and_plain() {
    let Some(case) = Case::new().await else { return };
    let sealed = json!({"ca_pem": case.server.ca, "local_dc": test_servers::cassandra::DATA_CENTRE});
    for (name, url, options, tls) in [
        ("sealed", case.url("localhost", "books"), sealed, "passed"),
        ("plain", case.url("127.0.0.1", "books"), plain(), "skipped"),
    ] {
        let result = case.tested(name, &url, &options, &case.arn).await;
        assert_eq!(
            (&result["success"], &result["health_status"]),
            (&json!(true), &json!("healthy")),
            "{result}"
        );
        for stage in STAGES {
            let expected = if stage == "tls" { tls } else { "passed" };
            assert_eq!(check(&result, stage)["status"], expected, "{stage}: {result}");
        }
        assert!(check(&result, "call")["detail"].as_str().unwrap().contains("Cassandra 5.0"), "{result}");
        assert!(!result.to_string().contains("clerk-4711"), "{result}");
    }
}

#[tokio::test]
async fn each_failure_names_its_own_stage_and_what_to_do_about_it() {
    let Some(case) = Case::new().await else { return };
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let wrong = secret(&case.world, "wrong", &json!({"username": "clerk", "password": "CANARY-4711"})).await;
    let nobody =
        secret(&case.world, "nobody", &json!({"username": "nobody", "password": "CANARY-4711"})).await;
    let sleeper =
        secret(&case.world, "sleeper", &json!({"username": "sleeper", "password": "sleeper-4711"})).await;
    let lacking = secret(&case.world, "lacking", &json!({"username": "clerk"})).await;
    let (good, trusted) = (case.url("127.0.0.1", "books"), json!({"ca_pem": case.server.ca}));
    let arn = case.arn.as_str();
    for (name, url, options, arn, stage, hint) in [
        ("lacking", good.clone(), plain(), lacking.as_str(), "secret", "password"),
        ("auth", case.url("127.0.0.1", "system_auth"), plain(), arn, "configuration", "name another"),
        ("junk-ca", good.clone(), json!({"ca_pem": "junk"}), arn, "configuration", "options.ca_pem"),
        (
            "nowhere",
            "cassandra://nowhere.invalid/books".into(),
            json!({}),
            arn,
            "name_resolution",
            "check the host in connection_url",
        ),
        ("private", "cassandra://10.0.0.1/books".into(), json!({}), arn, "egress", "EGRESS_ALLOW"),
        ("metadata", "cassandra://169.254.169.254/books".into(), json!({}), arn, "egress", "EGRESS_ALLOW"),
        ("closed", format!("cassandra://{closed}/books"), plain(), arn, "connect", "check host and port"),
        ("unknown-ca", case.url("localhost", "books"), json!({}), arn, "tls", "options.ca_pem"),
        ("other-name", good.clone(), trusted, arn, "tls", "another name"),
        (
            "wrong-password",
            good.clone(),
            plain(),
            wrong.as_str(),
            "authenticate",
            "check that they are current",
        ),
        (
            "no-such-role",
            good.clone(),
            plain(),
            nobody.as_str(),
            "authenticate",
            "check that they are current",
        ),
        ("no-login", good.clone(), plain(), sleeper.as_str(), "authenticate", "check that they are current"),
    ] {
        let result = case.tested(name, &url, &options, arn).await;
        failed_at(&result, stage, hint);
        let record = case.user.record(name).await;
        assert_eq!(
            (&record["health_status"], &record["last_error"]),
            (&json!("unhealthy"), &result["message"])
        );
        for text in [result.to_string(), record.to_string()] {
            assert!(!text.contains("CANARY") && !text.contains("-4711\""), "{text}");
        }
    }
}

/// The server says so only after it has taken the credentials, and what is to be corrected is the record.
#[tokio::test]
async fn a_keyspace_that_is_not_there_is_a_matter_of_the_record() {
    let Some(case) = Case::new().await else { return };
    let url = case.url("127.0.0.1", "no_such_keyspace");
    let result = case.tested("no-keyspace", &url, &plain(), &case.arn).await;
    assert_eq!((&result["success"], &result["health_status"]), (&json!(false), &json!("unhealthy")));
    assert_eq!(check(&result, "configuration")["status"], "failed", "{result}");
    let message = result["message"].as_str().unwrap();
    assert!(message.contains("no_such_keyspace") && message.contains("connection_url"), "{message}");
    for stage in ["secret", "name_resolution", "egress", "connect"] {
        assert_eq!(check(&result, stage)["status"], "passed", "{result}");
    }
    assert_eq!(check(&result, "call")["status"], "skipped", "{result}");
}

#[tokio::test]
async fn a_server_that_says_nothing_fails_by_the_records_own_time() {
    let Some(case) = Case::new().await else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // It takes connections, as far as the kernel does, and says nothing.
    let url = format!("cassandra://{}/books", listener.local_addr().unwrap());
    for (name, options) in [("sealed", json!({})), ("plain", plain())] {
        let body = json!({
            "connector_name": name, "connector_type": "cassandra", "connection_url": url, "options": options,
            "credentials_secret_arn": case.arn, "timeout_ms": 500,
        });
        case.user.created(&body).await;
        let reply = tokio::time::timeout(Duration::from_secs(25), live(&case.user, name).send()).await;
        let result = result(&reply.expect("in the gateway's time"));
        assert_eq!((&result["success"], &result["health_status"]), (&json!(false), &json!("unhealthy")));
        assert!(result["message"].as_str().unwrap().contains("did not answer"), "{result}");
    }
}
