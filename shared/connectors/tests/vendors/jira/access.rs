//! Where Jira is called, and by whom: the site with an API token, the gateway with any.

use connectors::ConnectorError;
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::jira::{API_TOKEN, CLOUD_ID, EMAIL, SCOPED_TOKEN};

use super::{at_gateway, at_site, basic, connect, connected, gateway, jira, oauth};
use crate::setup::{Made, ask};

async fn works(made: &Made) -> Result<(), ConnectorError> {
    made.query(ask("list_projects")).await.map(|_| ())
}

#[tokio::test]
async fn the_site_takes_an_api_token_under_either_name() {
    let jira = jira().await;
    for secret in [
        basic(),
        json!({"jiraId": EMAIL, "jiraCredential": API_TOKEN}),
        json!({"email": EMAIL, "token": API_TOKEN}),
    ] {
        let made = connected(ConnectorType::Jira, &jira.url(), &json!({ "secret": secret }));
        works(&made).await.unwrap();
    }
    assert_eq!(jira.count("GET", "/rest/api/3/project/search"), 3);
}

#[tokio::test]
async fn the_gateway_takes_tokens_with_scopes_bearer_tokens_and_oauth() {
    let jira = jira().await;
    for secret in [
        json!({"email": EMAIL, "api_token": SCOPED_TOKEN}),
        json!({"token": SCOPED_TOKEN}),
        json!({"email": EMAIL, "api_token": API_TOKEN}),
        oauth(),
    ] {
        works(&at_gateway(&jira, &secret)).await.unwrap_or_else(|error| panic!("{secret}: {error}"));
    }
    let path = format!("/ex/jira/{CLOUD_ID}/rest/api/3/project/search");
    assert_eq!(jira.seen().iter().filter(|seen| seen.path == path).count(), 4);
}

#[tokio::test]
async fn the_gateway_may_be_the_connection_url_itself_and_the_cloud_id_the_secret_s() {
    let jira = jira().await;
    let secret = json!({"email": EMAIL, "api_token": SCOPED_TOKEN});
    let url = format!("{}/ex/jira/{CLOUD_ID}", jira.url());
    works(&connected(ConnectorType::Jira, &url, &json!({ "secret": secret }))).await.unwrap();
    let mut more = gateway(&jira, &json!({"token": SCOPED_TOKEN, "cloud_id": CLOUD_ID}));
    more["options"].as_object_mut().unwrap().remove("cloud_id");
    works(&connected(ConnectorType::Jira, "https://site.atlassian.net", &more)).await.unwrap();
}

#[tokio::test]
async fn a_site_that_does_not_know_the_token_serves_nobody_and_that_is_a_refusal() {
    let jira = jira().await;
    jira.vendor(|jira| jira.seed("ENG", 1));
    let secrets = [
        json!({"email": EMAIL, "api_token": "wrong"}),
        json!({"email": "other@example.com", "api_token": API_TOKEN}),
        // One with scopes is none for a site.
        json!({"email": EMAIL, "api_token": SCOPED_TOKEN}),
    ];
    for secret in secrets {
        let made = connected(ConnectorType::Jira, &jira.url(), &json!({ "secret": secret }));
        for (operation, parameters) in [
            // What the public may see is nothing: an empty list, no fields of its own, no such issue.
            ("search_issues", json!({"jql": "project = ENG"})),
            ("count_issues", json!({"jql": "project = ENG"})),
            ("list_fields", json!({})),
            ("get_issue", json!({"issueIdOrKey": "ENG-1"})),
            ("list_projects", json!({})),
        ] {
            let error = made.query(ask(operation).with(parameters)).await.unwrap_err();
            assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{operation}: {error:?}");
        }
        let comment = json!({"issueIdOrKey": "ENG-1", "body": "x"});
        let error = made.execute(ask("add_comment").with(comment)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    }
    // Who is known is served.
    assert!(works(&at_site(&jira, 0)).await.is_ok());
}

#[tokio::test]
async fn the_gateway_refuses_tokens_that_it_does_not_know() {
    let jira = jira().await;
    for secret in [json!({"email": EMAIL, "api_token": "wrong"}), json!({"token": "wrong"})] {
        let error = works(&at_gateway(&jira, &secret)).await.unwrap_err();
        assert_eq!(error, ConnectorError::CredentialsRefused(401.into()));
    }
}

#[tokio::test]
async fn a_scope_that_lacks_is_told_from_a_token_that_is_not_good() {
    let jira = jira().await;
    jira.vendor(|jira| {
        jira.seed("ENG", 1);
        jira.lose_scope("write:jira-work");
    });
    for secret in [json!({"token": SCOPED_TOKEN}), oauth()] {
        let made = at_gateway(&jira, &secret);
        works(&made).await.unwrap();
        let comment = json!({"issueIdOrKey": "ENG-1", "body": "x"});
        let error = made.execute(ask("add_comment").with(comment)).await.unwrap_err();
        let message = ": Unauthorized; scope does not match".to_owned();
        assert_eq!(error, ConnectorError::Lacks { status: 401.into(), message });
    }
    // A token that lacks a scope is not fetched anew for it.
    assert_eq!(jira.vendor(|jira| jira.issued), 1);
}

fn refused(url: &str, more: &Value) -> ConnectorError {
    connect(ConnectorType::Jira, url, more).err().unwrap()
}

#[test]
fn what_can_never_work_is_told_before_anything_is_dialled() {
    let site = "https://site.atlassian.net";
    for (more, part) in [
        (json!({"secret": {"client_id": "a", "client_secret": "b"}}), "set options.cloud_id"),
        (json!({"secret": {"token": "a"}}), "set options.cloud_id"),
        (json!({"secret": {"token": "a", "cloud_id": "../../evil"}}), "cloud_id must be"),
        (
            json!({"secret": basic(), "options": {"cloud_id": CLOUD_ID, "gateway_url": "http://gateway.example"}}),
            "plain HTTP is only",
        ),
        (
            json!({"secret": oauth(), "options": {"token_url": "ftp://auth.example/token"}}),
            "scheme is not https",
        ),
        (json!({"secret": oauth(), "options": {"token_url": "/oauth/token"}}), "options.token_url is no URL"),
    ] {
        let error = refused(site, &more).to_string();
        assert!(error.contains(part), "{more}: {error}");
    }
    for (secret, part) in [
        (json!({}), "email or jiraId"),
        (json!({"email": "a"}), "api_token or jiraCredential"),
        (json!({"api_token": "a"}), "email or jiraId"),
        (json!({"client_id": "a", "cloud_id": CLOUD_ID}), "client_secret"),
    ] {
        let ConnectorError::Credentials(why) = refused(site, &json!({ "secret": secret })) else {
            panic!("{secret}")
        };
        assert!(why.contains(part), "{secret}: {why}");
    }
    assert!(matches!(refused(site, &json!({})), ConnectorError::Credentials(_)));
    assert!(matches!(refused("", &json!({"secret": basic()})), ConnectorError::Configuration(_)));
}
