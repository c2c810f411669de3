//! Every operation: that it works, and what its requests look like.

use std::collections::BTreeSet;

use model::{connector_type::ConnectorType, policy::OperationClass};
use serde_json::{Value, json};

use super::{at_site, jira};
use crate::setup::{ask, golden, values};

/// Operations, the parameters that they are asked with, and where in the first row which value shows that they worked.
fn asked() -> Vec<(&'static str, Value, &'static str, Value)> {
    let text = json!([{"type": "paragraph", "content": [
        {"type": "text", "text": "Since Monday."}, {"type": "hardBreak"}, {"type": "text", "text": "Again."}]}]);
    vec![
        (
            "search_issues",
            json!({"jql": "project = ENG order by key desc", "fields": ["summary", "status"], "expand": ["names", "schema"]}),
            "/fields/status/name",
            json!("To Do"),
        ),
        ("count_issues", json!({"jql": "project = ENG"}), "/count", json!(3)),
        (
            "get_issue",
            json!({"issueIdOrKey": "ENG-1", "fields": ["summary", "-labels"], "expand": ["changelog"]}),
            "/fields/summary",
            json!("Task number 1"),
        ),
        (
            "create_issue",
            json!({
                "project": "ENG", "issuetype": "Task", "summary": "Pump leaks", "description": "Since Monday.\nAgain.",
                "labels": ["pump"], "priority": "High", "assignee": "712020:ada", "duedate": "2026-12-31",
                "parent": "ENG-1", "components": ["Pumps", "10042"], "fields": {"customfield_10010": "ACME"},
                "update": {"comment": [{"add": {"body": {"type": "doc", "version": 1, "content": text}}}]},
            }),
            "/key",
            json!("ENG-4"),
        ),
        (
            "update_issue",
            json!({
                "issueIdOrKey": "ENG-1", "summary": "Pump A leaks", "description": null, "assignee": null,
                "fields": {"environment": "Hall 3"}, "update": {"labels": [{"add": "pump"}]}, "notifyUsers": false,
                "returnIssue": true,
            }),
            "/fields/summary",
            json!("Pump A leaks"),
        ),
        (
            "list_comments",
            json!({"issueIdOrKey": "ENG-2", "orderBy": "-created", "expand": ["renderedBody"]}),
            "/body/content/0/content/0/text",
            json!("Comment 2"),
        ),
        (
            "add_comment",
            json!({
                "issueIdOrKey": "ENG-1", "body": "Since Monday.\nAgain.",
                "visibility": {"type": "role", "value": "Administrators"},
            }),
            "/body/content",
            text,
        ),
        (
            "edit_comment",
            json!({"issueIdOrKey": "ENG-2", "id": "10004", "body": "Changed.", "notifyUsers": false}),
            "/body/content/0/content/0/text",
            json!("Changed."),
        ),
        (
            "list_transitions",
            json!({"issueIdOrKey": "ENG-1", "expand": "transitions.fields"}),
            "/name",
            json!("Start work"),
        ),
        ("transition_issue", json!({"issueIdOrKey": "ENG-1", "transition": "start work"}), "", Value::Null),
        ("assign_issue", json!({"issueIdOrKey": "ENG-1", "email": "Ada@example.com"}), "", Value::Null),
        (
            "find_assignable",
            json!({"query": "ada", "project": "ENG"}),
            "/emailAddress",
            json!("ada@example.com"),
        ),
        (
            "list_projects",
            json!({"query": "eng", "keys": ["ENG", "OPS"], "typeKey": ["business", "software"], "orderBy": "-name"}),
            "/key",
            json!("ENG"),
        ),
        ("create_meta", json!({"projectIdOrKey": "ENG"}), "/name", json!("Story")),
        (
            "create_meta_fields",
            json!({"projectIdOrKey": "ENG", "issueTypeId": "10002"}),
            "/fieldId",
            json!("summary"),
        ),
        ("list_fields", json!({}), "/id", json!("summary")),
        ("list_link_types", json!({}), "/inward", json!("is blocked by")),
        (
            "link_issues",
            json!({"type": "Blocks", "inwardIssue": "ENG-1", "outwardIssue": "10002", "comment": "See there."}),
            "",
            Value::Null,
        ),
    ]
}

#[tokio::test]
async fn every_operation_works_and_its_requests_are_as_documented() {
    let all = connectors::operations(ConnectorType::Jira);
    let asked = asked();
    let known: BTreeSet<&str> = all.iter().map(|spec| spec.name).collect();
    assert_eq!(asked.iter().map(|(name, ..)| *name).collect::<BTreeSet<_>>(), known);
    for (name, parameters, at, expected) in asked {
        let jira = jira().await;
        jira.vendor(|jira| {
            jira.seed("ENG", 3);
            jira.seed_comments("ENG-2", 2);
        });
        let made = at_site(&jira, 0);
        let class = all.iter().find(|spec| spec.name == name).unwrap().class;
        let rows = match class {
            OperationClass::Read => made.query(ask(name).with(parameters)).await.unwrap(),
            OperationClass::Write => {
                let done = made.execute(ask(name).with(parameters)).await.unwrap();
                assert_eq!(done.rows_affected, 1, "{name}");
                done.rows.as_ref().map(values).unwrap_or_default()
            }
        };
        let shown = rows.first().and_then(|row| row.pointer(at)).cloned().unwrap_or_default();
        assert_eq!(shown, expected, "{name}: {rows:#?}");
        golden("jira", name, &jira.golden());
    }
}

#[tokio::test]
async fn tokens_are_fetched_and_sent_as_documented() {
    let jira = jira().await;
    let made = super::at_gateway(&jira, &super::oauth());
    made.query(ask("count_issues").with(json!({"jql": "project = ENG"}))).await.unwrap();
    golden("jira", "oauth_at_the_gateway", &jira.golden());
}
