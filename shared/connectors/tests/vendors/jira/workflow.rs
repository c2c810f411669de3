//! Transitions by name, and accounts by e-mail address.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{
    Answer, StandIn,
    jira::{Jira, Person, Transition},
};

use super::{at_site, jira};
use crate::setup::{Made, ask};

async fn with_an_issue() -> (StandIn<Jira>, Made) {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_site(&jira, 2);
    (jira, made)
}

async fn go(made: &Made, transition: &str, more: Value) -> Result<(), ConnectorError> {
    let mut parameters = json!({"issueIdOrKey": "ENG-1", "transition": transition});
    for (name, value) in more.as_object().unwrap() {
        parameters[name] = value.clone();
    }
    made.execute(ask("transition_issue").with(parameters)).await.map(|_| ())
}

fn status(jira: &StandIn<Jira>) -> String {
    jira.vendor(|jira| jira.issues[0].fields["status"]["name"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_transition_is_named_by_id_by_name_or_by_the_status_it_leads_to() {
    let (jira, made) = with_an_issue().await;
    for (named, then) in [("21", "In Progress"), ("STOP work ", "To Do"), ("in progress", "In Progress")] {
        go(&made, named, json!({})).await.unwrap();
        assert_eq!(status(&jira), then);
    }
    // Known by its id, the issue is not asked first.
    assert_eq!((jira.count("GET", "/transitions"), jira.count("POST", "/transitions")), (2, 3));
    let resolved =
        json!({"resolution": "Done", "comment": "Fixed.", "fields": {"customfield_10010": "ACME"}});
    go(&made, "Resolve", resolved).await.unwrap();
    let issue = jira.vendor(|jira| jira.issues[0].clone());
    assert_eq!((&issue.fields["resolution"]["name"], issue.comments.len()), (&json!("Done"), 1));
    assert_eq!(issue.fields["customfield_10010"], "ACME");
}

#[tokio::test]
async fn what_the_issue_can_t_do_now_is_told_with_what_it_can() {
    let (jira, made) = with_an_issue().await;
    let error = go(&made, "Resolve", json!({})).await.unwrap_err().to_string();
    assert_eq!(error, "the issue has no such transition now; it has: Start work (id 21, to In Progress)");
    jira.vendor(|jira| {
        let mut second = jira.transitions[0].clone();
        (second.id, second.name) = ("22".into(), "Start Work".into());
        jira.transitions.push(second);
    });
    let error = go(&made, "start work", json!({})).await.unwrap_err().to_string();
    assert!(error.starts_with("several transitions are meant by that; give an id: "), "{error}");
    assert!(error.contains("id 21") && error.contains("id 22"), "{error}");
    jira.vendor(|jira| jira.transitions.clear());
    let error = go(&made, "start work", json!({})).await.unwrap_err().to_string();
    assert!(error.contains("allows no transition now"), "{error}");
    assert_eq!(jira.count("POST", "/transitions"), 0);
}

#[tokio::test]
async fn a_screen_that_asks_for_more_is_told_in_jira_s_words() {
    let (jira, made) = with_an_issue().await;
    go(&made, "21", json!({})).await.unwrap();
    let error = go(&made, "31", json!({})).await.unwrap_err();
    let message = ": resolution: Resolution is required.".to_owned();
    assert_eq!(error, ConnectorError::Rejected { status: 400.into(), message });
    assert_eq!(status(&jira), "In Progress");
}

fn conflict() -> Answer {
    Answer::json(409, &json!({"errorMessages": ["The issue was changed by somebody else."], "errors": {}}))
}

#[tokio::test]
async fn after_a_conflict_the_issue_is_asked_again_and_the_transition_done_where_it_still_can_be() {
    let (jira, made) = with_an_issue().await;
    jira.next("POST", "/transitions", vec![conflict()]);
    go(&made, "Start work", json!({})).await.unwrap();
    assert_eq!((jira.count("GET", "/transitions"), jira.count("POST", "/transitions")), (2, 2));
    assert_eq!(status(&jira), "In Progress");
}

#[tokio::test]
async fn after_a_conflict_a_transition_that_is_gone_is_not_repeated_nor_a_second_conflict() {
    let (jira, made) = with_an_issue().await;
    jira.next("POST", "/transitions", vec![conflict()]);
    // Somebody else started the work; something else can be done now.
    jira.vendor(|jira| {
        jira.transitions.push(Transition { id: "51".into(), ..jira.transitions[0].clone() });
        let elsewhere = Transition { from: "Elsewhere".into(), ..jira.transitions[0].clone() };
        jira.transitions[0] = elsewhere;
    });
    let error = go(&made, "21", json!({})).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Rejected { .. }), "{error:?}");
    assert_eq!(jira.count("POST", "/transitions"), 1);

    let (jira, made) = with_an_issue().await;
    jira.next("POST", "/transitions", vec![conflict(), conflict(), conflict()]);
    go(&made, "21", json!({})).await.unwrap_err();
    assert_eq!(jira.count("POST", "/transitions"), 2);
}

async fn assign(made: &Made, who: Value) -> Result<(), ConnectorError> {
    let mut parameters = json!({"issueIdOrKey": "ENG-1"});
    for (name, value) in who.as_object().unwrap() {
        parameters[name] = value.clone();
    }
    made.execute(ask("assign_issue").with(parameters)).await.map(|_| ())
}

fn assignee(jira: &StandIn<Jira>) -> Value {
    jira.vendor(|jira| jira.issues[0].fields["assignee"]["accountId"].clone())
}

#[tokio::test]
async fn an_issue_is_assigned_by_account_by_address_by_default_and_to_nobody() {
    let (jira, made) = with_an_issue().await;
    for (who, then) in [
        (json!({"accountId": "712020:ben"}), json!("712020:ben")),
        (json!({"email": " ADA@example.com"}), json!("712020:ada")),
        (json!({"accountId": null}), Value::Null),
        (json!({"accountId": "-1"}), json!("712020:ada")),
    ] {
        assign(&made, who).await.unwrap();
        assert_eq!(assignee(&jira), then);
    }
}

#[tokio::test]
async fn an_issue_known_by_its_id_is_assigned_by_address_too() {
    let (jira, made) = with_an_issue().await;
    let by_id = json!({"issueIdOrKey": "10001", "email": "ben@example.com"});
    made.execute(ask("assign_issue").with(by_id)).await.unwrap();
    assert_eq!(assignee(&jira), "712020:ben");
}

#[tokio::test]
async fn an_address_that_is_not_shown_is_enough_where_one_account_has_it_and_no_more() {
    let (jira, made) = with_an_issue().await;
    jira.vendor(|jira| jira.people[1].email_shown = false);
    assign(&made, json!({"email": "ada@example.com"})).await.unwrap();
    assert_eq!(assignee(&jira), "712020:ada");
    // Another one begins the same, and shows it: it is told apart.
    let other = |id: &str, email: &str, shown: bool| Person {
        account_id: format!("712020:{id}"),
        name: id.to_owned(),
        email: email.to_owned(),
        email_shown: shown,
        assignable: true,
    };
    jira.vendor(|jira| jira.people.push(other("eve", "ada@example.com.evil.example", true)));
    assign(&made, json!({"email": "ada@example.com"})).await.unwrap();
    assert_eq!(assignee(&jira), "712020:ada");
    // Two that do not show theirs can't be.
    jira.vendor(|jira| jira.people.push(other("eva", "ada@example.com.example", false)));
    let error = assign(&made, json!({"email": "ada@example.com"})).await.unwrap_err().to_string();
    assert!(error.contains("several accounts"), "{error}");
    let error = assign(&made, json!({"email": "nobody@example.com"})).await.unwrap_err().to_string();
    assert!(error.contains("nobody with this e-mail address"), "{error}");
    assert_eq!(jira.count("PUT", "/assignee"), 2);
}
