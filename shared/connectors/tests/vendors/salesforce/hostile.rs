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
        (say(&format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(16_300))), "a URL of more than"),
        (ask("query").with(json!({"soql": ""})), "the statement is empty"),
        (ask("search").with(json!({"sosl": " "})), "the statement is empty"),
    ] {
        let error = made.query(ask).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert!(org.server.seen().iter().all(|seen| seen.path.ends_with("/token")));
}

#[tokio::test]
async fn a_field_that_is_an_id_would_lead_to_another_record_and_is_refused() {
    let org = org().await;
    let made = org.plain();
    for field in ["a0BKd0000000001AAA", "a0BKd0000000001"] {
        let one = json!({"object": "Invoice__c", "field": field, "value": "Account__r"});
        let error = made.query(ask("get_by_external_id").with(one.clone())).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{error:?}");
        let mut changed = one;
        changed["fields"] = json!({"Name": "changed"});
        let error = made.execute(ask("upsert_record").with(changed)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{error:?}");
    }
    assert!(org.server.seen().is_empty());
}

#[tokio::test]
async fn a_statement_of_more_than_16_kibibytes_is_never_sent() {
    let org = org().await;
    let made = org.plain();
    let soql = |size: usize| format!("{:size$}", "SELECT Id FROM Account");
    // The URL around it is what is too long.
    let error = made.query(say(&soql(16 * 1024))).await.unwrap_err().to_string();
    assert!(error.contains("a URL of more than"), "{error}");
    for asked in [say(&soql(16 * 1024 + 1)), say(&format!("{:1$}", "FIND {x}", 16 * 1024 + 1))] {
        let error = made.query(asked).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Faults(_)), "{error:?}");
    }
    assert!(org.server.seen().iter().all(|seen| seen.path.ends_with("/token")));
}
