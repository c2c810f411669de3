//! The live test: every stage that was passed, and the one that was not.

use connectors::{ConnectorError, Stage, Stages};
use model::clock::SystemClock;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::reply::Reply;
use crate::setup::{Made, connect, connected};
use crate::stub::{Stub, tokens_at};

const WALKED: [Stage; 3] = [Stage::NameResolution, Stage::Egress, Stage::Connect];

struct Tested {
    stages: Vec<Stage>,
    details: Vec<String>,
    result: Result<(), ConnectorError>,
}

async fn test(made: &Made) -> Tested {
    let mut stages = Stages::new(&SystemClock);
    let result = made.connector.health(&mut stages, made.deadline(20_000)).await;
    Tested {
        stages: stages.all().iter().map(|passed| passed.stage).collect(),
        details: stages.all().iter().map(|passed| passed.detail.clone()).collect(),
        result,
    }
}

/// A context, as the account tells it.
fn context(
    role: Option<&str>,
    warehouse: Option<&str>,
    database: Option<&str>,
    schema: Option<&str>,
) -> Reply {
    let columns: Vec<_> =
        ["VERSION", "ROLE", "WAREHOUSE", "DATABASE", "SCHEMA"].map(|name| (name, "TEXT", None)).to_vec();
    Reply::result(&columns, &json!([["9.30.1", role, warehouse, database, schema]]))
}

fn options() -> Value {
    json!({"role": "READER", "warehouse": "WH", "database": "DB", "schema": "S"})
}

async fn tested(reply: Reply) -> Tested {
    let stub = Stub::answering(vec![reply]).await;
    test(&connected(&stub, &json!({"options": options()}))).await
}

#[tokio::test]
async fn every_stage_is_passed_without_a_warehouse_being_started() {
    let stub = Stub::answering(vec![context(Some("READER"), Some("WH"), Some("DB"), Some("S"))]).await;
    let healthy = test(&connected(&stub, &json!({"options": options()}))).await;
    assert_eq!(healthy.result, Ok(()));
    assert_eq!(healthy.stages, [&WALKED[..], &[Stage::Authenticate, Stage::Call]].concat());
    assert_eq!(healthy.details[3], "the account took the user's key");
    assert_eq!(healthy.details[4], "Snowflake 9.30.1 answered; role READER, warehouse WH, database DB");
    let statement = stub.seen()[0].json()["statement"].as_str().unwrap().to_owned();
    assert!(
        statement.starts_with("select current_version()") && !statement.contains(" from "),
        "{statement}"
    );
}

#[tokio::test]
async fn what_the_context_lacks_is_named() {
    for (reply, expected) in [
        (context(Some("PUBLIC"), None, Some("DB"), Some("S")), "the warehouse \"WH\" of the options"),
        (context(Some("READER"), Some("WH"), None, None), "the database \"DB\" of the options"),
        (context(Some("READER"), Some("WH"), Some("DB"), None), "the schema \"S\" of the options"),
        (context(None, Some("WH"), Some("DB"), Some("S")), "the role \"READER\" of the options"),
        (Reply::failure(422, "390201", "Database 'DB' does not exist"), "code 390201): Database 'DB'"),
        (Reply::failure(422, "390189", "Role 'READER' is not granted"), "correct options.role, or grant it"),
        (Reply::failure(401, "390189", "Role 'READER' is not granted"), "correct options.role, or grant it"),
    ] {
        let tested = tested(reply).await;
        let error = tested.result.unwrap_err();
        assert!(matches!(error, ConnectorError::Configuration(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(tested.stages, [&WALKED[..], &[Stage::Authenticate]].concat(), "{error}");
    }
}

#[tokio::test]
async fn what_the_user_has_by_default_need_not_be_there() {
    let stub = Stub::answering(vec![context(Some("PUBLIC"), None, None, None)]).await;
    let healthy = test(&connected(&stub, &json!({}))).await;
    assert_eq!(healthy.result, Ok(()));
    assert!(healthy.details[4].ends_with("role PUBLIC, warehouse none, database none"));
}

#[tokio::test]
async fn what_the_account_refuses_names_its_stage() {
    for (reply, stage) in [
        (Reply::failure(401, "390144", "JWT token is invalid."), Stage::Authenticate),
        (Reply::failure(403, "390422", "IP"), Stage::Authenticate),
        (Reply::text(404, "<html>"), Stage::Call),
        (Reply::failure(429, "", ""), Stage::Call),
        (Reply::failure(500, "", ""), Stage::Call),
        (Reply::text(200, "<html>"), Stage::Call),
        (Reply::one("1").cut(), Stage::Call),
    ] {
        let tested = tested(reply).await;
        let error = tested.result.unwrap_err();
        assert_eq!((error.stage(), &tested.stages[..]), (stage, &WALKED[..]), "{error}");
    }
}

#[tokio::test]
async fn what_lies_before_the_account_names_its_stage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    for (url, stage, passed) in [
        ("acme-test.snowflakecomputing.invalid".to_owned(), Stage::NameResolution, 0),
        (format!("http://127.0.0.1:{closed}"), Stage::Connect, 2),
        // Without a scheme it is https, which the stand-in does not speak.
        (stub.address.to_string(), Stage::Tls, 3),
    ] {
        let made = connect(&url, &stub.clock, &json!({})).unwrap_or_else(|error| panic!("{error}"));
        let tested = test(&made).await;
        let error = tested.result.unwrap_err();
        assert_eq!((error.stage(), tested.stages.len()), (stage, passed), "{url}: {error}");
    }
    assert!(stub.seen().is_empty());
    let refused = connect("https://169.254.169.254", &stub.clock, &json!({})).err().unwrap();
    assert_eq!(refused.stage(), Stage::Egress);
}

#[tokio::test]
async fn the_way_to_the_token_endpoint_is_part_of_the_test() {
    let (url, _) = tokens_at().await;
    let stub = Stub::answering(vec![context(Some("R"), None, None, None)]).await;
    let secret = |url: &str| json!({"secret": {"client_id": "i", "client_secret": "s", "token_url": url}});
    let healthy = test(&connected(&stub, &secret(&url))).await;
    assert_eq!((healthy.result, healthy.stages.len()), (Ok(()), 5));
    assert_eq!(healthy.details[2].split("; ").count(), 2, "{}", healthy.details[2]);
    let unknown = test(&connected(&stub, &secret("https://name.invalid/token"))).await;
    assert_eq!((unknown.result.unwrap_err().stage(), unknown.stages.len()), (Stage::NameResolution, 0));
}
