//! The body before it is looked into: its size, its type, its text. POST, PUT and the test route alike.

use end_to_end::{Call, World};
use serde_json::json;

use crate::{
    given::{CONNECTORS, path, slack},
    user::User,
};

const LIMIT: usize = 64 * 1024;

/// The routes that read a body, with a body that each takes.
async fn routes(user: &User) -> [(Call, String, u16); 3] {
    user.created(&slack("there")).await;
    [
        (user.call("POST", CONNECTORS), slack("new").to_string(), 201),
        (user.call("PUT", &path("there")), json!({"description": "x"}).to_string(), 200),
        (user.call("POST", &path("there/test")), json!({"mode": "simulated"}).to_string(), 200),
    ]
}

#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let world = World::saas().await;
    for (call, body, success) in routes(&User::of(&world, "tenant-a")).await {
        let padded = |bytes: usize| body.clone() + &" ".repeat(bytes - body.len());
        let sized =
            |bytes: usize| call.clone().header("content-type", "application/json").body(padded(bytes));
        let problem = sized(LIMIT + 1).send().await.problem(413, "body-too-large");
        assert!(problem["detail"].as_str().unwrap().contains("65536"), "{problem}");
        sized(LIMIT).send().await.expect(success);
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_it_is_json_is_refused() {
    let world = World::saas().await;
    for (call, body, _) in routes(&User::of(&world, "tenant-a")).await {
        call.clone().body(body.clone()).send().await.problem(415, "not-json");
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
            "application/json; charset=iso-8859-1",
            "multipart/form-data; boundary=x",
            "json",
            "",
        ] {
            let reply = call.clone().header("content-type", kind).body(body.clone()).send().await;
            reply.problem(415, "not-json");
        }
    }
}

#[tokio::test]
async fn every_spelling_of_json_is_taken_however_the_gateway_tells_it() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("there")).await;
    for (index, kind) in [
        "application/json",
        "APPLICATION/JSON;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
        // Told in base64: the gateway knows only a few types as text.
        "application/merge-patch+json",
        "application/vnd.axonflow.connector+json; version=1",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("c{index}");
        let body = json!({"connector_name": name, "connector_type": "slack", "display_name": "Zürich ☃"})
            .to_string();
        let sent =
            user.call("POST", CONNECTORS).header("content-type", kind).body(body).send().await.expect(201);
        assert_eq!(sent.json()["display_name"], "Zürich ☃");
        let change =
            user.call("PUT", &path("there")).header("content-type", kind).body(r#"{"description":"é"}"#);
        assert_eq!(change.send().await.expect(200).json()["description"], "é");
    }
}

#[tokio::test]
async fn text_that_is_not_json_is_told_where_it_breaks_and_never_repeated() {
    let world = World::saas().await;
    for (call, _, _) in routes(&User::of(&world, "tenant-a")).await {
        for (text, at) in [
            (&b"{\"c4n4ry\": }"[..], "line 1, column 12"),
            (b"{\n  \"a\": 1,\n}", "line 3, column 1"),
            (b"{\"a\": \"c4n4ry", "too early"),
            (b"   ", "too early"),
            (b"{} c4n4ry", "line 1"),
            (b"\xff\xfe{}", "line 1"),
            (b"{\"a\": \"\xc3\"}", "line 1"),
        ] {
            let reply = call.clone().header("content-type", "application/json").body(text).send().await;
            let problem = reply.problem(400, "bad-request");
            assert!(problem["detail"].as_str().unwrap().contains(at), "{problem}");
            assert!(!reply.text.contains("c4n4ry"), "{problem}");
        }
    }
}

#[tokio::test]
async fn json_that_is_no_object_is_a_fault_of_the_whole_body() {
    let world = World::saas().await;
    for (call, _, _) in routes(&User::of(&world, "tenant-a")).await {
        for body in [json!([slack("a")]), json!("text"), json!(7), json!(true), json!(null)] {
            let reply = call.clone().json(&body).send().await;
            reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), [""], "{body}");
        }
    }
}

#[tokio::test]
async fn a_body_is_needed_to_create_and_to_update_but_not_to_test() {
    let world = World::saas().await;
    let [(create, ..), (update, ..), (test, ..)] = routes(&User::of(&world, "tenant-a")).await;
    for call in [create, update] {
        call.clone().send().await.problem(400, "bad-request");
        call.header("content-type", "application/json").send().await.problem(400, "bad-request");
    }
    test.clone().send().await.expect(200);
    test.header("content-type", "application/json").send().await.expect(200);
}

#[tokio::test]
async fn what_is_nested_too_deep_to_read_is_refused_not_crashed_on() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let bomb = "[".repeat(30_000);
    let call = user.call("POST", CONNECTORS).header("content-type", "application/json");
    call.body(bomb).send().await.problem(400, "bad-request");
}
