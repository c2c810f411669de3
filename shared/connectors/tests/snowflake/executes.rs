//! What an execute changed, in the account's own counts, and what it gave back.

use connectors::{ConnectorError, Executed};
use serde_json::{Value, json};

use crate::reply::Reply;
use crate::setup::{ask, connected, texts};
use crate::stub::Stub;

async fn executed(statement: &str, reply: Reply) -> Executed {
    let stub = Stub::answering(vec![reply]).await;
    let executed = connected(&stub, &json!({})).execute(ask(statement)).await.unwrap();
    // The rows of a write are never limited at the account: they are not what it is about.
    assert_eq!(stub.seen()[0].json().get("parameters"), None);
    executed
}

fn counts(columns: &[&str], row: &Value) -> Reply {
    let columns: Vec<_> = columns.iter().map(|name| (*name, "FIXED", Some(0))).collect();
    Reply::result(&columns, &json!([row]))
}

#[tokio::test]
async fn counts_of_rows_are_the_accounts_own() {
    let insert =
        executed("insert into t values (1)", counts(&["number of rows inserted"], &json!(["3"]))).await;
    assert_eq!((insert.rows_affected, insert.message.as_str()), (3, "INSERT: 3 rows inserted"));
    assert!(insert.rows.is_none());
    let names = ["number of rows updated", "number of multi-joined rows updated"];
    let update = executed("UPDATE t set a = 1", counts(&names, &json!(["1", "0"]))).await;
    assert_eq!((update.rows_affected, update.message.as_str()), (1, "UPDATE: 1 row updated"));
    let names = ["number of rows inserted", "number of rows updated", "number of rows deleted"];
    let merge = executed(
        "merge into t using s on t.a = s.a when matched then delete",
        counts(&names, &json!(["1", "2", "4"])),
    )
    .await;
    assert_eq!(merge.rows_affected, 7);
    assert_eq!(merge.message, "MERGE: 1 row inserted, 2 rows updated, 4 rows deleted");
}

#[tokio::test]
async fn statistics_count_where_no_column_does() {
    let stats =
        json!({"numRowsInserted": 2, "numRowsUpdated": 0, "numRowsDeleted": 0, "numDuplicateRowsUpdated": 0});
    let reply = Reply::result(&[("count", "FIXED", Some(0))], &json!([["2"]]));
    let reply = reply.body(|body| body.replacen('{', &format!("{{\"stats\":{stats},"), 1));
    assert_eq!(executed("insert into t values (1)", reply).await.rows_affected, 2);
}

#[tokio::test]
async fn ddl_tells_what_it_did_and_a_call_gives_its_rows() {
    let status = Reply::result(&[("status", "TEXT", None)], &json!([["Table T successfully created.\u{7}"]]));
    let ddl = executed("create table t (a int)", status).await;
    assert_eq!((ddl.rows_affected, ddl.message.as_str()), (0, "Table T successfully created."));
    let called = executed("call p()", Reply::result(&[("P", "TEXT", None)], &json!([["done"]]))).await;
    assert_eq!(called.rows_affected, 0);
    assert_eq!(texts(&called.rows.unwrap()), [r#"{"P":"done"}"#]);
}

#[tokio::test]
async fn what_was_done_is_not_an_error_because_its_further_rows_can_not_be_read() {
    let stub = Stub::start(|seen, _| match seen.method.as_str() {
        "POST" => Reply::first_of(&[("A", "TEXT", None)], &json!([["a"]]), &[100]),
        _ => Reply::failure(503, "", ""),
    })
    .await;
    let executed = connected(&stub, &json!({})).execute(ask("call p()")).await.unwrap();
    assert!(executed.rows.is_none());
}

#[tokio::test]
async fn a_statement_whose_parameters_do_not_fit_is_never_sent() {
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    let made = connected(&stub, &json!({}));
    for (statement, parameters) in [
        ("insert into t values (:a, :b)", r#"{"a": 1}"#),
        ("insert into t values (?)", r#"{"1": 1, "2": 2}"#),
        ("insert into t values (?, :a)", r#"{"1": 1, "a": 2}"#),
        ("insert into t values ('", "{}"),
    ] {
        let error = made.execute(ask(statement).with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{error:?}");
    }
    assert!(stub.seen().is_empty());
}
