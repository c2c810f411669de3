//! The live test of a `snowflake` connector: each thing that can be wrong on the way has its own stage and its own hint.

use end_to_end::{Account, AccountAnswer, FIRST_KEY, SECOND_KEY, SealedUpstream, World, secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    live_test::{STAGES, check, failed_at, live, result},
    user::User,
};

/// A session as an account tells it, with what it lacks left out.
fn session(role: &str, warehouse: Option<&str>, database: Option<&str>) -> AccountAnswer {
    let columns = ["VERSION", "ROLE", "WAREHOUSE", "DATABASE", "SCHEMA"];
    let columns: Vec<Value> = columns.iter().map(|name| Account::column(name, "TEXT", None)).collect();
    AccountAnswer::Rows(json!(columns), json!([["9.30.1", role, warehouse, database, "PUBLIC"]]))
}

fn all() -> AccountAnswer {
    session("READER", Some("WH"), Some("SALES"))
}

fn options() -> Value {
    json!({"role": "READER", "warehouse": "WH", "database": "SALES"})
}

/// One tenant's editor, and the secret of the user of the account.
struct Tester {
    world: World,
    user: User,
    arn: String,
}

impl Tester {
    async fn new() -> Self {
        let world = World::saas().await;
        let user = User::of(&world, "tenant-a");
        let arn = world.create_secret("axonflow/sales", "tenant-a", &Account::secret(FIRST_KEY)).await;
        Self { world, user, arn }
    }

    /// Creates a connector and tests it.
    async fn tested(&self, name: &str, url: &str, options: &Value) -> Value {
        let body = json!({
            "connector_name": name, "connector_type": "snowflake", "connection_url": url, "options": options,
            "credentials_secret_arn": self.arn,
        });
        self.user.created(&body).await;
        let result = result(&live(&self.user, name).send().await);
        assert!(
            !result.to_string().contains("PRIVATE KEY") && !result.to_string().contains("eyJ"),
            "{result}"
        );
        result
    }
}

#[tokio::test]
async fn an_account_that_works_passes_every_stage_and_starts_no_warehouse() {
    let (tester, account) = (Tester::new().await, Account::start(|_| all()).await);
    let result = tester.tested("sales", &account.url(), &options()).await;
    assert_eq!((&result["success"], &result["health_status"]), (&json!(true), &json!("healthy")), "{result}");
    for stage in STAGES {
        // Nothing is sealed here.
        let expected = if stage == "tls" { "skipped" } else { "passed" };
        assert_eq!(check(&result, stage)["status"], expected, "{stage}: {result}");
    }
    let detail = check(&result, "call")["detail"].as_str().unwrap();
    for part in ["9.30.1", "role READER", "warehouse WH", "database SALES"] {
        assert!(detail.contains(part), "{detail}");
    }
    let statements = account.taken();
    let statement = statements[0]["statement"].as_str().unwrap();
    assert!(statements.len() == 1 && !statement.contains(" from "), "{statements:?}");
}

#[tokio::test]
async fn the_way_there_fails_at_its_own_stage_with_what_to_do() {
    let tester = Tester::new().await;
    let sealed = SealedUpstream::start("localhost").await;
    let at = |host: &str| format!("https://{host}:{}", sealed.address.port());
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let trusted = json!({"ca_pem": sealed.ca});
    for (name, url, options, stage, hint) in [
        (
            "nowhere",
            "acme-test.snowflakecomputing.invalid".into(),
            json!({}),
            "name_resolution",
            "check the host",
        ),
        ("metadata", "https://169.254.169.254".into(), json!({}), "egress", "EGRESS_ALLOW"),
        ("private", "10.0.0.1".into(), json!({}), "egress", "EGRESS_ALLOW"),
        ("closed", format!("http://{closed}"), json!({}), "connect", "check host and port"),
        ("unknown-ca", at("localhost"), json!({}), "tls", "a private CA goes into options.ca_pem"),
        ("other-name", at("127.0.0.1"), trusted, "tls", "another name"),
    ] {
        failed_at(&tester.tested(name, &url, &options).await, stage, hint);
        let record = tester.user.record(name).await;
        assert_eq!(record["health_status"], "unhealthy");
    }
}

