//! Tokens: fetched once for all who need one, renewed ahead of their end, given up where the client is no more.

use connectors::{ConnectorError, Stage};
use futures_util::future::join_all;
use serde_json::json;
use stand_ins::Answer;

use super::{client, connected, list, read, world, write};

#[tokio::test]
async fn fifty_calls_at_once_fetch_one_token() {
    let (instance, made, _) = world().await;
    for (round, issued) in [(1, 1), (2, 1), (3, 2)] {
        if round == 3 {
            instance.vendor(|v| v.access.revoke_tokens());
        }
        let calls = (0..50).map(|_| made.query(list().limit(1)));
        assert!(join_all(calls).await.into_iter().all(|rows| rows.unwrap().len() == 1));
        assert_eq!(instance.vendor(|v| v.access.issued), issued, "round {round}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end() {
    let (instance, made, _) = world().await;
    for (seconds, issued) in [(0, 1), (1_768, 1), (1_770, 2), (3_600, 3)] {
        made.clock.put(seconds);
        read(&made, "list_incidents", json!({})).await.unwrap();
        assert_eq!(instance.vendor(|v| v.access.issued), issued, "after {seconds} s");
    }
    assert_eq!(instance.vendor(|v| v.access.refused), 0);
}

#[tokio::test]
async fn a_revoked_token_is_fetched_anew_once_even_for_a_write() {
    let (instance, made, ids) = world().await;
    read(&made, "list_incidents", json!({})).await.unwrap();
    instance.vendor(|v| v.access.revoke_tokens());
    write(&made, "add_work_note", json!({"incident": ids.incident, "note": "once"})).await.unwrap();
    instance.vendor(|v| {
        assert_eq!((v.access.issued, v.access.refused), (2, 1));
        assert_eq!(v.journal(&ids.incident, "work_notes"), ["once"]);
        v.access.revoke_tokens();
        v.access.forget_clients();
    });
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert_eq!(error.stage(), Stage::Authenticate);

    // A token that is refused although it is new is the end of it.
    let (instance, made, _) = world().await;
    instance.vendor(|v| v.access.requests_per_token = Some(0));
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
    assert!(instance.vendor(|v| v.access.refused) <= 2);
}

#[tokio::test]
async fn what_the_token_endpoint_says_is_told_apart() {
    for (secret, status) in [
        (json!({"client_id": "client-1", "client_secret": "wrong"}), Some(401)),
        (json!({"client_id": "nobody", "client_secret": "oauth-secret"}), Some(401)),
    ] {
        let (instance, _, _) = world().await;
        let made = connected(&instance, &json!({ "secret": secret }));
        let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
        assert_eq!(status.map(|status: u16| ConnectorError::CredentialsRefused(status.into())), Some(error));
    }
    let (instance, _, _) = world().await;
    instance.vendor(|v| v.access.password_grant_disabled = true);
    let user = json!({"client_id": "client-1", "client_secret": "oauth-secret", "username": "agent", "password": "Pa55-agent"});
    let made = connected(&instance, &json!({ "secret": user }));
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");

    let (instance, made, _) = world().await;
    let limited = Answer::json(429, &json!({"error": "rate"})).header("Retry-After", 600);
    instance.next("POST", "/oauth_token.do", vec![limited]);
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert_eq!(error, ConnectorError::RateLimited { retry_after: Some("600".into()) });
    let page = Answer::new(200, "text/html", "<html>oauth-secret</html>");
    instance.next("POST", "/oauth_token.do", vec![page]);
    let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
    assert!(
        matches!(error, ConnectorError::Upstream(_)) && !error.to_string().contains("oauth-secret"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_fixed_secret_is_refused_once_and_for_all() {
    for secret in [json!({"api_key": "old"}), json!({"username": "agent", "password": "old"})] {
        let (instance, _, _) = world().await;
        let made = connected(&instance, &json!({"secret": secret, "max_retries": 3}));
        let error = read(&made, "list_incidents", json!({})).await.unwrap_err();
        assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
        assert_eq!(instance.seen().len(), 1);
    }
    let (instance, _, _) = world().await;
    let made = connected(&instance, &json!({ "secret": client() }));
    read(&made, "list_incidents", json!({})).await.unwrap();
    assert_eq!(instance.vendor(|v| v.access.issued), 1);
}
