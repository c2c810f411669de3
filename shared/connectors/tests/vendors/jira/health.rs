//! The live test: what goes wrong is named by its stage.

use connectors::{ConnectorError, Stage};
use model::connector_type::ConnectorType;
use serde_json::json;
use stand_ins::jira::SCOPED_TOKEN;

use super::{Jira, at_gateway, at_site, basic, connect, connected, gateway, jira, oauth};
use crate::setup::Made;

/// The stages that were passed, and the one that was not, with its words.
async fn tested(made: &Made) -> (Vec<Stage>, Option<(Stage, String)>) {
    let (passed, error) = made.health().await;
    let failed = error.map(|error| (error.stage(), error.to_string()));
    (passed.into_iter().map(|(stage, _)| stage).collect(), failed)
}

#[tokio::test]
async fn a_good_connector_tells_who_calls() {
    let jira = jira().await;
    for made in
        [at_site(&jira, 0), at_gateway(&jira, &json!({"token": SCOPED_TOKEN})), at_gateway(&jira, &oauth())]
    {
        let (passed, error) = made.health().await;
        assert_eq!(error, None);
        let (stages, details): (Vec<Stage>, Vec<String>) = passed.into_iter().unzip();
        assert_eq!(&stages[stages.len() - 2..], [Stage::Authenticate, Stage::Call]);
        assert_eq!(details.last().unwrap(), "GET of myself: Integration Bot");
    }
}

#[tokio::test]
async fn a_secret_of_another_shape_fails_the_secret_s_stage() {
    let error = connect(
        ConnectorType::Jira,
        "https://site.atlassian.net",
        &json!({"secret": {"username": "a", "password": "b"}}),
    );
    let error = error.err().unwrap();
    assert_eq!((error.stage(), error.to_string().contains("email or jiraId")), (Stage::Secret, true));
}

#[tokio::test]
async fn a_withdrawn_token_fails_authentication() {
    let jira = jira().await;
    jira.vendor(Jira::revoke_tokens);
    for made in [at_site(&jira, 0), at_gateway(&jira, &json!({"token": SCOPED_TOKEN}))] {
        let (passed, failed) = tested(&made).await;
        let (stage, why) = failed.unwrap();
        assert_eq!(stage, Stage::Authenticate, "{why}");
        assert!(why.contains("refused the credentials"), "{why}");
        assert!(!passed.contains(&Stage::Authenticate));
    }
    jira.vendor(Jira::forget_client);
    let (_, failed) = tested(&at_gateway(&jira, &oauth())).await;
    assert_eq!(failed.unwrap().0, Stage::Authenticate);
}

#[tokio::test]
async fn a_scope_that_lacks_fails_the_call_and_is_named() {
    let jira = jira().await;
    jira.vendor(|jira| jira.lose_scope("read:jira-user"));
    for made in [at_gateway(&jira, &json!({"token": SCOPED_TOKEN})), at_gateway(&jira, &oauth())] {
        let (passed, failed) = tested(&made).await;
        let (stage, why) = failed.unwrap();
        assert_eq!(stage, Stage::Call);
        assert!(why.contains("lack a right") && why.contains("scope does not match"), "{why}");
        assert!(passed.contains(&Stage::Authenticate));
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_fails_on_the_way() {
    let made = connected(ConnectorType::Jira, "https://no-such-site.invalid", &json!({"secret": basic()}));
    let (stage, why) = tested(&made).await.1.unwrap();
    assert_eq!(stage, Stage::NameResolution);
    assert!(why.contains("such as https://name.atlassian.net"), "{why}");
    let made = connected(ConnectorType::Jira, "http://127.0.0.1:9", &json!({"secret": basic()}));
    assert_eq!(tested(&made).await.1.unwrap().0, Stage::Connect);
    // A token endpoint that is not there fails as the API's host does.
    let jira = jira().await;
    let mut more = gateway(&jira, &oauth());
    more["options"]["token_url"] = json!("http://127.0.0.1:9/oauth/token");
    let made = connected(ConnectorType::Jira, "https://site.atlassian.net", &more);
    assert_eq!(tested(&made).await.1.unwrap().0, Stage::Connect);
}

#[tokio::test]
async fn a_host_that_is_no_jira_fails_the_call() {
    let jira = jira().await;
    let made =
        connected(ConnectorType::Jira, &format!("{}/confluence", jira.url()), &json!({"secret": basic()}));
    let (stage, why) = tested(&made).await.1.unwrap();
    assert_eq!(stage, Stage::Call, "{why}");
    assert_eq!(jira.take_violations().len(), 1);
    // A page for people, with status 200.
    jira.instead(|_| Some(stand_ins::Answer::new(200, "text/html", "<html>Log in</html>")));
    let (stage, why) = tested(&at_site(&jira, 0)).await.1.unwrap();
    assert_eq!(stage, Stage::Call);
    assert!(why.contains("is not Jira's API"), "{why}");
    // JSON of something else.
    jira.instead(|_| Some(stand_ins::Answer::json(200, &json!({"user": "ada"}))));
    let (stage, why) = tested(&at_site(&jira, 0)).await.1.unwrap();
    assert_eq!(stage, Stage::Call);
    assert!(why.contains("connection_url may be no Jira site"), "{why}");
}

#[tokio::test]
async fn another_site_s_cloud_id_fails_the_call() {
    let jira = jira().await;
    let mut more = gateway(&jira, &oauth());
    more["options"]["cloud_id"] = json!("99999999-2222-3333-4444-555555555555");
    let made = connected(ConnectorType::Jira, "https://site.atlassian.net", &more);
    let (_, error) = made.health().await;
    let expected = ConnectorError::Rejected { status: 404.into(), message: ": Not Found".into() };
    assert_eq!(error, Some(expected));
}
