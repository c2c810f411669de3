//! Values that try to be more than values.

use connectors::ConnectorError;
use serde_json::{Value, json};

use super::org;
use crate::setup::{ask, say};

#[tokio::test]
async fn a_value_in_a_path_is_one_segment_whatever_it_holds() {
    let org = org().await;
    let made = org.plain();
    for (value, sent) in [
        ("../../../../apexrest/x", "..%2F..%2F..%2F..%2Fapexrest%2Fx"),
        ("a?_HttpMethod=DELETE", "a%3F_HttpMethod%3DDELETE"),
        ("a%2F..", "a%252F.."),
        ("a#b;c\\d", "a%23b%3Bc%5Cd"),
    ] {
        let one = json!({"object": "Account", "field": "ExternalKey__c", "value": value});
        let error = made.query(ask("get_by_external_id").with(one)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{error:?}");
        let path = org.server.seen().last().unwrap().path.clone();
        assert_eq!(path, format!("/services/data/v66.0/sobjects/Account/ExternalKey__c/{sent}"));
    }
}

#[tokio::test]
async fn what_is_no_name_and_no_id_never_gets_into_a_path() {
    let org = org().await;
    let made = org.plain();
    for (object, id) in [
        ("..", "x"),
        ("Account", "."),
        ("Account", ".."),
        ("Account", "a\r\nX-Evil: 1"),
        ("\u{0}", "x"),
        ("Account", "listviews"),
        ("Account", "001Kd0000000001IAA,001Kd0000000002IAA/x"),
        ("Account/describe", "x"),
        ("Acc%6Funt", "001Kd0000000001IAA"),
    ] {
        let one = json!({"object": object, "id": id});
        let error = made.execute(ask("delete_record").with(one)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{object} {id}: {error:?}");
    }
    let keyed = |value: &str| json!({"object": "Account", "field": "ExternalKey__c", "value": value});
    for value in [".", "..", "a\r\nX-Evil: 1"] {
        let error = made.query(ask("get_by_external_id").with(keyed(value))).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{value}: {error:?}");
    }
    let error = made.query(ask("get_record").with(json!({"object": "", "id": 7}))).await.unwrap_err();
    let ConnectorError::Faults(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(org.server.seen().len(), 0);
}

#[tokio::test]
async fn a_query_that_would_change_something_is_never_sent() {
    let org = org().await;
    let made = org.plain();
    for statement in [
        "SELECT Id FROM Account FOR VIEW",
        "SELECT Id FROM Account FOR REFERENCE",
        "SELECT Id FROM Account LIMIT 1 FOR UPDATE",
        "FIND {x} RETURNING KnowledgeArticleVersion UPDATE TRACKING",
    ] {
        let error = made.query(say(statement)).await.unwrap_err();
        assert!(
            matches!(&error, ConnectorError::Invalid(why) if why.contains("leave the clause out")),
            "{error:?}"
        );
    }
    assert!(org.server.seen().is_empty());
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_before_anything_is_sent() {
    let org = org().await;
    let made = org.plain();
    let soql = |values: Value| {
        ask("query").with(json!({"soql": "SELECT Id FROM Account WHERE Name = :a", "values": values}))
    };
    for (ask, part) in [
        (soql(json!({})), "values has no a"),
        (soql(json!({"a": 1, "b": 2})), "no place :b"),
        (soql(json!({"a": {"b": 1}})), "must be a text"),
        (ask("serach"), "did you mean search?"),
        (ask("query"), "soql is needed"),
        (say("SELECT Id FROM Account").with(json!({"soql": "x"})), "say the same"),
        (ask("limits").with(json!({"x": 1})), "is not known here"),
        (say(&format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(17_000))), "a URL of more than"),
    ] {
        let error = made.query(ask).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(org.server.seen().iter().all(|seen| seen.path.ends_with("/token")));
}
