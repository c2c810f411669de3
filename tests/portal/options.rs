//! `options`: free-form, bounded, and never the place of a credential.

use end_to_end::World;
use serde_json::{Value, json};

use crate::{
    given::{slack, with},
    user::User,
};

/// The closed list of the contract.
const CREDENTIAL_KEYS: &str = "password passwd pwd secret token access_token refresh_token bearer_token bot_token \
     api_key apikey api_token client_secret private_key passphrase credential credentials authorization";

#[tokio::test]
async fn a_key_that_names_a_credential_is_refused_at_any_depth_and_in_any_spelling() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let mut inner = json!({});
    let mut pointers = Vec::new();
    for key in CREDENTIAL_KEYS.split(' ') {
        for spelling in [key.to_owned(), key.to_uppercase(), key.replace('_', "-")] {
            pointers.push(format!("/options/a~1b/0/{spelling}"));
            inner[spelling] = json!("x");
        }
    }
    pointers.sort();
    pointers.dedup();
    let reply = user.create(&with(slack("chat"), "options", json!({"a/b": [inner]}))).await;
    let problem = reply.problem(422, "invalid-body");
    assert_eq!(reply.pointers(), pointers);
    for error in problem["errors"].as_array().unwrap() {
        assert!(error["detail"].as_str().unwrap().contains("credentials_secret_arn"), "{error}");
    }
}

#[tokio::test]
async fn only_whole_keys_name_a_credential() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let options = json!({
        "token_url": "https://example.com/token", "password_policy": "strict", "max_tokens": 5, "secretary": "x",
        "api_key_header": "X-Key", "kind": "password", "cookie": "chocolate", "x-api-key": "outside headers",
    });
    user.created(&with(slack("chat"), "options", options)).await;
}

#[tokio::test]
async fn headers_also_refuse_cookies_and_api_keys() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for spelling in ["headers", "Headers"] {
        let headers =
            json!({"Cookie": "a=b", "X-API-Key": "k", "Authorization": "Bearer x", "Accept": "text/plain"});
        let reply = user.create(&with(slack("chat"), "options", json!({"http": {spelling: headers}}))).await;
        reply.problem(422, "invalid-body");
        let expected =
            ["Authorization", "Cookie", "X-API-Key"].map(|h| format!("/options/http/{spelling}/{h}"));
        assert_eq!(reply.pointers(), expected);
    }
}

#[tokio::test]
async fn options_are_an_object_of_up_to_16_kib_and_8_levels() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let sized = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({"a": inner}));
    let mixed = |levels: usize| json!({"a": (2..levels).fold(json!([]), |inner, _| json!([inner]))});
    user.created(&slack("changed")).await;
    for (index, (fits, does_not)) in [
        (sized(16 * 1024), sized(16 * 1024 + 1)),
        (nested(8), nested(9)),
        (mixed(8), mixed(9)),
        (json!({}), json!([])),
        (json!({}), json!("text")),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("c{index}");
        let refused = user.create(&with(slack(&name), "options", does_not.clone())).await;
        refused.problem(422, "invalid-body");
        assert_eq!(refused.pointers(), ["/options"]);
        assert_eq!(user.created(&with(slack(&name), "options", fits.clone())).await["options"], fits);
        user.update("changed", &json!({"options": does_not})).await.problem(422, "invalid-body");
        assert_eq!(
            user.update("changed", &json!({"options": fits})).await.expect(200).json()["options"],
            fits
        );
    }
}

#[tokio::test]
async fn options_of_governance_must_be_what_they_are_taken_for() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let database = json!({
        "connector_name": "db", "connector_type": "postgres", "connection_url": "postgres://db.example.com/app",
    });
    let cases: [(Value, Value, &str); 4] = [
        (slack("x"), json!({"read_only": "yes"}), "/options/read_only"),
        (slack("x"), json!({"allowed_operations": "post"}), "/options/allowed_operations"),
        (slack("x"), json!({"blocked_operations": [1]}), "/options/blocked_operations"),
        (database.clone(), json!({"blocked_operations": []}), "/options/blocked_operations"),
    ];
    for (body, options, pointer) in cases {
        let reply = user.create(&with(body, "options", options)).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), [pointer]);
    }
    let options =
        json!({"read_only": true, "allowed_operations": ["list*"], "blocked_operations": ["DELETE"]});
    user.created(&with(slack("chat"), "options", options)).await;
    user.created(&with(database, "options", json!({"read_only": true}))).await;
}
