//! Every operation's failure, and what each of Jira's answers means for a caller.

use std::collections::BTreeSet;

use connectors::{ConnectorError, Status};
use model::{connector_type::ConnectorType, policy::OperationClass};
use serde_json::{Value, json};
use stand_ins::{Answer, jira::limited};

use super::{at_site, jira};
use crate::setup::{Made, ask};

async fn fail(made: &Made, operation: &str, parameters: &Value) -> ConnectorError {
    let class = connectors::operations(ConnectorType::Jira)
        .into_iter()
        .find(|spec| spec.name == operation)
        .map(|spec| spec.class)
        .unwrap();
    let asked = ask(operation).with(parameters.clone());
    let error = match class {
        OperationClass::Read => made.query(asked).await.err(),
        OperationClass::Write => made.execute(asked).await.err(),
    };
    error.unwrap_or_else(|| panic!("{operation} {parameters}"))
}

/// Operations and parameters that can't work, and what Jira says: its status and words.
fn faults() -> Vec<(&'static str, Value, u16, &'static str)> {
    let gone = "Issue does not exist or you do not have permission to see it.";
    vec![
        (
            "search_issues",
            json!({"jql": "colour = red"}),
            400,
            "Field 'colour' does not exist or you do not have permission to view it.",
        ),
        (
            "search_issues",
            json!({"jql": "order by created"}),
            400,
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
        ),
        (
            "count_issues",
            json!({"jql": "project = \"ENG"}),
            400,
            "Error in the JQL Query: The quoted string has not been completed.",
        ),
        ("get_issue", json!({"issueIdOrKey": "ENG-9"}), 404, gone),
        (
            "create_issue",
            json!({"project": "NOPE", "issuetype": "Saga", "summary": "a"}),
            400,
            "issuetype: Specify a valid issue type; project: Specify a valid project ID or key",
        ),
        (
            "update_issue",
            json!({"issueIdOrKey": "ENG-1", "labels": ["a b"], "fields": {"colour": "red"}}),
            400,
            "colour: Field 'colour' cannot be set. It is not on the appropriate screen, or unknown.; \
             labels: The label 'a b' contains spaces which is invalid.",
        ),
        ("update_issue", json!({"issueIdOrKey": "ENG-9", "summary": "a"}), 404, gone),
        ("list_comments", json!({"issueIdOrKey": "ENG-9"}), 404, gone),
        (
            "add_comment",
            json!({"issueIdOrKey": "ENG-1", "body": {"type": "doc", "version": 1, "content": [{"type": "nope"}]}}),
            400,
            "Comment body is not valid!",
        ),
        (
            "edit_comment",
            json!({"issueIdOrKey": "ENG-1", "id": "1", "body": "a"}),
            404,
            "Can not find a comment for the id: 1.",
        ),
        ("list_transitions", json!({"issueIdOrKey": "ENG-9"}), 404, gone),
        (
            "transition_issue",
            json!({"issueIdOrKey": "ENG-1", "transition": "99"}),
            400,
            "Transition id '99' is not valid for this issue.",
        ),
        (
            "assign_issue",
            json!({"issueIdOrKey": "ENG-1", "accountId": "712020:nobody"}),
            400,
            "assignee: User '712020:nobody' does not exist.",
        ),
        (
            "find_assignable",
            json!({"query": "a", "project": "NOPE"}),
            404,
            "No project could be found with key 'NOPE'.",
        ),
        ("create_meta", json!({"projectIdOrKey": "NOPE"}), 404, "No project could be found with key 'NOPE'."),
        (
            "create_meta_fields",
            json!({"projectIdOrKey": "ENG", "issueTypeId": "7"}),
            404,
            "Issue type with this id does not exist.",
        ),
        (
            "link_issues",
            json!({"type": "Loves", "inwardIssue": "ENG-1", "outwardIssue": "ENG-1"}),
            404,
            "No issue link type with name 'Loves' found.",
        ),
    ]
}

#[tokio::test]
async fn every_operation_s_failure_is_told_in_jira_s_words() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 0);
    let mut failed = BTreeSet::new();
    for (operation, parameters, status, words) in faults() {
        let error = fail(&made, operation, &parameters).await;
        let message = format!(": {words}");
        assert_eq!(error, ConnectorError::Rejected { status: status.into(), message }, "{operation}");
        failed.insert(operation);
    }
    // What takes nothing can only fail as any call can.
    for (operation, path) in [
        ("list_projects", "/project/search"),
        ("list_fields", "/field"),
        ("list_link_types", "/issueLinkType"),
    ] {
        jira.next("GET", path, vec![Answer::json(500, &json!({"errorMessages": ["Internal server error"]}))]);
        let error = fail(&made, operation, &json!({})).await;
        assert_eq!(error, ConnectorError::Upstream("Jira failed (status 500)".into()));
        failed.insert(operation);
    }
    let all = connectors::operations(ConnectorType::Jira);
    assert_eq!(failed, all.iter().map(|spec| spec.name).collect::<BTreeSet<_>>());
    assert_eq!(jira.vendor(|jira| (jira.issues.len(), jira.links.len())), (1, 0));
}

