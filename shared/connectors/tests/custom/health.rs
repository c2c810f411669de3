//! The live test: every stage that was passed, and the one that was not.

use std::time::Duration;

use connectors::{ConnectorError, Stage, Stages};
use model::clock::SystemClock;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::service::{Reply, Seen, Service};
use crate::setup::{Made, connected};

const WALKED: [Stage; 5] =
    [Stage::NameResolution, Stage::Egress, Stage::Connect, Stage::Authenticate, Stage::Call];

struct Tested {
    stages: Vec<Stage>,
    details: Vec<String>,
    result: Result<(), ConnectorError>,
}

async fn test(crm: &Made) -> Tested {
    let mut stages = Stages::new(&SystemClock);
    let result = crm.connector.health(&mut stages, crm.deadline(20_000)).await;
    Tested {
        stages: stages.all().iter().map(|passed| passed.stage).collect(),
        details: stages.all().iter().map(|passed| passed.detail.clone()).collect(),
        result,
    }
}

async fn tested(options: Value, answer: fn(&Seen) -> Reply) -> (Tested, Vec<String>) {
    let service = Service::start(move |seen, _| answer(seen)).await;
    let crm = connected(&format!("{}/v2", service.url()), &json!({"options": options}));
    (test(&crm).await, service.targets())
}

#[tokio::test]
async fn the_base_url_is_asked_with_head() {
    let (tested, targets) = tested(json!({}), |_| Reply::json("")).await;
    assert_eq!(tested.result, Ok(()));
    assert_eq!(tested.stages, WALKED);
    assert_eq!(targets, ["HEAD /v2/"]);
    assert_eq!(tested.details[0], "127.0.0.1 is an address");
    assert_eq!(tested.details[3], "the connector sends no credentials");
    assert_eq!(tested.details[4], "HEAD of the base URL: status 200");
}

#[tokio::test]
async fn where_head_is_not_served_get_is_asked() {
    for status in [404_u16, 405, 501] {
        let service = Service::start(move |seen, _| match seen.method.as_str() {
            "HEAD" => Reply::status(status),
            _ => Reply::json("{}"),
        })
        .await;
        let tested = test(&connected(&service.url(), &json!({}))).await;
        assert_eq!(tested.result, Ok(()), "{status}");
        assert_eq!(service.targets(), ["HEAD /", "GET /"], "{status}");
        assert_eq!(tested.details[4], "GET of the base URL: status 200");
    }
}

#[tokio::test]
async fn a_base_url_without_a_page_is_reached_and_the_test_says_that_it_proves_no_more() {
    let (tested, targets) = tested(json!({}), |_| Reply::status(404)).await;
    assert_eq!((tested.result, tested.stages.len(), targets.len()), (Ok(()), 5, 2));
    assert!(tested.details[4].contains("status 404") && tested.details[4].contains("options.health_path"));
}

#[tokio::test]
async fn a_health_path_is_asked_with_get_and_must_be_there() {
    let options = || json!({"health_path": "/status?deep=true"});
    let (healthy, targets) = tested(options(), |_| Reply::json("{}")).await;
    assert_eq!((healthy.result, healthy.stages), (Ok(()), WALKED.to_vec()));
    assert_eq!(targets, ["GET /v2/status?deep=true"]);
    assert_eq!(healthy.details[4], "GET of options.health_path: status 200");

    let (missing, _) = tested(options(), |_| Reply::status(404)).await;
    let error = missing.result.unwrap_err();
    assert_eq!((error.stage(), missing.stages.last()), (Stage::Call, Some(&Stage::Connect)));
}

#[tokio::test]
async fn what_the_service_refuses_names_its_stage() {
    for (answer, stage) in [
        ((|_| Reply::status(401)) as fn(&Seen) -> Reply, Stage::Authenticate),
        (|_| Reply::status(403), Stage::Authenticate),
        (|_| Reply::status(500), Stage::Call),
        (|_| Reply::status(503), Stage::Call),
        (|_| Reply::status(400), Stage::Call),
        (|_| Reply::status(302), Stage::Call),
        (|_| Reply::status(429), Stage::Call),
    ] {
        for options in [json!({}), json!({"health_path": "/ok"})] {
            let (tested, _) = tested(options, answer).await;
            let error = tested.result.unwrap_err();
            assert_eq!(error.stage(), stage, "{error}");
            assert_eq!(tested.stages, WALKED[..3], "{error}");
        }
    }
}

#[tokio::test]
async fn a_compressed_answer_to_head_has_no_body_to_unpack() {
    let service = Service::start(|_, _| Reply::json("").header("content-encoding", "gzip")).await;
    assert_eq!(test(&connected(&service.url(), &json!({}))).await.result, Ok(()));
}

#[tokio::test]
async fn what_lies_before_the_service_names_its_stage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let plain = Service::answering(vec![Reply::status(200)]).await;
    let sealed = plain.url().replace("http:", "https:");
    for (url, stage, passed) in [
        ("https://name.invalid".to_owned(), Stage::NameResolution, 0),
        (format!("http://127.0.0.1:{closed}"), Stage::Connect, 2),
        (sealed, Stage::Tls, 3),
    ] {
        let tested = test(&connected(&url, &json!({}))).await;
        let error = tested.result.unwrap_err();
        assert_eq!((error.stage(), tested.stages.len()), (stage, passed), "{url}: {error}");
    }
    assert!(plain.seen().is_empty());
}

#[tokio::test]
async fn a_service_that_takes_connections_and_never_answers_fails_at_the_call() {
    let service = Service::answering(vec![Reply::status(200).after(Duration::from_mins(2))]).await;
    let crm = connected(&service.url(), &json!({}));
    let mut stages = Stages::new(&SystemClock);
    let error = crm.connector.health(&mut stages, crm.deadline(500)).await.unwrap_err();
    assert_eq!((error.stage(), stages.all().len()), (Stage::Call, 3), "{error}");
    assert!(error.to_string().contains("did not answer before the deadline"), "{error}");
}

#[tokio::test]
async fn the_way_to_the_token_endpoint_is_part_of_the_test() {
    let service = Service::answering(vec![Reply::json("{}")]).await;
    let tokens = Service::answering(vec![Reply::json(r#"{"access_token":"t0ken"}"#)]).await;
    let more = |token_url: String| {
        let secret = json!({"client_id": "i", "client_secret": "s", "token_url": token_url});
        json!({"options": {"auth_type": "oauth2_client_credentials"}, "secret": secret})
    };
    let healthy = test(&connected(&service.url(), &more(tokens.url()))).await;
    assert_eq!((healthy.result, healthy.stages), (Ok(()), WALKED.to_vec()));
    assert_eq!(healthy.details[3], "a token was issued, and the upstream did not refuse it");
    assert_eq!(healthy.details[2].split("; ").count(), 2, "{}", healthy.details[2]);
    assert_eq!((tokens.seen().len(), service.seen().len()), (1, 1));

    let unknown = test(&connected(&service.url(), &more("https://name.invalid/token".into()))).await;
    assert_eq!((unknown.result.unwrap_err().stage(), unknown.stages.len()), (Stage::NameResolution, 0));

    let denying = Service::answering(vec![Reply::status(401)]).await;
    let denied = test(&connected(&service.url(), &more(denying.url()))).await;
    assert_eq!(denied.result.unwrap_err(), ConnectorError::CredentialsRefused(401.into()));
    assert_eq!(denied.stages, WALKED[..3]);
    assert_eq!(service.seen().len(), 1);
}
