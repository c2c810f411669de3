//! Client credentials: one token for many calls, fetched anew when it is refused or runs out, and never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connectors::ConnectorError;
use egress::EgressError;
use serde_json::{Value, json};

use crate::service::{Reply, Seen, Service};
use crate::setup::{Made, ask, connected};

fn grant(token: &str) -> Reply {
    Reply::json(json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).to_string())
}

/// A token endpoint that gives a new token at each request: t1, t2 and so on.
async fn tokens(after: Duration) -> Service {
    Service::start(move |_, index| grant(&format!("t{}", index + 1)).after(after)).await
}

/// A service that takes every token but the refused ones.
async fn service(refused: &'static [&'static str]) -> Service {
    Service::start(move |seen, _| {
        let token = seen.header("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
        if token.is_empty() || refused.contains(&token.as_str()) {
            return Reply::status(401);
        }
        Reply::json("[1]")
    })
    .await
}

fn crm(service: &Service, tokens: &Service, more: &Value) -> Made {
    let mut all = json!({
        "options": {"auth_type": "oauth2_client_credentials"},
        "secret": {
            "client_id": "id+1",
            "client_secret": "s:cr t",
            "token_url": format!("{}/oauth/token", tokens.url()),
            "scope": "orders read",
        },
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        all[key] = value.clone();
    }
    connected(&service.url(), &all)
}

fn bearers(service: &Service) -> Vec<String> {
    service.seen().iter().map(|seen| seen.header("authorization").replace("Bearer ", "")).collect()
}

fn form(seen: &Seen) -> String {
    String::from_utf8(seen.body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_token_is_asked_for_by_the_standard_and_sent_as_a_bearer() {
    let (service, tokens) = (service(&[]).await, tokens(Duration::ZERO).await);
    let crm = crm(&service, &tokens, &json!({}));
    crm.query(ask("/o")).await.unwrap();
    crm.execute(ask("/o").action("POST")).await.unwrap();
    assert_eq!(bearers(&service), ["t1", "t1"]);
    let seen = tokens.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("POST", "/oauth/token"));
    assert_eq!(seen[0].header("content-type"), "application/x-www-form-urlencoded");
    // "id%2B1:s%3Acr+t": each part is form-encoded before they are joined.
    assert_eq!(seen[0].header("authorization"), "Basic aWQlMkIxOnMlM0Fjcit0");
    assert_eq!(form(&seen[0]), "grant_type=client_credentials&scope=orders+read");
}

#[tokio::test]
async fn the_client_may_prove_itself_in_the_form() {
    let (service, tokens) = (service(&[]).await, tokens(Duration::ZERO).await);
    let options = json!({"auth_type": "oauth2_client_credentials", "oauth2_client_auth": "body"});
    crm(&service, &tokens, &json!({"options": options})).query(ask("/o")).await.unwrap();
    let seen = &tokens.seen()[0];
    assert_eq!(seen.header("authorization"), "");
    assert_eq!(
        form(seen),
        "grant_type=client_credentials&scope=orders+read&client_id=id%2B1&client_secret=s%3Acr+t"
    );
}

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token() {
    let (service, tokens) = (service(&[]).await, tokens(Duration::from_millis(200)).await);
    let crm = Arc::new(crm(&service, &tokens, &json!({})));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let crm = Arc::clone(&crm);
            tokio::spawn(async move { crm.query(ask("/o")).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), ["1"]);
    }
    assert_eq!((tokens.seen().len(), service.seen().len()), (1, 50));
}

#[tokio::test]
async fn fifty_calls_at_once_share_one_refusal() {
    let service = service(&[]).await;
    let tokens = Service::answering(vec![Reply::status(401).after(Duration::from_millis(300))]).await;
    let crm = Arc::new(crm(&service, &tokens, &json!({})));
    let ready = Arc::new(tokio::sync::Barrier::new(50));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (crm, ready) = (Arc::clone(&crm), Arc::clone(&ready));
            tokio::spawn(async move {
                ready.wait().await;
                crm.query(ask("/o")).await
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Err(ConnectorError::CredentialsRefused(401.into())));
    }
    assert_eq!((tokens.seen().len(), service.seen().len()), (1, 0));
    // A refusal is shared by those who waited for it, and not kept.
    crm.query(ask("/o")).await.unwrap_err();
    assert_eq!(tokens.seen().len(), 2);
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_fetches_leaves_nothing_stuck() {
    let first = AtomicUsize::new(0);
    let first = Arc::new(first);
    let slow_once = Arc::clone(&first);
    let tokens = Service::start(move |_, _| match slow_once.fetch_add(1, Ordering::SeqCst) {
        0 => grant("lost").after(Duration::from_mins(2)),
        _ => grant("good"),
    })
    .await;
    let service = service(&[]).await;
    let crm = Arc::new(crm(&service, &tokens, &json!({})));
    let fetching = tokio::spawn({
        let crm = Arc::clone(&crm);
        async move { crm.query(ask("/o")).await }
    });
    while tokens.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let waiting = tokio::spawn({
        let crm = Arc::clone(&crm);
        async move { crm.query(ask("/o")).await }
    });
    // One that waits no longer than its own deadline, while the first still fetches.
    let error = crm.query(ask("/o").within(200)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
    fetching.abort();
    assert_eq!(waiting.await.unwrap().unwrap(), ["1"]);
    assert_eq!(bearers(&service), ["good"]);
}

#[tokio::test]
async fn the_deadline_of_the_call_that_fetches_is_not_the_others() {
    let tokens = Service::start(|_, index| match index {
        0 => grant("late").after(Duration::from_mins(2)),
        _ => grant("good"),
    })
    .await;
    let service = service(&[]).await;
    let crm = Arc::new(crm(&service, &tokens, &json!({})));
    let impatient = tokio::spawn({
        let crm = Arc::clone(&crm);
        async move { crm.query(ask("/o").within(400)).await }
    });
    while tokens.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(crm.query(ask("/o")).await.unwrap(), ["1"]);
    assert!(impatient.await.unwrap().is_err());
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_fetched_anew_once() {
    // t1 works at first and is withdrawn then.
    let withdrawn = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&withdrawn);
    let service = Service::start(move |seen, _| {
        let stale = seen.header("authorization") == "Bearer t1" && now.load(Ordering::SeqCst) > 0;
        if stale { Reply::status(401) } else { Reply::json("[1]") }
    })
    .await;
    let tokens = tokens(Duration::ZERO).await;
    let crm = crm(&service, &tokens, &json!({}));
    crm.query(ask("/o")).await.unwrap();
    withdrawn.store(1, Ordering::SeqCst);
    // A write too: the 401 says that nothing was done.
    crm.execute(ask("/o").action("POST").with(r#"{"a":1}"#)).await.unwrap();
    crm.query(ask("/o")).await.unwrap();
    assert_eq!(bearers(&service), ["t1", "t1", "t2", "t2"]);
    assert_eq!(service.seen()[1].body, service.seen()[2].body);
    assert_eq!(tokens.seen().len(), 2);
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_a_refusal_of_the_credentials() {
    let (service, tokens) = (service(&["t1", "t2", "t3"]).await, tokens(Duration::ZERO).await);
    let crm = crm(&service, &tokens, &json!({"max_retries": 5}));
    assert_eq!(crm.query(ask("/o")).await, Err(ConnectorError::CredentialsRefused(401.into())));
    // It was fetched for this very call, so that another one would be no better.
    assert_eq!(bearers(&service), ["t1"]);
    assert_eq!(crm.query(ask("/o")).await, Err(ConnectorError::CredentialsRefused(401.into())));
    assert_eq!(bearers(&service), ["t1", "t1", "t2"]);
}

#[tokio::test]
async fn a_forbidden_call_costs_no_token() {
    let service = Service::answering(vec![Reply::status(403)]).await;
    let tokens = tokens(Duration::ZERO).await;
    let crm = crm(&service, &tokens, &json!({}));
    for _ in 0..3 {
        assert_eq!(crm.query(ask("/o")).await, Err(ConnectorError::Forbidden(403.into())));
    }
    assert_eq!((tokens.seen().len(), service.seen().len()), (1, 3));
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_runs_out() {
    // An hour less half a minute; a minute less a tenth; five minutes less half a one where nothing is said.
    for (expires_in, before, after) in
        [(json!(3600), 3560, 3580), (json!("60"), 50, 57), (json!(null), 260, 280)]
    {
        let answer = json!({"access_token": "t", "expires_in": expires_in}).to_string();
        let tokens = Service::answering(vec![Reply::json(answer)]).await;
        let service = service(&[]).await;
        let crm = crm(&service, &tokens, &json!({}));
        for (ahead, fetches) in [(0, 1), (before, 1), (after, 2), (after + 1, 2)] {
            crm.clock.put(ahead);
            crm.query(ask("/o")).await.unwrap();
            assert_eq!(tokens.seen().len(), fetches, "{expires_in} after {ahead} s");
        }
    }
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_asked_again_and_told_apart() {
    let service = service(&[]).await;
    let tokens = Service::answering(vec![Reply::status(503), grant("t1")]).await;
    assert!(crm(&service, &tokens, &json!({"max_retries": 1})).query(ask("/o")).await.is_ok());
    assert_eq!(tokens.seen().len(), 2);

    let invalid = |code: &str| Reply::new(400, "application/json", json!({ "error": code }).to_string());
    for (reply, expected) in [
        (invalid("invalid_client"), ConnectorError::CredentialsRefused(400.into())),
        (Reply::status(401), ConnectorError::CredentialsRefused(401.into())),
        (
            Reply::status(429).header("retry-after", "60"),
            ConnectorError::RateLimited { retry_after: Some("60".into()) },
        ),
        (Reply::status(500), ConnectorError::Upstream("the token endpoint failed (status 500)".into())),
    ] {
        let tokens = Service::answering(vec![reply]).await;
        assert_eq!(crm(&service, &tokens, &json!({})).query(ask("/o")).await, Err(expected));
    }
}

#[tokio::test]
async fn neither_secret_nor_token_shows_in_any_error() {
    let tokens = Service::start(|seen, index| match index {
        0 => grant("CANARY-token"),
        // What some do: repeat what they refuse.
        _ => Reply::new(
            400,
            "application/json",
            json!({"error": seen.header("authorization"), "error_description": "CANARY-secret"}).to_string(),
        ),
    })
    .await;
    let echo = Service::start(|seen, index| match index {
        0 => Reply::new(
            422,
            "application/json",
            json!({"message": format!("bad {}", seen.header("authorization"))}).to_string(),
        ),
        _ => Reply::status(401),
    })
    .await;
    let secret = json!({
        "client_id": "CANARY-id", "client_secret": "CANARY-secret", "token_url": format!("{}/t", tokens.url()),
    });
    let crm = crm(&echo, &tokens, &json!({"secret": secret}));
    // First the service repeats the token, then the token endpoint repeats the secret.
    for expected in ["bad Bearer ***", "token endpoint"] {
        let error = crm.query(ask("/o")).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(expected) && !text.contains("CANARY"), "{text}");
    }
}
