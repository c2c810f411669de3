//! Lists to their end: three pages and more, limits, page sizes and caps.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::Answer;

use super::{at_site, jira};
use crate::setup::{ask, say};

fn sizes(jira: &stand_ins::StandIn<stand_ins::jira::Jira>) -> Vec<u64> {
    jira.seen().iter().map(|seen| seen.json()["maxResults"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_search_follows_tokens_to_the_last_page() {
    let jira = jira().await;
    let keys = jira.vendor(|jira| jira.seed("ENG", 350));
    let made = at_site(&jira, 0);
    let found = made.query(say("project = ENG")).await.unwrap();
    let found: Vec<&str> = found.iter().map(|issue| issue["key"].as_str().unwrap()).collect();
    assert_eq!(found, keys);
    assert_eq!(sizes(&jira), [100, 100, 100, 100]);
    // Jira may give less than was asked for; the token leads on all the same.
    jira.forget();
    jira.vendor(|jira| jira.page_cap = 60);
    assert_eq!(made.query(say("project = ENG")).await.unwrap().len(), 350);
    assert_eq!(jira.seen().len(), 6);
}

#[tokio::test]
async fn a_limit_ends_the_search_and_makes_its_pages_small() {
    let jira = jira().await;
    jira.vendor(|jira| {
        jira.seed("ENG", 130);
        jira.page_cap = 40;
    });
    let made = at_site(&jira, 0);
    for (limit, rows, pages) in [(1, 1, 1), (40, 40, 1), (41, 41, 2), (130, 130, 4), (500, 130, 4)] {
        jira.forget();
        assert_eq!(made.query(say("project = ENG").limit(limit)).await.unwrap().len(), rows);
        assert_eq!(jira.seen().len(), pages, "{limit}");
        assert_eq!(sizes(&jira)[0], u64::try_from(limit.min(100)).unwrap());
    }
}

#[tokio::test]
async fn ids_and_keys_alone_come_in_large_pages() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 350));
    let made = at_site(&jira, 0);
    let light = |fields: Value| ask("search_issues").with(json!({"jql": "project = ENG", "fields": fields}));
    assert_eq!(made.query(light(json!(["key"]))).await.unwrap().len(), 350);
    assert_eq!(made.query(light(json!(["id", "key"])).limit(7)).await.unwrap().len(), 7);
    assert_eq!(made.query(light(json!(["key", "summary"])).limit(7)).await.unwrap().len(), 7);
    assert_eq!(sizes(&jira), [5000, 7, 7]);
}

#[tokio::test]
async fn ten_thousand_rows_are_the_end() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 10_001));
    let made = at_site(&jira, 0);
    let light = ask("search_issues").with(json!({"jql": "project = ENG", "fields": ["key"]}));
    let request = light.request();
    let rows = made.connector.query(request, made.deadline(None)).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(connectors::Limit::Rows)));
    assert_eq!(jira.seen().len(), 3);
}

#[tokio::test]
async fn lists_by_offset_are_read_to_their_end() {
    let jira = jira().await;
    jira.vendor(|jira| {
        jira.seed("ENG", 1);
        jira.seed_comments("ENG-1", 230);
        jira.projects = (0..330).map(|number| format!("P{number}")).collect();
        jira.projects.push("ENG".into());
    });
    let made = at_site(&jira, 0);
    let comments = ask("list_comments").with(json!({"issueIdOrKey": "ENG-1"}));
    let found = made.query(comments.clone()).await.unwrap();
    assert_eq!((found.len(), jira.seen().len()), (230, 3));
    assert_eq!(found[229]["body"]["content"][0]["content"][0]["text"], "Comment 230");
    let starts: Vec<_> = jira.seen().iter().map(|seen| seen.parameter("startAt")).collect();
    assert_eq!(starts, [None, Some("100".into()), Some("200".into())]);
    jira.forget();
    assert_eq!(made.query(comments.limit(101)).await.unwrap().len(), 101);
    assert_eq!(jira.seen().len(), 2);
    jira.forget();
    assert_eq!(made.query(ask("list_projects")).await.unwrap().len(), 331);
    assert_eq!(jira.seen().len(), 4);
    // Nothing at all is one page.
    jira.forget();
    assert_eq!(made.query(ask("list_projects").with(json!({"query": "nothing"}))).await.unwrap().len(), 0);
    assert_eq!(jira.seen().len(), 1);
}

#[tokio::test]
async fn what_can_be_created_is_read_over_several_pages() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    // Four types and nine fields, two and three at a time.
    for (operation, parameters, name, size, rows) in [
        ("create_meta", json!({"projectIdOrKey": "ENG"}), "issueTypes", 1, 4),
        ("create_meta_fields", json!({"projectIdOrKey": "ENG", "issueTypeId": "10001"}), "fields", 2, 9),
    ] {
        jira.forget();
        jira.instead(move |seen| {
            let start: usize = seen.parameter("startAt").map_or(0, |start| start.parse().unwrap());
            let page: Vec<Value> = (start..rows).take(size).map(|number| json!({ "id": number })).collect();
            let mut body = json!({"startAt": start, "maxResults": size, "total": rows});
            body[name] = json!(page);
            Some(Answer::json(200, &body))
        });
        let found = made.query(ask(operation).with(parameters)).await.unwrap();
        assert_eq!(found.len(), rows, "{operation}");
        assert_eq!(found.last().unwrap()["id"], json!(rows - 1));
        assert!(jira.seen().len() > 3);
    }
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_an_error() {
    let jira = jira().await;
    let made = at_site(&jira, 0);
    jira.instead(|_| {
        Some(Answer::json(200, &json!({"issues": [{"id": "1"}], "isLast": false, "nextPageToken": "again"})))
    });
    let error = made.query(say("project = ENG")).await.unwrap_err();
    assert_eq!(
        error,
        ConnectorError::Upstream("Jira's pages lead in a circle: the next one was read already".into())
    );
}

#[tokio::test]
async fn everybody_who_can_be_assigned_is_found_in_one_request() {
    let jira = jira().await;
    jira.vendor(|jira| {
        let one = jira.people[1].clone();
        jira.people.extend((0..300).map(|number| {
            let mut one = one.clone();
            one.account_id = format!("712020:{number}");
            // Jira looks at a range first and leaves out whoever does not fit.
            one.assignable = number % 2 == 0;
            one
        }));
    });
    let made = at_site(&jira, 0);
    let asked = ask("find_assignable").with(json!({"query": "ada", "project": "ENG"}));
    assert_eq!(made.query(asked.clone()).await.unwrap().len(), 151);
    assert_eq!(made.query(asked.limit(5)).await.unwrap().len(), 5);
    assert_eq!(jira.seen().len(), 2);
}
