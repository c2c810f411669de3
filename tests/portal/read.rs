//! `GET /api/v1/connectors/{connectorName}`

use end_to_end::World;
use serde_json::json;

use crate::{
    given::{MODES, path, slack, snowflake},
    user::User,
};

#[tokio::test]
async fn a_record_is_read_with_its_tag() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        let created = user.created(&snowflake()).await;
        let reply = user.read("finance-snowflake").await.expect(200);
        assert_eq!(reply.json(), created);
        assert_eq!(reply.header("etag"), "\"1.0\"");
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "private, no-cache");
    }
}

#[tokio::test]
async fn a_poller_that_has_the_current_record_is_told_so_without_a_body() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let poll = |tag: &'static str| user.call("GET", &path("chat")).header("if-none-match", tag).send();
    for current in ["\"1.0\"", "W/\"1.0\"", "\"9.9\", \"1.0\"", "*"] {
        let reply = poll(current).await.expect(304);
        assert_eq!(reply.text, "");
        assert_eq!(reply.header("etag"), "\"1.0\"");
    }
    for other in ["\"1.1\"", "\"2.0\"", "1.0", "\"\"", "nonsense", ""] {
        assert_eq!(poll(other).await.expect(200).json()["connector_name"], "chat");
    }
    // A test shows itself to the poller, and so does an update.
    user.test("chat").await.expect(200);
    assert_eq!(poll("\"1.0\"").await.expect(200).header("etag"), "\"1.1\"");
    user.update("chat", &json!({})).await.expect(200);
    assert_eq!(poll("\"1.1\"").await.expect(200).header("etag"), "\"2.1\"");
}

#[tokio::test]
async fn a_name_that_no_connector_has_is_not_found_on_any_route() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        user.created(&slack("chat")).await;
        let too_long = "n".repeat(64);
        for name in [
            "nobody",
            "CHAT",
            "chat%20",
            "%20chat",
            "ch%2Fat",
            "chat%2F",
            "chat%3Fx",
            "chat%23x",
            "chat%0A",
            "caf%C3%A9",
            "%F0%9F%A6%80",
            "%25",
            "chat%2525",
            "tenant-a%23chat",
            "refresh",
            "cache",
            "..",
            "%2E%2E",
            "*",
            &too_long,
        ] {
            for (route, call) in user.by_name(name, "") {
                let reply = call.send().await;
                assert_eq!(reply.status, 404, "{route} {name}: {}", reply.text);
                reply.problem(404, "connector-not-found");
            }
        }
        assert_eq!(user.record("chat").await["version"], 1);
    }
}
