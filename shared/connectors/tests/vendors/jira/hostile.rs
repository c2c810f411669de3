//! Values that try to be more than values.

use connectors::{ConnectorError, Request};
use model::{
    connector_type::ConnectorType,
    options::Options,
    parameters::Parameters,
    policy::{Policy, Route},
};
use serde_json::json;
use stand_ins::{Answer, jira::API_TOKEN};

use super::{at_site, jira};
use crate::setup::ask;

#[tokio::test]
async fn what_a_path_names_is_a_name_and_nothing_else() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let long = "A".repeat(65);
    for key in
        ["../project/search", "ENG-1/comment", "ENG-1?x=y", "ENG-1#x", "%2e%2e", "a\\b", "a b", "ü", &long]
    {
        let gone = ask("get_issue").with(json!({ "issueIdOrKey": key }));
        let error = made.query(gone).await.unwrap_err().to_string();
        assert!(error.contains("letters, digits, hyphens and underscores"), "{key}: {error}");
        let gone = ask("create_meta").with(json!({ "projectIdOrKey": key }));
        assert!(matches!(made.query(gone).await, Err(ConnectorError::Faults(_))), "{key}");
    }
    assert_eq!(jira.seen().len(), 0);
    let known = ask("get_issue").with(json!({ "issueIdOrKey": &long[1..] }));
    assert!(matches!(made.query(known).await, Err(ConnectorError::Rejected { .. })));
    // What else is in a path stays one segment.
    let sly = json!({"projectIdOrKey": "ENG", "issueTypeId": "../1?x=y"});
    jira.forget();
    made.query(ask("create_meta_fields").with(sly)).await.unwrap_err();
    assert_eq!(jira.seen()[0].path, "/rest/api/3/issue/createmeta/ENG/issuetypes/..%2F1%3Fx%3Dy");
    jira.take_violations();
    jira.forget();
    for key in ["", "..", ".", "ENG-1\r\nX-Evil: 1", "ENG-1\u{0}"] {
        let comment = json!({"issueIdOrKey": key, "body": "x"});
        let error = made.execute(ask("add_comment").with(comment)).await.unwrap_err();
        assert!(
            matches!(error, ConnectorError::Invalid(_) | ConnectorError::Faults(_)),
            "{key:?}: {error:?}"
        );
        let gone = json!({"issueIdOrKey": key, "transition": "Resolve"});
        made.execute(ask("transition_issue").with(gone)).await.unwrap_err();
    }
    assert_eq!(jira.seen().len(), 0);
}

#[tokio::test]
async fn values_of_the_query_stay_values() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let query = "a&project=OPS&maxResults=1#x\r\ny";
    let found = made.query(ask("find_assignable").with(json!({"query": query, "project": "ENG"}))).await;
    assert_eq!(found, Ok(Vec::new()));
    let seen = &jira.seen()[0];
    assert_eq!(seen.parameter("query").as_deref(), Some(query));
    assert_eq!(seen.parameter("project").as_deref(), Some("ENG"));
    assert_eq!(seen.query_pairs().len(), 3);
}

#[tokio::test]
async fn text_of_a_body_stays_text() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 0);
    let body = r#""}],"version":2,"type":"doc"{{{ [~accountid:712020:ada] <script> ${x}"#;
    made.execute(ask("add_comment").with(json!({"issueIdOrKey": "ENG-1", "body": body}))).await.unwrap();
    let kept = jira.vendor(|jira| jira.issues[0].comments[0]["body"].clone());
    assert_eq!(kept["content"][0]["content"], json!([{"type": "text", "text": body}]));
}

#[tokio::test]
async fn an_address_that_is_a_query_finds_nobody() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 0);
    // The beginning of somebody's address is not his address.
    for email in ["a", "ada@", "ada@example.co", "ada@example.com&accountId=712020:ben", "*"] {
        let asked = json!({"issueIdOrKey": "ENG-1", "email": email});
        let error = made.execute(ask("assign_issue").with(asked)).await.unwrap_err().to_string();
        assert!(error.contains("nobody with this e-mail address"), "{email}: {error}");
    }
    // Nor is it where the address is not shown.
    jira.vendor(|jira| jira.people[1].email_shown = false);
    for email in ["ada", "ada@", "ada@example"] {
        let asked = json!({"issueIdOrKey": "ENG-1", "email": email});
        made.execute(ask("assign_issue").with(asked)).await.unwrap_err();
    }
    assert_eq!(jira.count("PUT", "/assignee"), 0);
}

