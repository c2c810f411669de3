//! Cassandra, the real server, through the agent's API.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use end_to_end::{Reply, World};
use serde_json::{Value, json};
use test_servers::cassandra::{Cassandra, Cql};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::setup::{audit, refused, rows, text};

/// A world whose tenant-a has the connector `orders` in front of a keyspace of its own, with a role of its own.
struct Case {
    world: World,
    server: &'static Cassandra,
    keyspace: String,
    arn: String,
    admin: Mutex<Cql>,
}

impl Case {
    /// `None` where no server can be started.
    async fn new() -> Option<Self> {
        let case = Self::without_connector().await?;
        let url = case.url(case.server.port);
        case.connector("orders", &url, json!({})).await;
        Some(case)
    }

    async fn without_connector() -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let server = tokio::task::spawn_blocking(Cassandra::shared).await.unwrap()?;
        let keyspace = format!("agent_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let world = World::saas().await;
        let secret = secret(&keyspace, "pw-one-4711");
        let arn = world.create_secret("axonflow/tenant-a/orders", "tenant-a", &secret).await;
        let case = Self { world, server, keyspace, arn, admin: Mutex::new(server.admin()) };
        let keyspace = &case.keyspace;
        for statement in [
            format!(
                "CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
            ),
            format!("CREATE TABLE {keyspace}.orders (id bigint PRIMARY KEY, price decimal, note text)"),
            format!(
                "INSERT INTO {keyspace}.orders (id, price, note) VALUES (9007199254740993, 12345678901234567890.123456789000, 'first')"
            ),
            format!("INSERT INTO {keyspace}.orders (id, price) VALUES (2, 1e-45)"),
            format!("CREATE TABLE {keyspace}.hidden (id int PRIMARY KEY)"),
            format!("CREATE ROLE {keyspace} WITH PASSWORD = 'pw-one-4711' AND LOGIN = true"),
            format!("GRANT SELECT ON {keyspace}.orders TO {keyspace}"),
            format!("GRANT MODIFY ON {keyspace}.orders TO {keyspace}"),
        ] {
            case.run(&statement);
        }
        Some(case)
    }

    fn url(&self, port: u16) -> String {
        format!("cassandra://127.0.0.1:{port}/{}", self.keyspace)
    }

    async fn connector(&self, name: &str, url: &str, more: Value) {
        let mut body = json!({
            "connector_name": name, "connector_type": "cassandra", "connection_url": url, "options": {"tls": false},
            "credentials_secret_arn": self.arn,
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.world.create(&body).await;
    }

    /// Runs a statement past every route.
    fn run(&self, statement: &str) {
        self.admin.lock().unwrap_or_else(PoisonError::into_inner).run(statement);
    }

    async fn query(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "orders", "statement": statement, "parameters": parameters});
        self.world.query(&body).send().await
    }

    async fn execute(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "orders", "statement": statement, "parameters": parameters});
        self.world.execute(&body).send().await
    }

    /// The number of orders, past every route.
    fn orders(&self) -> i64 {
        let statement = format!("SELECT count(*) FROM {}.orders", self.keyspace);
        let answer = self.admin.lock().unwrap_or_else(PoisonError::into_inner).answer(&statement).unwrap();
        // The one row's one value is the last that is said.
        i64::from_be_bytes(*answer.last_chunk().unwrap())
    }

    fn rotate(&self, password: &str) {
        self.run(&format!("ALTER ROLE {} WITH PASSWORD = '{password}'", self.keyspace));
    }

    async fn refresh(&self) {
        let path = "/api/v1/connectors/refresh/tenant-a/orders";
        self.world.agent_as("tenant-a", "POST", path).send().await.expect(200);
    }
}

fn secret(user: &str, password: &str) -> String {
    json!({"username": user, "password": password}).to_string()
}

