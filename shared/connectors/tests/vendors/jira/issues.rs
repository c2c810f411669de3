//! What becomes of issues: created, changed, commented on, linked, found.

use connectors::ConnectorError;
use serde_json::{Value, json};

use super::{at_site, jira};
use crate::setup::{ask, say, values};

#[tokio::test]
async fn what_is_created_is_found_changed_and_read() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let issue = json!({
        "project": "10000", "issuetype": "10004", "summary": "Pump leaks", "description": "One.\n\nTwo.",
        "fields": {"customfield_10010": "ACME", "environment": "Hall 3"},
    });
    let done = made.execute(ask("create_issue").with(issue)).await.unwrap();
    assert_eq!(done.message, "create_issue 201");
    assert_eq!(values(done.rows.as_ref().unwrap())[0]["key"], "ENG-1");

    let changed = json!({"issueIdOrKey": "ENG-1", "labels": ["pump"], "description": null});
    made.execute(ask("update_issue").with(changed)).await.unwrap();
    let found = made.query(say("project = ENG AND labels = pump")).await.unwrap();
    let fields = &found[0]["fields"];
    assert_eq!((&fields["summary"], &fields["issuetype"]["name"]), (&json!("Pump leaks"), &json!("Bug")));
    assert_eq!((&fields["description"], &fields["customfield_10010"]), (&Value::Null, &json!("ACME")));
    assert_eq!(fields["environment"]["content"][0]["content"][0]["text"], "Hall 3");
}

#[tokio::test]
async fn paragraphs_of_plain_text_become_a_document() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 0);
    let comment =
        json!({"issueIdOrKey": "ENG-1", "body": "One,\r\nstill one.\n\n\nTwo: \"quoted\" {code} <b>."});
    made.execute(ask("add_comment").with(comment)).await.unwrap();
    let text = |text: &str| json!({"type": "text", "text": text});
    let expected = json!({"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [text("One,"), {"type": "hardBreak"}, text("still one.")]},
        {"type": "paragraph", "content": [text("Two: \"quoted\" {code} <b>.")]},
    ]});
    assert_eq!(jira.vendor(|jira| jira.issues[0].comments[0]["body"].clone()), expected);
}

#[tokio::test]
async fn a_link_is_there_once_however_often_it_is_made() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 2));
    let made = at_site(&jira, 0);
    let link = json!({"type": "Blocks", "inwardIssue": "ENG-1", "outwardIssue": "ENG-2"});
    for _ in 0..2 {
        made.execute(ask("link_issues").with(link.clone())).await.unwrap();
    }
    let links = jira.vendor(|jira| jira.links.clone());
    assert_eq!(links, [("Blocks".into(), "ENG-1".into(), "ENG-2".into())]);
}

#[tokio::test]
async fn a_statement_is_jql_and_may_name_an_operation() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 2));
    let made = at_site(&jira, 0);
    assert_eq!(made.query(say("key = ENG-2")).await.unwrap()[0]["key"], "ENG-2");
    assert_eq!(made.query(say("list_fields")).await.unwrap()[0]["id"], "summary");
    let counted = made.query(say("count_issues").with(json!({"jql": "project = ENG"}))).await.unwrap();
    assert_eq!(counted, [json!({"count": 2})]);
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_nothing_is_sent() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let wrong = json!({
        "project": "", "sumary": "x", "labels": "a", "duedate": "tomorrow", "fields": [], "summary": "x".repeat(256),
    });
    let error = made.execute(ask("create_issue").with(wrong)).await.unwrap_err();
    let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
    let at: Vec<String> = faults.iter().map(|fault| fault.pointer.to_string()).collect();
    let names = ["sumary", "project", "issuetype", "summary", "labels", "duedate", "fields"];
    assert_eq!(at, names.map(|name| format!("/parameters/{name}")));
    for (operation, parameters, part) in [
        ("update_issue", json!({"issueIdOrKey": "ENG-1"}), "must hold at least one of summary"),
        (
            "update_issue",
            json!({"issueIdOrKey": "ENG-1", "summary": "a", "fields": {"summary": "b"}}),
            "twice",
        ),
        ("update_issue", json!({"issueIdOrKey": "ENG-1", "fields": {"a/b": 1}}), "no field's id"),
        ("add_comment", json!({"issueIdOrKey": "ENG-1", "body": " \n "}), "more than blanks"),
        ("add_comment", json!({"issueIdOrKey": "ENG-1", "body": {"text": "x"}}), "a document such as"),
        ("assign_issue", json!({"issueIdOrKey": "ENG-1"}), "one of accountId, email"),
        (
            "assign_issue",
            json!({"issueIdOrKey": "ENG-1", "accountId": null, "email": "a@b.c"}),
            "and only one",
        ),
        (
            "transition_issue",
            json!({"issueIdOrKey": "ENG-1", "transition": "21", "comment": "a", "update": {"comment": []}}),
            "say the same",
        ),
    ] {
        let error = made.execute(ask(operation).with(parameters)).await.unwrap_err().to_string();
        assert!(error.contains(part), "{operation}: {error}");
    }
    for (parameters, part) in [
        (json!({"project": "ENG"}), "at least one of query, accountId"),
        (json!({"query": "ada"}), "at least one of issueKey, project"),
    ] {
        let error = made.query(ask("find_assignable").with(parameters)).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(jira.seen().len(), 0);
}

#[tokio::test]
async fn null_is_as_good_as_nothing_where_it_is_no_value() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 0);
    let asked = json!({"jql": "project = ENG", "fields": null, "expand": null, "reconcileIssues": null});
    assert_eq!(made.query(ask("search_issues").with(asked)).await.unwrap()[0]["key"], "ENG-1");
    let changed = json!({"issueIdOrKey": "ENG-1", "summary": "New", "labels": null, "priority": null});
    made.execute(ask("update_issue").with(changed)).await.unwrap();
}
