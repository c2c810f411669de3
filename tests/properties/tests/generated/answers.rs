//! Answers of vendors that refuse, with secrets in every place.

use model::connector_type::ConnectorType;
use properties::{refusal, token};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::config;

fn words() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => "[a-z ]{0,20}",
        2 => Just("CANARY-7f3a91".to_owned()),
        1 => Just("CANARY-7f3a91-long".to_owned()),
        1 => Just("CANARY-\u{7}7f3a91".to_owned()),
        1 => Just("-----BEGIN KEY-----\nCANARYab\nCANARYcd\n-----END KEY-----\n".to_owned()),
        1 => Just("-----BEGIN KEY-----CANARYabCANARYcd-----END KEY-----".to_owned()),
        1 => "x{280,310}",
        1 => "\\PC{0,10}",
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn body() -> impl Strategy<Value = Value> {
    let code = prop_oneof![
        3 => prop::sample::select(vec![
            "INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "ratelimited", "missing_scope",
            "invalid_auth", "38195", "141", "390189", "390201", "000606", "invalid_grant", "RATE_LIMIT", "MISSING_SCOPES",
        ]).prop_map(str::to_owned),
        1 => words(),
    ];
    (code, words(), 0..9_usize).prop_map(|(code, words, shape)| match shape {
        0 => json!([{"errorCode": code, "message": words, "fields": [words]}]),
        1 => json!({"ok": false, "error": code, "needed": words, "response_metadata": {"messages": [words]}}),
        2 => json!({"errors": [{"status": 400, "code": code, "title": words, "detail": words, "source": {"parameter": words}}]}),
        3 => json!({"errorMessages": [words], "errors": {code: words}}),
        4 => json!({"error": {"message": code, "detail": words}, "status": "failure"}),
        5 => json!({"status": "error", "message": words, "category": code, "policyName": words, "errors": [{"message": words, "code": code}]}),
        6 => json!({"code": code, "message": words, "sqlState": words}),
        7 => json!({"error": code, "error_description": words, "access_token": words, "token_type": code}),
        _ => json!({"detail": words, "title": code, "compositeResponse": [{"body": [{"errorCode": code, "message": words}], "httpStatusCode": 400}]}),
    })
}

fn headers() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "content-type: application/json",
        "content-type: text/html",
        "retry-after: 7",
        "retry-after: CANARY-7f3a91",
        "retry-after: Fri, 10 Jul 2026 19:19:11 GMT",
        "x-seraph-loginreason: AUTHENTICATED_FAILED",
        "x-ratelimit-reset: 2026-07-10T19:20Z",
        "date: Fri, 10 Jul 2026 19:19:11 GMT",
        "ratelimit-reason: jira-quota-global-based",
        "x-hubspot-ratelimit-daily-remaining: 0",
    ]);
    prop::collection::vec(line, 0..4).prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_refusal_shows_a_secret(
        kind in prop::sample::select(ConnectorType::ALL.to_vec()),
        status in prop_oneof![200_u16..600, prop::sample::select(vec![200_u16, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503])],
        headers in headers(),
        body in body(),
    ) {
        let answer = format!("{} {status}\n{headers}\n{body}", kind.as_str());
        refusal::check(answer.as_bytes());
        token::check(answer.as_bytes());
    }
}
