//! Values that try to be more than values.

use connectors::ConnectorError;
use serde_json::json;

use super::{at_site, jira};
use crate::setup::ask;

#[tokio::test]
async fn an_id_is_one_segment_of_the_path_whatever_it_holds() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    for (key, sent) in [
        ("../project/search", "..%2Fproject%2Fsearch"),
        ("ENG-1/comment", "ENG-1%2Fcomment"),
        ("ENG-1?expand=x", "ENG-1%3Fexpand%3Dx"),
        ("ENG-1#x", "ENG-1%23x"),
        ("%2e%2e", "%252e%252e"),
        ("ENG-1;a=b", "ENG-1%3Ba%3Db"),
        ("a\\b", "a%5Cb"),
        ("http://evil.example", "http%3A%2F%2Fevil.example"),
        ("ü", "%C3%BC"),
    ] {
        jira.forget();
        let error = made.query(ask("get_issue").with(json!({ "issueIdOrKey": key }))).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{key}: {error:?}");
        assert_eq!(jira.seen()[0].path, format!("/rest/api/3/issue/{sent}"));
    }
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
