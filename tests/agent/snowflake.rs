//! Snowflake through the agent's API, against a stand-in for the account that verifies every token.

use std::time::Duration;

use end_to_end::{Account, AccountAnswer, FIRST_KEY, Reply, SECOND_KEY, World};
use serde_json::{Value, json};

use crate::setup::{audit, refused, rows, text};

/// A world whose tenant-a has the connector `sales` in front of an account.
struct Case {
    world: World,
    account: Account,
    arn: String,
}

impl Case {
    async fn new(answer: impl Fn(&Value) -> AccountAnswer + Clone + Send + Sync + 'static) -> Self {
        let (world, account) = (World::saas().await, Account::start(answer).await);
        let name = "axonflow/tenant-a/sales";
        let arn = world.create_secret(name, "tenant-a", &Account::secret(FIRST_KEY)).await;
        let body = json!({
            "connector_name": "sales", "connector_type": "snowflake", "connection_url": account.url(),
            "credentials_secret_arn": arn, "options": {"warehouse": "WH", "role": "READER"},
        });
        world.create(&body).await;
        Self { world, account, arn }
    }

    async fn query(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "sales", "statement": statement, "parameters": parameters});
        self.world.query(&body).send().await
    }

    async fn execute(&self, statement: &str, parameters: Value) -> Reply {
        let body = json!({"connector": "sales", "statement": statement, "parameters": parameters});
        self.world.execute(&body).send().await
    }

    /// The secret gets another key.
    async fn put_key(&self, key: &str, token: &str) {
        let body = json!({
            "SecretId": self.arn, "SecretString": Account::secret(key), "ClientRequestToken": token.repeat(32),
        });
        self.world.secrets("PutSecretValue", &body).await;
    }

    /// Waits until so many statements are cancelled, for at most twenty seconds.
    async fn cancelled(&self, count: usize) {
        for _ in 0..400 {
            if self.account.cancelled().len() < count {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        assert_eq!(self.account.cancelled().len(), count);
    }
}

/// One row of one column.
fn one() -> AccountAnswer {
    AccountAnswer::Rows(json!([Account::column("N", "FIXED", Some(0))]), json!([["1"]]))
}

#[tokio::test]
async fn a_query_binds_its_parameters_and_every_digit_comes_through() {
    let case = Case::new(|_| {
        let columns = json!([
            Account::column("ID", "FIXED", Some(0)),
            Account::column("PRICE", "FIXED", Some(9)),
            Account::column("NOTE", "TEXT", None),
        ]);
        AccountAnswer::Rows(columns, json!([["9007199254740993", "12345678901234567890.123456789", null]]))
    })
    .await;
    let statement = "SELECT id, price, note FROM orders WHERE id = :id AND note <> :note -- :no";
    let evil = "'; DROP TABLE orders; --";
    let reply = case.query(statement, json!({"id": 9_007_199_254_740_993_i64, "note": evil})).await;
    rows(&reply);
    let expected = r#""data":[{"ID":9007199254740993,"PRICE":"12345678901234567890.123456789","NOTE":null}]"#;
    assert!(reply.text.contains(expected), "{}", reply.text);
    let taken = &case.account.taken()[0];
    assert_eq!(taken["statement"], "SELECT id, price, note FROM orders WHERE id = ? AND note <> ?");
    let bound = json!({
        "1": {"type": "FIXED", "value": "9007199254740993"}, "2": {"type": "TEXT", "value": evil},
    });
    assert_eq!(
        (&taken["bindings"], &taken["warehouse"], &taken["role"]),
        (&bound, &json!("WH"), &json!("READER"))
    );
}

#[tokio::test]
async fn a_query_never_writes_and_the_refusal_is_written_down() {
    let case = Case::new(|_| one()).await;
    let statements = [
        "INSERT INTO orders VALUES (3)",
        "// SELECT\nDELETE FROM orders",
        "WITH gone AS (DELETE FROM orders) SELECT * FROM gone",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT numbers.nextval",
        "SELECT SYSTEM$CANCEL_ALL_QUERIES(1)",
        "SELECT SNOWFLAKE.CORTEX.COMPLETE('m', note) FROM orders",
        "CALL p()",
    ];
    for statement in statements {
        let body = refused(&case.query(statement, json!({})).await, 403, "blocked-by-policy");
        assert_eq!(
            (&body["blocked"], &body["policy_info"]["blocked"]),
            (&json!(true), &json!(true)),
            "{statement}"
        );
    }
    assert_eq!(case.account.requests(), 0);
    let entries = audit(&case.world, "tenant-a", "query_refused").await;
    assert_eq!((entries.len(), text(&entries[0], "statement")), (statements.len(), statements[0]));
}

#[tokio::test]
async fn an_execute_says_how_many_rows_it_touched_and_is_audited() {
    let case = Case::new(|_| {
        let columns = json!([Account::column("number of rows inserted", "FIXED", Some(0))]);
        AccountAnswer::Rows(columns, json!([["3"]]))
    })
    .await;
    let statement = "INSERT INTO orders SELECT id, ? FROM recent";
    let mut body = case.execute(statement, json!({"1": "canary-4711"})).await.expect(200).json();
    assert!(body["duration_ms"].is_u64());
    body["duration_ms"] = Value::Null;
    let expected = json!({
        "success": true, "connector": "sales", "rows_affected": 3, "duration_ms": null,
        "message": "INSERT: 3 rows inserted",
    });
    assert_eq!(body, expected);
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(text(&entries[0], "result"), "succeeded: INSERT: 3 rows inserted");
    assert_eq!(text(&entries[0], "statement"), statement);
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");
}

#[tokio::test]
async fn what_the_type_blocks_no_record_opens() {
    let case = Case::new(|_| one()).await;
    let statements = [
        "DELETE FROM orders",
        "TRUNCATE TABLE orders",
        "DROP TABLE orders",
        "ALTER USER svc_agent SET RSA_PUBLIC_KEY = 'x'",
        "GRANT ROLE accountadmin TO USER svc_agent",
        "REVOKE ALL ON orders FROM ROLE r",
        "INSERT OVERWRITE INTO orders SELECT 1",
        "CREATE OR REPLACE TABLE orders (id INT)",
        "MERGE INTO orders USING gone ON orders.id = gone.id WHEN MATCHED THEN DELETE",
    ];
    for statement in statements {
        let body = refused(&case.execute(statement, json!({})).await, 403, "blocked-by-policy");
        let policy = &body["policy_info"]["matched_policies"][0]["policy_id"];
        assert_eq!(policy, "blocked-operations", "{statement}");
    }
    assert_eq!(case.account.requests(), 0);
    assert_eq!(audit(&case.world, "tenant-a", "execute_refused").await.len(), statements.len());
    assert!(audit(&case.world, "tenant-a", "execute").await.is_empty());
}

#[tokio::test]
async fn what_can_not_be_judged_is_422_and_so_is_what_the_account_says_no_to() {
    let case = Case::new(|_| {
        AccountAnswer::Failed(422, "002003", "SQL compilation error:\nObject 'NOWHERE' does not exist")
    })
    .await;
    for statement in [
        "SELEC 1",
        "SELECT 1; SELECT 2",
        "SELECT 1 ->> SELECT 2",
        "",
        "BEGIN DELETE FROM orders; END",
        "EXECUTE IMMEDIATE 'DELETE FROM orders'",
        "USE ROLE accountadmin",
        "COPY INTO @s FROM orders",
    ] {
        for reply in [case.query(statement, json!({})).await, case.execute(statement, json!({})).await] {
            refused(&reply, 422, "invalid-query");
        }
    }
    for (statement, parameters) in [("SELECT ?", json!({})), ("SELECT :a", json!({"a": 1, "b": 1}))] {
        assert_eq!(case.query(statement, parameters).await.status, 422, "{statement}");
    }
    assert_eq!(case.account.requests(), 0);
    let problem = refused(&case.query("SELECT * FROM nowhere", json!({})).await, 422, "upstream-refused");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("002003") && detail.contains("Object 'NOWHERE' does not exist"), "{detail}");
}

