//! PostgreSQL, the real server, through the agent's API and the portal's live test.

use std::sync::atomic::{AtomicUsize, Ordering};

use end_to_end::{Call, Reply, World};
use serde_json::{Value, json};
use test_servers::postgres::{PASSWORD, Postgres, USER};
use tokio_postgres::{Client, NoTls};

use crate::setup::{audit, refused, rows, text};

/// A world whose tenant-a has the connector `orders` in front of a database of its own, with a role of its own.
struct Case {
    world: World,
    server: &'static Postgres,
    database: String,
    arn: String,
    admin: Client,
}

impl Case {
    /// `None` where no server is installed.
    async fn new() -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let server = Postgres::shared()?;
        let database = format!("agent_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let first = connect(server, "postgres").await;
        // Two at once would stand in each other's way.
        first.batch_execute("SELECT pg_advisory_lock(4711)").await.unwrap();
        first.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();
        let role = format!("CREATE ROLE {database} LOGIN PASSWORD 'pw-one-4711'");
        first.batch_execute(&role).await.unwrap();
        let admin = connect(server, &database).await;
        let table = "CREATE TABLE orders (id bigint PRIMARY KEY, price numeric, note text);
             INSERT INTO orders VALUES
             (9007199254740993, 12345678901234567890.123456789000, 'first'), (2, 1e-45, null)";
        admin.batch_execute(table).await.unwrap();
        admin.batch_execute(&format!("GRANT ALL ON orders TO {database}")).await.unwrap();
        let world = World::saas().await;
        let arn = world
            .create_secret("axonflow/tenant-a/orders", "tenant-a", &secret(&database, "pw-one-4711"))
            .await;
        let case = Self { world, server, database, arn, admin };
        let url = format!("postgres://127.0.0.1:{}/{}?sslmode=disable", server.port, case.database);
        case.connector("orders", &url, &json!({})).await;
        Some(case)
    }

    async fn connector(&self, name: &str, url: &str, options: &Value) {
        let body = json!({
            "connector_name": name, "connector_type": "postgres", "connection_url": url, "options": options,
            "credentials_secret_arn": self.arn,
        });
        self.world.create(&body).await;
    }

    async fn query(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "orders", "statement": statement, "parameters": parameters});
        self.world.query(&body).send().await
    }

    async fn execute(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "orders", "statement": statement, "parameters": parameters});
        self.world.execute(&body).send().await
    }

    fn live_test(&self, name: &str) -> Call {
        let path = format!("/api/v1/connectors/{name}/test");
        self.world.portal("POST", &path).json(&json!({"mode": "live"}))
    }

    /// The number of orders, past every route.
    async fn orders(&self) -> i64 {
        self.admin.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get(0)
    }
}

fn secret(user: &str, password: &str) -> String {
    json!({"engine": "postgres", "username": user, "password": password}).to_string()
}

