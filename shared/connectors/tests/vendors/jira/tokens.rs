//! OAuth tokens of a service account: one for many calls, and a new one when it is withdrawn or runs out.

use std::sync::Arc;

use connectors::ConnectorError;
use serde_json::json;
use stand_ins::StandIn;

use super::{Jira, at_gateway, jira, oauth};
use crate::setup::{ask, say};

fn issued(jira: &StandIn<Jira>) -> usize {
    jira.vendor(|jira| jira.issued)
}

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token_and_one_more_when_it_is_withdrawn() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = Arc::new(at_gateway(&jira, &oauth()));
    for round in 1..=2 {
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let made = Arc::clone(&made);
                tokio::spawn(async move { made.query(say("project = ENG")).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().len(), 1);
        }
        assert_eq!(issued(&jira), round);
        jira.vendor(Jira::expire_tokens);
    }
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end() {
    let jira = jira().await;
    let made = at_gateway(&jira, &oauth());
    for (at, expected) in [(0, 1), (3_500, 1), (3_590, 2), (3_600, 2)] {
        made.clock.put(at);
        made.query(say("project = ENG")).await.unwrap();
        assert_eq!(issued(&jira), expected, "{at} s");
    }
}

#[tokio::test]
async fn a_token_that_runs_out_between_pages_is_renewed_and_no_page_is_lost() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 450));
    let made = at_gateway(&jira, &oauth());
    // Every third search comes with a token that was good a moment ago.
    let mut searches = 0;
    let mut expired: Vec<String> = Vec::new();
    jira.instead(move |seen| {
        if !seen.path.ends_with("/search/jql") {
            return None;
        }
        searches += 1;
        if searches % 3 == 0 {
            expired.push(seen.bearer().to_owned());
        }
        let body = json!({"code": 401, "message": "Unauthorized"});
        expired.iter().any(|token| token == seen.bearer()).then(|| stand_ins::Answer::json(401, &body))
    });
    let found = made.query(say("project = ENG")).await.unwrap();
    let mut keys: Vec<&str> = found.iter().map(|issue| issue["key"].as_str().unwrap()).collect();
    keys.dedup();
    assert_eq!((keys.len(), issued(&jira)), (450, 3));
}

#[tokio::test]
async fn a_write_follows_a_token_that_was_renewed() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let made = at_gateway(&jira, &oauth());
    made.query(say("project = ENG")).await.unwrap();
    jira.vendor(Jira::expire_tokens);
    made.execute(ask("add_comment").with(json!({"issueIdOrKey": "ENG-1", "body": "Once."}))).await.unwrap();
    assert_eq!((issued(&jira), jira.vendor(|jira| jira.issues[0].comments.len())), (2, 1));
}

#[tokio::test]
async fn a_client_that_was_withdrawn_is_a_refusal_of_the_credentials() {
    let jira = jira().await;
    let made = at_gateway(&jira, &oauth());
    made.query(say("project = ENG")).await.unwrap();
    jira.vendor(|jira| {
        jira.expire_tokens();
        jira.forget_client();
    });
    let error = made.query(say("project = ENG")).await.unwrap_err();
    assert_eq!(error, ConnectorError::CredentialsRefused(401.into()));
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_a_refusal_of_the_credentials() {
    let jira = jira().await;
    let made = at_gateway(&jira, &oauth());
    jira.instead(|seen| {
        let api = seen.path.contains("/rest/");
        api.then(|| stand_ins::Answer::json(401, &json!({"code": 401, "message": "Unauthorized"})))
    });
    let error = made.query(say("project = ENG")).await.unwrap_err();
    assert_eq!(error, ConnectorError::CredentialsRefused(401.into()));
    assert_eq!((issued(&jira), jira.count("POST", "/search/jql")), (1, 1));
}