#[tokio::test]
async fn a_key_that_is_rotated_heals_itself_by_the_one_more_reading_of_the_secret() {
    let case = Case::new(|_| one()).await;
    // Every container has an instance with the first key.
    for _ in 0..4 {
        rows(&case.query("SELECT 1", json!({})).await);
    }
    case.put_key(SECOND_KEY, "2").await;
    case.account.rotate(SECOND_KEY);
    for _ in 0..4 {
        rows(&case.query("SELECT 1", json!({})).await);
    }
    case.execute("INSERT INTO orders VALUES (7)", json!({})).await.expect(200);
    assert_eq!(case.account.taken().len(), 9);
    // The first key was tried, and refused, before the secret was read again.
    assert!(case.account.requests() > 9);
}

#[tokio::test]
async fn a_key_that_the_account_no_longer_takes_is_424_until_the_secret_follows_and_is_refreshed() {
    let case = Case::new(|_| one()).await;
    rows(&case.query("SELECT 1", json!({})).await);
    case.account.rotate(SECOND_KEY);
    for reply in [case.query("SELECT 1", json!({})).await, case.execute("CALL p()", json!({})).await] {
        let problem = refused(&reply, 424, "credentials-refused");
        assert_eq!(problem["stage"], "authenticate");
        assert!(!reply.text.contains("PRIVATE KEY") && !reply.text.contains("eyJ"), "{}", reply.text);
    }
    assert_eq!(case.account.taken().len(), 1);
    case.put_key(SECOND_KEY, "2").await;
    let refresh = "/api/v1/connectors/refresh/tenant-a/sales";
    case.world.agent_as("tenant-a", "POST", refresh).send().await.expect(200);
    for _ in 0..4 {
        rows(&case.query("SELECT 1", json!({})).await);
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_by_the_deadline_here_and_at_the_account() {
    let case = Case::new(|_| AccountAnswer::Runs).await;
    let asked = |statement: &str| json!({"connector": "sales", "statement": statement, "timeout": "1500ms"});
    let reply = case.world.query(&asked("SELECT * FROM orders")).send();
    let reply = tokio::time::timeout(Duration::from_secs(25), reply).await.unwrap();
    refused(&reply, 504, "upstream-deadline");
    case.cancelled(1).await;
    let reply = case.world.execute(&asked("INSERT INTO orders VALUES (1)")).send();
    let reply = tokio::time::timeout(Duration::from_secs(25), reply).await.unwrap();
    let problem = refused(&reply, 504, "outcome-unknown");
    assert!(problem["detail"].as_str().unwrap().contains("unknown"), "{problem}");
    case.cancelled(2).await;
    let handles = ["01b2c3d4-0000-1111-0000-000000000001", "01b2c3d4-0000-1111-0000-000000000002"];
    assert_eq!(case.account.cancelled(), handles);
    let entries = audit(&case.world, "tenant-a", "execute").await;
    assert_eq!(entries.len(), 1);
    assert!(text(&entries[0], "result").starts_with("unknown: "), "{entries:?}");
}

#[tokio::test]
async fn an_accounts_rate_limit_is_passed_on_with_its_retry_after() {
    // Later than any call may wait.
    let case = Case::new(|_| AccountAnswer::Limited("60")).await;
    for reply in [case.query("SELECT 1", json!({})).await, case.execute("CALL p()", json!({})).await] {
        refused(&reply, 429, "upstream-rate-limit");
        assert_eq!(reply.header("retry-after"), "60");
    }
    assert_eq!(case.account.taken().len(), 2);
}

#[tokio::test]
async fn a_role_that_lacks_is_told_from_a_key_that_is_wrong() {
    let case = Case::new(|_| AccountAnswer::Failed(403, "390189", "Role 'READER' does not exist")).await;
    let reply = case.query("SELECT 1", json!({})).await;
    let body = reply.json();
    assert!(body["detail"].as_str().unwrap().contains("options.role"), "{body}");
    assert_ne!(body["type"], "urn:axonflow:problem:credentials-refused");
}

#[tokio::test]
async fn a_disabled_connector_is_409_and_calls_nobody() {
    let case = Case::new(|_| one()).await;
    let path = "/api/v1/connectors/sales";
    case.world.portal("PUT", path).json(&json!({"enabled": false})).send().await.expect(200);
    refused(&case.query("SELECT 1", json!({})).await, 409, "connector-disabled");
    refused(&case.execute("CALL p()", json!({})).await, 409, "connector-disabled");
    assert_eq!(case.account.requests(), 0);
}
