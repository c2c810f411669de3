//! Who calls: signed tokens by the account's own rules, and every other kind of secret.

use serde_json::{Value, json};

use crate::reply::Reply;
use crate::setup::{ask, connect, connected, key_pair};
use crate::stub::Stub;

async fn one() -> Stub {
    Stub::answering(vec![Reply::one("1")]).await
}

fn tokens(stub: &Stub) -> Vec<String> {
    stub.seen().iter().map(|seen| seen.token().to_owned()).collect()
}

#[tokio::test]
async fn a_token_signed_by_the_users_key_is_taken_and_used_again() {
    let stub = one().await;
    let made = connected(&stub, &json!({}));
    assert_eq!(made.query(ask("select 1")).await.unwrap(), [r#"{"N":1}"#]);
    made.execute(ask("call p()")).await.unwrap();
    let tokens = tokens(&stub);
    assert_eq!((tokens.len(), &tokens[0]), (2, &tokens[1]));
    assert_eq!(stub.seen()[0].header("x-snowflake-authorization-token-type"), "KEYPAIR_JWT");
}

#[tokio::test]
async fn an_encrypted_key_and_every_name_of_a_member_sign_as_well() {
    for secret in [
        json!({"account": "acme.test", "username": "svc_agent", "private_key": include_str!("keys/key.p8")}),
        json!({
            "account": "ACME-TEST.us-east-1", "sfUser": "SVC_AGENT", "publicKey": "unused",
            "privateKey": include_str!("keys/key.aes256.p8"), "passphrase": "test-passphrase",
        }),
        json!({
            "account": "acme-test", "user": "svc_agent", "privateKey": include_str!("keys/key.des3.p8"),
            "passphrase": "test-passphrase",
        }),
    ] {
        let stub = one().await;
        connected(&stub, &json!({ "secret": secret })).query(ask("select 1")).await.unwrap();
    }
}

#[tokio::test]
async fn another_users_key_is_refused_and_nothing_is_asked_twice() {
    let stub = one().await;
    let mut secret = key_pair();
    secret["privateKey"] = json!(include_str!("keys/other.p8"));
    let error = connected(&stub, &json!({ "secret": secret })).query(ask("select 1")).await.unwrap_err();
    assert!(error.to_string().contains("refused the credentials (status 401, code 390144)"), "{error}");
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_time_by_the_clock_that_a_freeze_can_not_stop() {
    let stub = one().await;
    let made = connected(&stub, &json!({}));
    for (ahead, different) in [(0, 1), (44 * 60, 1), (45 * 60, 2), (45 * 60 + 1, 2), (8 * 3600, 3)] {
        made.clock.put(ahead);
        made.query(ask("select 1")).await.unwrap();
        let mut tokens = tokens(&stub);
        tokens.dedup();
        assert_eq!(tokens.len(), different, "after {ahead} s");
    }
}

#[tokio::test]
async fn a_token_that_runs_out_in_the_middle_of_a_call_is_made_anew_once() {
    // The second request of the call is refused, whatever its token.
    let stub = Stub::start(|_, index| match index {
        0 => Reply::running(),
        1 => Reply::failure(401, "390144", "JWT token is invalid."),
        _ => Reply::one("7"),
    })
    .await;
    let made = connected(&stub, &json!({}));
    // Tokens are told apart by the second in which they are made.
    let call = made.query(ask("select 7"));
    let later = async {
        stub.wait_for(|seen| !seen.is_empty()).await;
        made.clock.put(5);
    };
    assert_eq!(tokio::join!(call, later).0.unwrap(), [r#"{"N":7}"#]);
    let tokens = tokens(&stub);
    assert_eq!((tokens.len(), tokens[0] == tokens[1], tokens[1] == tokens[2]), (3, true, false));
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_is_a_refusal_of_the_credentials() {
    let stub = Stub::start(|_, index| match index {
        0 => Reply::one("1"),
        _ => Reply::failure(401, "390144", "JWT token is invalid."),
    })
    .await;
    let made = connected(&stub, &json!({"max_retries": 5}));
    made.query(ask("select 1")).await.unwrap();
    let error = made.query(ask("select 1")).await.unwrap_err();
    assert!(error.to_string().contains("refused the credentials"), "{error}");
    assert_eq!(stub.seen().len(), 3);
}

#[tokio::test]
async fn tokens_that_others_issue_are_sent_with_their_kind() {
    for (secret, options, kind) in [
        (json!({"account": "a", "user": "u", "patTokenName": "n", "patTokenValue": "p4t"}), json!({}), "P"),
        (json!({"account": "a", "token": "p4t"}), json!({}), "P"),
        // It may hold the key with which it is rotated.
        (json!({"patTokenValue": "p4t", "privateKey": "x", "user": "u"}), json!({"auth_type": "pat"}), "P"),
        (json!({"access_token": "p4t"}), json!({}), "O"),
        (json!({"token": "p4t"}), json!({"auth_type": "oauth"}), "O"),
    ] {
        let stub = one().await;
        let made = connected(&stub, &json!({"secret": secret, "options": options}));
        made.query(ask("select 1")).await.unwrap();
        let seen = &stub.seen()[0];
        assert_eq!(seen.token(), "p4t");
        let sent = seen.header("x-snowflake-authorization-token-type");
        assert_eq!(sent, if kind == "P" { "PROGRAMMATIC_ACCESS_TOKEN" } else { "OAUTH" }, "{secret}");
    }
}

#[tokio::test]
async fn an_oauth_token_is_fetched_with_the_clients_credentials() {
    use crate::stub::tokens_at;
    let (url, issued) = tokens_at().await;
    let stub = one().await;
    let secret = json!({"client_id": "i", "client_secret": "s", "token_url": url, "scope": "session:role:R"});
    let made = connected(&stub, &json!({ "secret": secret }));
    made.query(ask("select 1")).await.unwrap();
    made.query(ask("select 1")).await.unwrap();
    assert_eq!(tokens(&stub), ["issued-1", "issued-1"]);
    assert_eq!(issued.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(stub.seen()[0].header("x-snowflake-authorization-token-type"), "OAUTH");
}

#[tokio::test]
async fn a_secret_that_lacks_something_says_what_is_accepted() {
    let stub = one().await;
    let key = include_str!("keys/key.p8");
    for (secret, options, expected) in [
        (json!({"account": "a", "user": "u", "password": "CANARY"}), json!({}), "passwords are not accepted"),
        (json!({"account": "a", "privateKey": key}), json!({}), "lacks user or username or sfUser"),
        (json!({"user": "u", "privateKey": key}), json!({}), "lacks account"),
        (json!({"user": "u"}), json!({"auth_type": "key_pair"}), "lacks privateKey or private_key"),
        (json!({"privateKey": key}), json!({"auth_type": "pat"}), "lacks patTokenValue or token"),
        (json!({"privateKey": key}), json!({"auth_type": "oauth"}), "lacks access_token or token"),
        (json!({"client_id": "i"}), json!({}), "lacks client_secret"),
        (json!({"token": "CANARY\r\nX: 1"}), json!({}), "no header can carry"),
        (
            json!({"account": "a", "user": "u", "privateKey": include_str!("keys/key.aes256.p8"), "passphrase": "CANARY"}),
            json!({}),
            "can't be decrypted with the secret's passphrase",
        ),
        (Value::Null, json!({}), "set `credentials_secret_arn`"),
    ] {
        let more = json!({"secret": secret, "options": options});
        let error = connect(&stub.url(), &stub.clock, &more).err().unwrap().to_string();
        assert!(error.contains(expected) && !error.contains("CANARY"), "{expected}: {error}");
    }
}

#[tokio::test]
async fn no_token_shows_in_an_error_that_repeats_it() {
    let stub = Stub::start(|seen, _| Reply::failure(422, "1", &format!("no: {}", seen.token()))).await;
    let error = connected(&stub, &json!({})).query(ask("select 1")).await.unwrap_err().to_string();
    assert!(error.contains("no: ***") && !error.contains(stub.seen()[0].token()), "{error}");
}