#[tokio::test]
async fn a_query_binds_its_parameters_and_every_digit_comes_through() {
    let Some(case) = Case::new().await else { return };
    let by_place = ("SELECT id, price FROM orders WHERE id = ?", json!({"1": 9_007_199_254_740_993_i64}));
    let by_name = ("SELECT id, price FROM orders WHERE id = :id", json!({"id": 9_007_199_254_740_993_i64}));
    for (statement, parameters) in [by_place, by_name] {
        let reply = case.query(statement, parameters).await;
        rows(&reply);
        let expected = r#""data":[{"id":9007199254740993,"price":"12345678901234567890.123456789000"}]"#;
        assert!(reply.text.contains(expected), "{}", reply.text);
    }
    let reply = case.query("SELECT note, price FROM orders WHERE id = 2", json!({})).await;
    assert_eq!(rows(&reply)[0]["note"], Value::Null);
    // What is bound is a value, whatever it looks like.
    let evil = "'; DROP TABLE orders; --";
    case.execute("INSERT INTO orders (id, note) VALUES (:id, :note)", json!({"id": 3, "note": evil}))
        .await
        .expect(200);
    assert_eq!(
        rows(&case.query("SELECT note FROM orders WHERE id = 3", json!({})).await),
        json!([{"note": evil}])
    );
    assert_eq!(case.orders(), 3);
}

#[tokio::test]
async fn a_query_never_writes_and_the_refusal_is_written_down() {
    let Some(case) = Case::new().await else { return };
    let statements = [
        "INSERT INTO orders (id) VALUES (3)",
        "INSERT INTO orders JSON '{\"id\": 3}'",
        "/* SELECT */ delete FROM orders WHERE id = 2",
        "-- SELECT\nUPDATE orders SET note = 'x' WHERE id = 2 IF EXISTS",
        "BEGIN BATCH DELETE FROM orders WHERE id = 2 APPLY BATCH",
        "TRUNCATE orders",
        "CREATE TABLE copied (id int PRIMARY KEY)",
        "GRANT ALL PERMISSIONS ON orders TO cassandra",
    ];
    for statement in statements {
        let body = refused(&case.query(statement, json!({})).await, 403, "blocked-by-policy");
        assert_eq!(
            (&body["blocked"], &body["policy_info"]["matched_policies"][0]["policy_id"]),
            (&json!(true), &json!("query-reads-only")),
            "{statement}"
        );
    }
    assert_eq!(case.orders(), 2);
    let entries = audit(&case.world, "tenant-a", "query_refused").await;
    assert_eq!((entries.len(), text(&entries[0], "statement")), (statements.len(), statements[0]));
}

#[tokio::test]
async fn an_execute_is_audited_with_its_outcome_and_without_its_values() {
    let Some(case) = Case::new().await else { return };
    let statement = "INSERT INTO orders (id, note) VALUES (?, ?)";
    let mut body = case.execute(statement, json!({"1": 10, "2": "canary-4711"})).await.expect(200).json();
    assert!(body["duration_ms"].is_u64());
    body["duration_ms"] = Value::Null;
    let expected = json!({
        "success": true, "connector": "orders", "rows_affected": 1, "duration_ms": null, "message": "INSERT",
    });
    assert_eq!((body, case.orders()), (expected, 3));
    let batch =
        "BEGIN BATCH INSERT INTO orders (id) VALUES (11); DELETE FROM orders WHERE id = 10; APPLY BATCH";
    case.execute(batch, json!({})).await.expect(200);
    let condition = "UPDATE orders SET note = 'x' WHERE id = 2 IF note = 'y'";
    let reply = case.execute(condition, json!({})).await.expect(200).json();
    assert_eq!(
        (&reply["rows_affected"], &reply["data"][0]["[applied]"]),
        (&json!(0), &json!(false)),
        "{reply}"
    );
    assert_eq!(case.orders(), 3);
    let entries = audit(&case.world, "tenant-a", "execute").await;
    let results: Vec<_> = entries.iter().map(|entry| text(entry, "result")).collect();
    assert_eq!((results.len(), results[0]), (3, "succeeded: INSERT"), "{results:?}");
    assert!(results.iter().all(|result| result.starts_with("succeeded: ")), "{results:?}");
    assert_eq!(text(&entries[0], "statement"), statement);
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");
}