async fn connect(server: &Postgres, database: &str) -> Client {
    let config =
        format!("host=127.0.0.1 port={} user={USER} password={PASSWORD} dbname={database}", server.port);
    let (client, connection) = tokio_postgres::connect(&config, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn a_query_binds_its_parameters_and_every_digit_comes_through() {
    let Some(case) = Case::new().await else { return };
    let reply = case
        .query("SELECT id, price FROM orders WHERE id = $1", json!({"1": 9_007_199_254_740_993_i64}))
        .await;
    rows(&reply);
    let expected = r#""data":[{"id":9007199254740993,"price":"12345678901234567890.123456789000"}]"#;
    assert!(reply.text.contains(expected), "{}", reply.text);
    let reply = case.query("SELECT price FROM orders WHERE id = :id", json!({"id": 2})).await;
    let tiny = format!(r#""data":[{{"price":"0.{}1"}}]"#, "0".repeat(44));
    assert!(reply.text.contains(&tiny), "{}", reply.text);
    // What is bound is a value, whatever it looks like.
    let evil = "'; DROP TABLE orders; --";
    let reply = case.query("SELECT :note::text AS note, 1 AS n", json!({"note": evil})).await;
    assert_eq!(rows(&reply), json!([{"note": evil, "n": 1}]));
    assert_eq!(case.orders().await, 2);
    // An exact number goes in as it was written, too.
    let call = case.world.agent_as("tenant-a", "POST", "/mcp/resources/query");
    let body = r#"{"connector":"orders","statement":"SELECT $1::numeric AS n","parameters":{"1":1.10000000000000000000000000001}}"#;
    let reply = call.header("content-type", "application/json").body(body).send().await;
    assert!(reply.text.contains(r#""n":"1.10000000000000000000000000001""#), "{}", reply.text);
}

#[tokio::test]
async fn a_query_never_writes_and_the_refusal_is_written_down() {
    let Some(case) = Case::new().await else { return };
    for statement in [
        "INSERT INTO orders VALUES (3)",
        "DELETE FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copied FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT lo_import('/etc/passwd')",
        "SELECT set_config('x.y', '1', false)",
        "EXPLAIN ANALYZE DELETE FROM orders",
    ] {
        let body = refused(&case.query(statement, json!({})).await, 403, "blocked-by-policy");
        assert_eq!(
            (&body["blocked"], &body["policy_info"]["blocked"]),
            (&json!(true), &json!(true)),
            "{statement}"
        );
    }
    assert_eq!(case.orders().await, 2);
    let entries = audit(&case.world, "tenant-a", "query_refused").await;
    assert_eq!((entries.len(), text(&entries[0], "statement")), (8, "INSERT INTO orders VALUES (3)"));
}

#[tokio::test]
async fn an_execute_says_how_many_rows_it_touched_and_is_audited() {
    let Some(case) = Case::new().await else { return };
    let statement = "INSERT INTO orders SELECT g, 1.5, $1 FROM generate_series(10, 12) g";
    let mut body = case.execute(statement, json!({"1": "canary-4711"})).await.expect(200).json();
    assert!(body["duration_ms"].is_u64());
    body["duration_ms"] = Value::Null;
    let expected = json!({
        "success": true, "connector": "orders", "rows_affected": 3, "duration_ms": null, "message": "INSERT 0 3",
    });
    assert_eq!((body, case.orders().await), (expected, 5));
    let returning = "UPDATE orders SET note = 'x' WHERE id > 10 AND id < 100 RETURNING id, price";
    let reply = case.execute(returning, json!({})).await.expect(200);
    assert_eq!(reply.json()["rows_affected"], 2);
    assert!(reply.text.contains(r#"{"id":11,"price":"1.5"}"#), "{}", reply.text);
    let entries = audit(&case.world, "tenant-a", "execute").await;
    let results: Vec<_> = entries.iter().map(|entry| text(entry, "result")).collect();
    assert_eq!(results, ["succeeded: INSERT 0 3", "succeeded: UPDATE 2"]);
    assert_eq!(text(&entries[0], "statement"), statement);
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");
}

#[tokio::test]
async fn what_the_type_blocks_no_record_opens() {
    let Some(case) = Case::new().await else { return };
    for statement in [
        "DELETE FROM orders",
        "delete from orders where id = 2",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "DROP TABLE orders",
        "TRUNCATE orders",
        "ALTER TABLE orders ADD x int",
        "GRANT ALL ON orders TO public",
        "REVOKE ALL ON orders FROM public",
    ] {
        let body = refused(&case.execute(statement, json!({})).await, 403, "blocked-by-policy");
        assert_eq!(
            body["policy_info"]["matched_policies"][0]["policy_id"], "blocked-operations",
            "{statement}"
        );
    }
    assert_eq!(case.orders().await, 2);
    assert_eq!(audit(&case.world, "tenant-a", "execute_refused").await.len(), 8);
    assert!(audit(&case.world, "tenant-a", "execute").await.is_empty());
}

#[tokio::test]
async fn what_does_not_parse_or_is_not_there_is_422_with_the_servers_words() {
    let Some(case) = Case::new().await else { return };
    for statement in ["SELEC 1", "SELECT 1; SELECT 2", "SELECT (", "", "COMMIT", "SELECT 1 -- \u{0}"] {
        refused(&case.query(statement, json!({})).await, 422, "invalid-query");
        refused(&case.execute(statement, json!({})).await, 422, "invalid-query");
    }
    let problem = refused(&case.query("SELECT * FROM nowhere", json!({})).await, 422, "upstream-refused");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("42P01") && detail.contains("\"nowhere\" does not exist"), "{detail}");
    for (statement, parameters) in [("SELECT $1", json!({})), ("SELECT :a", json!({"b": 1}))] {
        assert_eq!(case.query(statement, parameters).await.status, 422, "{statement}");
    }
}

#[tokio::test]
async fn what_the_server_says_of_a_value_is_told_to_the_caller_and_not_to_the_audit() {
    let Some(case) = Case::new().await else { return };
    let wrong = json!({"1": "canary-4711"});
    let reply = case.execute("INSERT INTO orders VALUES ($1::text::bigint)", wrong).await;
    let problem = refused(&reply, 422, "upstream-refused");
    assert!(problem["detail"].as_str().unwrap().contains("canary-4711"), "{problem}");
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert!(
        text(&entries[0], "result").starts_with("failed: ") && text(&entries[0], "result").contains("22P02")
    );
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");
}

#[tokio::test]
async fn a_wrong_password_is_424_and_a_rotation_heals_itself() {
    let Some(case) = Case::new().await else { return };
    let rotate = async |password: &str, token: &str| {
        let body = json!({
            "SecretId": case.arn, "SecretString": secret(&case.database, password), "ClientRequestToken": token.repeat(32),
        });
        case.world.secrets("PutSecretValue", &body).await;
    };
    rows(&case.query("SELECT 1", json!({})).await);
    rows(&case.query("SELECT 1", json!({})).await);
    // The database's password changes first, as when AWS rotates; sessions that stand are ended.
    let change = format!("ALTER ROLE {} PASSWORD 'pw-two-4711'", case.database);
    case.admin.batch_execute(&change).await.unwrap();
    let end =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'", case.database);
    case.admin.batch_execute(&end).await.unwrap();
    for _ in 0..2 {
        let reply = case.query("SELECT 1", json!({})).await;
        let problem = refused(&reply, 424, "credentials-refused");
        assert_eq!(problem["stage"], "authenticate");
        assert!(!reply.text.contains("pw-one"), "{}", reply.text);
    }
    rotate("pw-two-4711", "2").await;
    // An instance whose credentials never worked has them read again after a second.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    for _ in 0..4 {
        rows(&case.query("SELECT 1", json!({})).await);
    }
    case.execute("INSERT INTO orders VALUES (7)", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_by_the_deadline() {
    let Some(case) = Case::new().await else { return };
    for call in [World::query, World::execute] {
        let body = json!({"connector": "orders", "statement": "SELECT pg_sleep(60)", "timeout": "700ms"});
        let reply = tokio::time::timeout(std::time::Duration::from_secs(25), call(&case.world, &body).send());
        refused(&reply.await.unwrap(), 504, "upstream-deadline");
    }
    // The connector is as good as before.
    rows(&case.query("SELECT 1", json!({})).await);
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert!(text(&entries[0], "result").starts_with("unknown: "), "{entries:?}");
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_stands_in_the_audit_as_unknown() {
    let Some(case) = Case::new().await else { return };
    // The constraint is checked at COMMIT, and checking takes longer than the caller waits.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep(60); RETURN null; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION slow()";
    case.admin.batch_execute(slow).await.unwrap();
    let body =
        json!({"connector": "orders", "statement": "INSERT INTO orders VALUES (3)", "timeout": "1500ms"});
    let problem = refused(&case.world.execute(&body).send().await, 504, "outcome-unknown");
    assert!(problem["detail"].as_str().unwrap().contains("unknown"), "{problem}");
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert!(text(&entries[0], "result").starts_with("unknown: "), "{entries:?}");
}

#[tokio::test]
async fn a_live_test_proves_a_sealed_session_or_says_what_is_missing() {
    let Some(case) = Case::new().await else { return };
    let url =
        |host: &str| format!("postgres://{host}:{}/{}?sslmode=verify-full", case.server.port, case.database);
    let ca = json!({"ca_pem": case.server.ca});
    for (name, host, options, failed) in [
        ("sealed", "localhost", &ca, None),
        ("untrusted", "localhost", &json!({}), Some(("tls", "options.ca_pem"))),
        ("other-name", "127.0.0.1", &ca, Some(("tls", "another name"))),
    ] {
        case.connector(name, &url(host), options).await;
        let result = case.live_test(name).send().await.expect(200).json();
        let checks = result["checks"].as_array().unwrap();
        let status = |stage: &str| checks.iter().find(|check| check["name"] == stage).unwrap();
        match failed {
            None => {
                assert_eq!(result["success"], true, "{result}");
                assert!(checks.iter().all(|check| check["status"] == "passed"), "{result}");
                let body = json!({"connector": name, "statement": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"});
                assert_eq!(rows(&case.world.query(&body).send().await), json!([{"ssl": true}]));
            }
            Some((stage, hint)) => {
                assert_eq!(
                    (&result["success"], &status(stage)["status"]),
                    (&json!(false), &json!("failed")),
                    "{result}"
                );
                assert!(result["message"].as_str().unwrap().contains(hint), "{result}");
                for passed in ["name_resolution", "egress", "connect"] {
                    assert_eq!(status(passed)["status"], "passed", "{result}");
                }
                assert_eq!(status("authenticate")["status"], "skipped");
            }
        }
    }
}

#[tokio::test]
async fn a_live_test_and_a_look_at_health_name_what_is_wrong() {
    let Some(case) = Case::new().await else { return };
    let plain =
        |database: &str| format!("postgres://127.0.0.1:{}/{database}?sslmode=disable", case.server.port);
    case.connector("no-database", &plain("nowhere"), &json!({})).await;
    case.connector("closed", "postgres://127.0.0.1:1/orders?sslmode=disable", &json!({})).await;
    case.admin.batch_execute(&format!("ALTER ROLE {} PASSWORD 'pw-two-4711'", case.database)).await.unwrap();
    for (name, stage) in [("orders", "authenticate"), ("closed", "connect")] {
        let result = case.live_test(name).send().await.expect(200).json();
        let failed = result["checks"].as_array().unwrap().iter().find(|check| check["status"] == "failed");
        assert_eq!(failed.unwrap()["name"], stage, "{result}");
        let path = format!("/mcp/connectors/{name}/health");
        let reply = case.world.agent_as("tenant-a", "GET", &path).send().await.expect(200);
        let health = reply.json();
        assert_eq!(
            (&health["healthy"], &health["details"]["stage"]),
            (&json!(false), &json!(stage)),
            "{health}"
        );
        for text in [result.to_string(), reply.text] {
            assert!(!text.contains("pw-one") && !text.contains("pw-two"), "{text}");
        }
    }
    // What was wrong with the password is set right, and nobody had to refresh anything.
    case.admin.batch_execute(&format!("ALTER ROLE {} PASSWORD 'pw-one-4711'", case.database)).await.unwrap();
    assert_eq!(case.live_test("orders").send().await.expect(200).json()["success"], true);
    let result = case.live_test("no-database").send().await.expect(200).json();
    let message = result["message"].as_str().unwrap();
    assert!(message.starts_with("The stage configuration failed") && message.contains("nowhere"), "{result}");
}
