//! What is sent again, and what is not.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{
    Answer,
    jira::{limited, unavailable},
};

use super::{at_site, jira};
use crate::setup::{ask, say};

/// Every write, and where it goes. Those that look first are given what spares them the look.
fn writes() -> [(&'static str, &'static str, &'static str, Value); 7] {
    [
        (
            "create_issue",
            "POST",
            "/issue",
            json!({"project": "ENG", "issuetype": "Task", "summary": "Pump leaks"}),
        ),
        ("update_issue", "PUT", "/issue/ENG-1", json!({"issueIdOrKey": "ENG-1", "summary": "New"})),
        ("add_comment", "POST", "/comment", json!({"issueIdOrKey": "ENG-1", "body": "New."})),
        (
            "edit_comment",
            "PUT",
            "/comment/10002",
            json!({"issueIdOrKey": "ENG-1", "id": "10002", "body": "New."}),
        ),
        ("transition_issue", "POST", "/transitions", json!({"issueIdOrKey": "ENG-1", "transition": "21"})),
        ("assign_issue", "PUT", "/assignee", json!({"issueIdOrKey": "ENG-1", "accountId": null})),
        (
            "link_issues",
            "POST",
            "/issueLink",
            json!({"type": "Blocks", "inwardIssue": "ENG-1", "outwardIssue": "ENG-1"}),
        ),
    ]
}

#[tokio::test]
async fn a_write_is_sent_again_after_a_429_and_after_nothing_else() {
    for (operation, method, path, parameters) in writes() {
        let jira = jira().await;
        jira.vendor(|jira| {
            jira.seed("ENG", 1);
            jira.seed_comments("ENG-1", 1);
        });
        let made = at_site(&jira, 3);
        jira.next(method, path, vec![limited("jira-per-issue-on-write", 0), limited("jira-burst-based", 0)]);
        made.execute(ask(operation).with(parameters.clone()))
            .await
            .unwrap_or_else(|error| panic!("{operation}: {error}"));
        assert_eq!(jira.count(method, path), 3, "{operation}");
        for answer in [
            Answer::empty(500),
            Answer::empty(502),
            unavailable(0),
            Answer::empty(504),
            Answer::empty(408),
            limited("jira-quota-tenant-based", 0),
        ] {
            jira.forget();
            jira.next(method, path, vec![answer.clone()]);
            made.execute(ask(operation).with(parameters.clone())).await.unwrap_err();
            assert_eq!(jira.count(method, path), 1, "{operation} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_read_is_sent_again_where_jira_was_unlucky() {
    for answer in [
        limited("jira-burst-based", 0),
        unavailable(0),
        Answer::empty(408),
        Answer::empty(500),
        Answer::empty(502),
        Answer::empty(504),
    ] {
        let jira = jira().await;
        jira.vendor(|jira| jira.seed("ENG", 1));
        let made = at_site(&jira, 2);
        jira.next("POST", "/search/jql", vec![answer.clone(), answer.clone()]);
        assert_eq!(made.query(say("project = ENG")).await.unwrap().len(), 1, "{answer:?}");
        assert_eq!(jira.count("POST", "/search/jql"), 3);
    }
    for answer in [Answer::empty(400), Answer::empty(404), limited("jira-quota-global-based", 0)] {
        let jira = jira().await;
        let made = at_site(&jira, 2);
        jira.next("POST", "/search/jql", vec![answer.clone()]);
        made.query(say("project = ENG")).await.unwrap_err();
        assert_eq!(jira.count("POST", "/search/jql"), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_given_up_at_once_and_told() {
    let jira = jira().await;
    let made = at_site(&jira, 3);
    jira.next("POST", "/search/jql", vec![limited("jira-burst-based", 60)]);
    let error = made.query(say("project = ENG").within(10_000)).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("60".into()) });
    assert_eq!(jira.seen().len(), 1);
}

#[tokio::test]
async fn a_limit_without_retry_after_is_waited_for_until_its_reset() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 3);
    let reset = |at: &str| {
        Answer::json(429, &json!({"errorMessages": ["Rate limit exceeded."]}))
            .header("x-ratelimit-reset", at)
            .header("ratelimit-reason", "jira-burst-based")
            .header("date", "Mon, 23 Nov 2026 12:00:00 GMT")
    };
    jira.next("POST", "/search/jql", vec![reset("2026-11-23T13:00:00Z")]);
    let error = made.query(say("project = ENG")).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("3600".into()) });
    // One that is past is no wait, and what can't be read says nothing.
    jira.next("POST", "/search/jql", vec![reset("2026-11-23T11:59Z"), reset("soon")]);
    assert_eq!(made.query(say("project = ENG")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_write_whose_connection_is_cut_has_an_unknown_outcome() {
    use tokio::{io::AsyncReadExt, net::TcpListener};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut connections = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            connections += 1;
            let mut bytes = [0; 4096];
            let _read = stream.read(&mut bytes).await;
            // Closed without an answer.
            drop(stream);
            if connections == 1 {
                return connections;
            }
        }
        connections
    });
    let more = json!({"secret": super::basic(), "max_retries": 3});
    let made = crate::setup::connected(model::connector_type::ConnectorType::Jira, &url, &more);
    let issue = json!({"project": "ENG", "issuetype": "Task", "summary": "Pump leaks"});
    let error = made.execute(ask("create_issue").with(issue)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    assert_eq!(served.await.unwrap(), 1);
}