#[tokio::test]
async fn a_key_that_the_account_does_not_know_fails_at_authentication_and_a_rotation_heals_it() {
    let (tester, account) = (Tester::new().await, Account::start(|_| all()).await);
    account.rotate(SECOND_KEY);
    let result = tester.tested("sales", &account.url(), &options()).await;
    failed_at(&result, "authenticate", "check that they are current");
    assert!(check(&result, "authenticate")["detail"].as_str().unwrap().contains("390144"), "{result}");
    assert!(account.taken().is_empty());
    let body = json!({
        "SecretId": tester.arn, "SecretString": Account::secret(SECOND_KEY), "ClientRequestToken": "2".repeat(32),
    });
    tester.world.secrets("PutSecretValue", &body).await;
    let result = crate::live_test::result(&live(&tester.user, "sales").send().await);
    assert_eq!(result["success"], true, "{result}");
}

#[tokio::test]
async fn an_account_that_takes_no_calls_from_here_fails_at_authentication() {
    let refusing =
        |_: &Value| AccountAnswer::Failed(403, "390422", "Incoming request with IP is not allowed");
    let (tester, account) = (Tester::new().await, Account::start(refusing).await);
    let result = tester.tested("sales", &account.url(), &options()).await;
    failed_at(&result, "authenticate", "what they have the right to");
}

#[tokio::test]
async fn a_context_that_lacks_is_told_from_credentials_that_are_wrong() {
    let role = "Role 'READER' specified in the connect string is not granted to this user";
    let cases: [(&str, AccountAnswer, &str); 4] = [
        ("role", AccountAnswer::Failed(403, "390189", role), "correct options.role, or grant it"),
        ("database", session("READER", Some("WH"), None), "the database \"SALES\" of the options"),
        ("warehouse", session("READER", None, Some("SALES")), "the warehouse \"WH\" of the options"),
        (
            "named",
            AccountAnswer::Failed(422, "390201", "Database 'SALES' does not exist"),
            "database or schema",
        ),
    ];
    let tester = Tester::new().await;
    for (name, answer, hint) in cases {
        let account = Account::start(move |_| answer.clone()).await;
        let result = tester.tested(name, &account.url(), &options()).await;
        assert_eq!((&result["success"], &result["health_status"]), (&json!(false), &json!("unhealthy")));
        let failed = check(&result, "configuration");
        assert_eq!(failed["status"], "failed", "{result}");
        assert!(failed["detail"].as_str().unwrap().contains(hint), "{failed}");
        // The key is good, and it shows.
        assert_eq!(check(&result, "authenticate")["status"], "passed", "{result}");
        assert_eq!(check(&result, "call")["status"], "skipped", "{result}");
    }
}

#[tokio::test]
async fn a_secret_that_can_not_be_used_fails_at_its_own_stage_before_anything_is_dialled() {
    let (tester, account) = (Tester::new().await, Account::start(|_| all()).await);
    for (name, secret, hint) in [
        (
            "password",
            json!({"user": "svc_agent", "password": secret("hunter2")}),
            "passwords are not accepted",
        ),
        ("no-user", json!({"account": "acme-test", "privateKey": FIRST_KEY}), "lacks user"),
        ("junk", json!({"account": "acme-test", "user": "u", "privateKey": secret("hunter2")}), "privateKey"),
    ] {
        let arn = format!("axonflow/{name}");
        let arn = tester.world.create_secret(&arn, "tenant-a", &secret.to_string()).await;
        let body = json!({
            "connector_name": name, "connector_type": "snowflake", "connection_url": account.url(),
            "credentials_secret_arn": arn,
        });
        tester.user.created(&body).await;
        let result = result(&live(&tester.user, name).send().await);
        failed_at(&result, "secret", hint);
        assert!(!result.to_string().contains("hunter2"), "{result}");
    }
    assert_eq!(account.requests(), 0);
}