/// What governance says of it where nothing is configured.
fn permitted(operation: &str, parameters: serde_json::Value) -> bool {
    let asked = ask(operation).with(parameters);
    let pieces = connectors::classify(ConnectorType::Jira, Route::Execute, asked.request()).unwrap();
    let policy = Policy::of(ConnectorType::Jira, &Options::default());
    pieces.iter().all(|piece| policy.judge(Route::Execute, piece).is_ok())
}

#[test]
fn a_deletion_by_way_of_a_change_is_a_deletion() {
    for operation in ["create_issue", "update_issue", "transition_issue"] {
        for thing in ["comment", "worklog", "issuelinks", "attachment"] {
            let of =
                |change: serde_json::Value| json!({"issueIdOrKey": "ENG-1", "update": {thing: [change]}});
            assert!(!permitted(operation, of(json!({"remove": {"id": "10000"}}))), "{operation} {thing}");
            assert!(!permitted(operation, of(json!({"set": []}))), "{operation} {thing}");
            assert!(permitted(operation, of(json!({"add": {"id": "10000"}}))), "{operation} {thing}");
        }
        let labels = json!({"issueIdOrKey": "ENG-1", "update": {"labels": [{"remove": "x"}]}});
        assert!(permitted(operation, labels), "{operation}");
    }
}

#[tokio::test]
async fn nothing_of_the_callers_or_of_the_secret_fills_an_error() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let fields = json!({"issueIdOrKey": "ENG-1", "fields": {format!("a b{}", "x".repeat(100_000)): 1}});
    let error = made.execute(ask("update_issue").with(fields)).await.unwrap_err().to_string();
    assert!(error.contains("can be no field's id") && error.len() < 300, "{} bytes", error.len());
    let echo = json!({"transitions": [{"id": "1", "name": API_TOKEN, "to": {"name": "x"}}]});
    jira.next("GET", "/transitions", vec![Answer::json(200, &echo)]);
    let asked = json!({"issueIdOrKey": "ENG-1", "transition": "nope"});
    let error = made.execute(ask("transition_issue").with(asked)).await.unwrap_err().to_string();
    assert!(error.contains("*** (id 1") && !error.contains(API_TOKEN), "{error}");
}

#[test]
fn embedded_json_is_text_like_any_other() {
    let text = format!(r#"{{"issueIdOrKey":"ENG-1","body":{{"type":"doc","x":{}}}}}"#, bomb());
    let parameters = Parameters::parse(text.as_bytes()).unwrap();
    let request = Request { operation: Some("add_comment"), parameters: &parameters, ..Request::NOTHING };
    connectors::check(ConnectorType::Jira, request).unwrap();
}

#[tokio::test]
async fn embedded_json_is_text_on_its_way_too() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let text = format!(r#"{{"issueIdOrKey":"ENG-1","body":{{"type":"doc","version":1,"x":{}}}}}"#, bomb());
    let parameters = Parameters::parse(text.as_bytes()).unwrap();
    let request = Request { operation: Some("add_comment"), parameters: &parameters, ..Request::NOTHING };
    // The stand-in would follow it.
    jira.next("POST", "/comment", vec![Answer::json(201, &json!({"id": "1"}))]);
    let done = made.connector.execute(request, made.deadline(None)).await.unwrap();
    assert_eq!(done.rows_affected, 1);
}

/// JSON whose strings are JSON again under the library's private key: whoever follows it runs out of stack.
fn bomb() -> String {
    let (open, close) = ("[".repeat(120), "]".repeat(120));
    let mut text = format!("{open}1{close}");
    for _ in 0..LEVELS {
        let escaped = text.replace('\\', "\\u005c").replace('"', "\\u0022");
        text = format!(r#"{open}{{"$serde_json::private::RawValue":"{escaped}"}}{close}"#);
    }
    text[120..text.len() - 120].to_owned()
}

/// More than a thread's stack holds.
const LEVELS: usize = 60;