#[tokio::test]
async fn what_the_type_blocks_no_record_opens() {
    let Some(case) = Case::new().await else { return };
    let statements = [
        "DROP TABLE orders",
        "drop/**/keyspace system_traces",
        "TRUNCATE orders",
        "ALTER TABLE orders ADD x int",
        "-- INSERT\nDROP TABLE IF EXISTS orders;",
    ];
    for statement in statements {
        let body = refused(&case.execute(statement, json!({})).await, 403, "blocked-by-policy");
        let policies = &body["policy_info"]["matched_policies"];
        assert_eq!(
            (&body["blocked"], &policies[0]["policy_id"]),
            (&json!(true), &json!("blocked-operations")),
            "{statement}"
        );
        assert!(body["error"].as_str().unwrap().contains("DROP, TRUNCATE, ALTER, GRANT, REVOKE"), "{body}");
    }
    assert_eq!(case.orders(), 2);
    assert_eq!(audit(&case.world, "tenant-a", "execute_refused").await.len(), statements.len());
    assert!(audit(&case.world, "tenant-a", "execute").await.is_empty());
}

#[tokio::test]
async fn what_can_not_be_judged_is_422_on_both_routes_and_leaves_no_trace() {
    let Some(case) = Case::new().await else { return };
    for statement in [
        "SELEC 1",
        "",
        "USE system",
        "SELECT id FROM orders; SELECT id FROM orders",
        "SELECT id FROM orders -- no end",
        "CREATE ROLE r WITH PASSWORD = 'canary-4711'",
        "UPDATE system_auth.roles SET is_superuser = true WHERE role = 'me'",
        "SELECT id FROM orders \u{0}",
    ] {
        refused(&case.query(statement, json!({})).await, 422, "invalid-query");
        refused(&case.execute(statement, json!({})).await, 422, "invalid-query");
    }
    for action in ["execute", "execute_refused", "query_refused"] {
        assert!(audit(&case.world, "tenant-a", action).await.is_empty(), "{action}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_comes_with_its_words() {
    let Some(case) = Case::new().await else { return };
    let problem = refused(&case.query("SELECT * FROM nowhere", json!({})).await, 422, "upstream-refused");
    assert!(problem["detail"].as_str().unwrap().contains("nowhere"), "{problem}");
    for (statement, parameters) in [
        ("SELECT id FROM orders WHERE id = ?", json!({})),
        ("SELECT id FROM orders WHERE id = :a", json!({"b": 1})),
        ("SELECT id FROM orders WHERE id = :a", json!({"a": "no number"})),
    ] {
        assert_eq!(case.query(statement, parameters).await.status, 422, "{statement}");
    }
    // A table that the role has no right to.
    for reply in [
        case.query("SELECT id FROM hidden", json!({})).await,
        case.execute("INSERT INTO hidden (id) VALUES (1)", json!({})).await,
    ] {
        assert!((400..500).contains(&reply.status.into()), "{}", reply.text);
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("0x2100") && detail.contains("the right to"), "{detail}");
    }
}

#[tokio::test]
async fn a_rotated_secret_is_taken_up_by_a_refresh() {
    let Some(case) = Case::new().await else { return };
    let select = "SELECT id FROM orders WHERE id = 2";
    // Both containers log in.
    for _ in 0..2 {
        rows(&case.query(select, json!({})).await);
    }
    // The role's password changes first, as when AWS rotates. A session that stands goes on; a new one does not.
    case.rotate("pw-two-4711");
    rows(&case.query(select, json!({})).await);
    case.refresh().await;
    let reply = case.query(select, json!({})).await;
    let problem = refused(&reply, 424, "credentials-refused");
    assert_eq!(problem["stage"], "authenticate");
    assert!(!reply.text.contains("pw-one"), "{}", reply.text);
    let rotated = json!({
        "SecretId": case.arn, "SecretString": secret(&case.keyspace, "pw-two-4711"), "ClientRequestToken": "2".repeat(32),
    });
    case.world.secrets("PutSecretValue", &rotated).await;
    case.refresh().await;
    for _ in 0..4 {
        rows(&case.query(select, json!({})).await);
    }
    case.execute("INSERT INTO orders (id) VALUES (7)", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_rotation_heals_itself_without_a_refresh() {
    let Some(case) = Case::without_connector().await else { return };
    let relay = Relay::start(case.server.port).await;
    case.connector("orders", &case.url(relay.port), json!({})).await;
    let select = "SELECT id FROM orders WHERE id = 2";
    rows(&case.query(select, json!({})).await);
    case.rotate("pw-two-4711");
    let rotated = json!({
        "SecretId": case.arn, "SecretString": secret(&case.keyspace, "pw-two-4711"), "ClientRequestToken": "2".repeat(32),
    });
    case.world.secrets("PutSecretValue", &rotated).await;
    // Sessions end, so that each container logs in anew, with what it read before.
    relay.cut();
    for _ in 0..4 {
        rows(&case.query(select, json!({})).await);
    }
}

#[tokio::test]
async fn a_disabled_connector_is_not_asked() {
    let Some(case) = Case::new().await else { return };
    rows(&case.query("SELECT id FROM orders WHERE id = 2", json!({})).await);
    let path = "/api/v1/connectors/orders";
    case.world.portal("PUT", path).json(&json!({"enabled": false})).send().await.expect(200);
    refused(&case.query("SELECT id FROM orders", json!({})).await, 409, "connector-disabled");
    refused(&case.execute("INSERT INTO orders (id) VALUES (3)", json!({})).await, 409, "connector-disabled");
    assert_eq!(case.orders(), 2);
    case.world.portal("PUT", path).json(&json!({"enabled": true})).send().await.expect(200);
    rows(&case.query("SELECT id FROM orders WHERE id = 2", json!({})).await);
}

#[tokio::test]
async fn a_server_that_falls_silent_ends_a_call_by_its_deadline() {
    let Some(case) = Case::without_connector().await else { return };
    let relay = Relay::start(case.server.port).await;
    case.connector("orders", &case.url(relay.port), json!({})).await;
    let select = "SELECT id FROM orders WHERE id = 2";
    // Both containers.
    for _ in 0..2 {
        rows(&case.query(select, json!({})).await);
    }
    relay.hold(true);
    let within = Duration::from_secs(25);
    for (call, statement) in [
        (World::query as fn(&World, &Value) -> _, select),
        (World::execute, "INSERT INTO orders (id) VALUES (3)"),
    ] {
        let body = json!({"connector": "orders", "statement": statement, "timeout": "700ms"});
        let reply = tokio::time::timeout(within, call(&case.world, &body).send()).await.unwrap();
        assert_eq!(reply.status, 504, "{}", reply.text);
    }
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert!(text(&entries[0], "result").starts_with("unknown: "), "{entries:?}");
    relay.hold(false);
    rows(&case.query(select, json!({})).await);
}

/// What stands between the connector and the server: it can hold back what the server says, and end every connection.
struct Relay {
    port: u16,
    held: watch::Sender<bool>,
    cut: watch::Sender<()>,
}

impl Relay {
    async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (held, holding) = watch::channel(false);
        let (cut, cutting) = watch::channel(());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (holding, mut cutting) = (holding.clone(), cutting.clone());
                cutting.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = carry(client, server, holding) => {}
                        _ = cutting.changed() => {}
                    }
                });
            }
        });
        Self { port, held, cut }
    }

    fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    fn cut(&self) {
        self.cut.send_replace(());
    }
}

async fn carry(client: TcpStream, server: u16, mut holding: watch::Receiver<bool>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    #[expect(clippy::disallowed_methods, reason = "this is the other side of the way out")]
    let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async { drop(tokio::io::copy(&mut from_client, &mut to_server).await) };
    let down = async {
        let mut bytes = vec![0; 65_536];
        while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
            if holding.wait_for(|held| !held).await.is_err()
                || to_client.write_all(&bytes[..read]).await.is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