#[tokio::test]
async fn every_status_has_its_meaning() {
    let messages = |text: &str| json!({"errorMessages": [text], "errors": {}});
    let problem =
        json!({"type": "about:blank", "title": "Unsupported Media Type", "status": 415, "detail": "No."});
    let rejected = |status: u16, words: &str| {
        let message = if words.is_empty() { String::new() } else { format!(": {words}") };
        ConnectorError::Rejected { status: status.into(), message }
    };
    let foreign = |status: u16| {
        let why = "is not Jira's API; check where connection_url leads";
        ConnectorError::Upstream(format!("what answered (status {status}) {why}"))
    };
    let failed = |status: u16| ConnectorError::Upstream(format!("Jira failed (status {status})"));
    let quota = limited("jira-quota-global-based", 1847);
    for (answer, expected) in [
        (Answer::json(400, &messages("Bad.")), rejected(400, "Bad.")),
        (
            Answer::json(400, &json!({"errorMessages": ["A.", "B."], "errors": {"x": "C.", "y": {"z": 1}}})),
            rejected(400, "A.; B.; x: C.; y: refused"),
        ),
        (
            Answer::new(401, "text/plain", "Client must be authenticated to access this resource."),
            ConnectorError::CredentialsRefused(401.into()),
        ),
        (
            Answer::json(403, &messages("No right.")),
            ConnectorError::Lacks { status: 403.into(), message: ": No right".into() },
        ),
        (Answer::json(404, &messages("Gone.")), rejected(404, "Gone.")),
        (Answer::empty(404), rejected(404, "")),
        (Answer::new(404, "text/html", "<html>"), foreign(404)),
        (Answer::new(200, "text/html", "<html>"), foreign(200)),
        (Answer::json(405, &problem), rejected(405, "No.")),
        (Answer::json(409, &messages("Changed.")), rejected(409, "Changed.")),
        (Answer::json(410, &messages("Removed.")), rejected(410, "Removed.")),
        (Answer::new(415, "application/problem+json", problem.to_string()), rejected(415, "No.")),
        (Answer::json(413, &messages("Too large.")), rejected(413, "Too large.")),
        (Answer::json(422, &messages("No.")), rejected(422, "No.")),
        (limited("jira-burst-based", 7), ConnectorError::RateLimited { retry_after: Some("7".into()) }),
        (
            limited("jira-per-issue-on-write", 2),
            ConnectorError::RateLimited { retry_after: Some("2".into()) },
        ),
        (
            quota,
            ConnectorError::QuotaUsed {
                status: Status::coded(429, "jira-quota-global-based"),
                message: ": Rate limit exceeded".into(),
                retry_after: "1847".into(),
            },
        ),
        (Answer::json(500, &messages("Internal.")), failed(500)),
        (Answer::new(502, "text/html", "<html>"), failed(502)),
        (Answer::json(503, &messages("Down.")), failed(503)),
        (Answer::new(504, "text/plain", "upstream timed out"), failed(504)),
        (
            Answer::empty(302).header("location", "https://elsewhere.example/login"),
            ConnectorError::Upstream(
                "Jira answered with a redirect (status 302); set connection_url to where it leads".into(),
            ),
        ),
        (
            Answer::json(200, &json!({"issues": []}))
                .header("x-seraph-loginreason", "AUTHENTICATION_DENIED, OUT"),
            ConnectorError::CredentialsRefused(Status::coded(200, "AUTHENTICATION_DENIED")),
        ),
    ] {
        let jira = jira().await;
        let made = at_site(&jira, 0);
        jira.next("POST", "/search/jql", vec![answer.clone()]);
        let error = fail(&made, "search_issues", &json!({"jql": "project = ENG"})).await;
        assert_eq!(error, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_login_that_was_taken_is_no_refusal() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let ok = |reason: &str| {
        Answer::json(200, &json!({"issues": [], "isLast": true})).header("x-seraph-loginreason", reason)
    };
    jira.next("POST", "/search/jql", vec![ok("OK"), ok("OUT"), ok("AUTHENTICATED")]);
    for _ in 0..3 {
        let found = made.query(ask("search_issues").with(json!({"jql": "project = ENG"}))).await;
        assert_eq!(found, Ok(Vec::new()));
    }
    // What was done was done, whoever is said to have done it.
    jira.next(
        "POST",
        "/issueLink",
        vec![Answer::empty(201).header("x-seraph-loginreason", "AUTHENTICATED_FAILED")],
    );
    let link = json!({"type": "Blocks", "inwardIssue": "ENG-1", "outwardIssue": "ENG-2"});
    made.execute(ask("link_issues").with(link)).await.unwrap();
}

#[tokio::test]
async fn an_account_that_may_not_write_is_told_so() {
    let jira = jira().await;
    jira.vendor(|jira| {
        jira.seed("ENG", 1);
        jira.read_only = true;
    });
    let made = at_site(&jira, 0);
    let error = fail(&made, "update_issue", &json!({"issueIdOrKey": "ENG-1", "summary": "a"})).await;
    assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
}

#[tokio::test]
async fn secrets_in_jira_s_words_are_taken_out() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    let words = format!("no {} for {}", stand_ins::jira::API_TOKEN, stand_ins::jira::EMAIL);
    jira.next("POST", "/search/jql", vec![Answer::json(400, &json!({"errorMessages": [words]}))]);
    let error = fail(&made, "search_issues", &json!({"jql": "project = ENG"})).await.to_string();
    assert!(error.contains("no *** for ***"), "{error}");
}
