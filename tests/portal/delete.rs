//! `DELETE /api/v1/connectors/{connectorName}`

use end_to_end::World;
use serde_json::json;

use crate::{
    given::{MODES, names, path, slack, snowflake},
    stored,
    user::User,
};

#[tokio::test]
async fn a_deleted_connector_is_gone_from_every_route() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        user.created(&slack("chat")).await;
        let reply = user.delete("chat").await.expect(204);
        assert_eq!((reply.text.as_str(), reply.header("content-type")), ("", ""));
        for (_, call) in user.by_name("chat", "") {
            call.send().await.problem(404, "connector-not-found");
        }
        assert_eq!(names(&user.list("?connector_type=slack").await), [""; 0]);
        assert_eq!(stored::record(&world, "tenant-a", "chat").await, None);
    }
}

#[tokio::test]
async fn a_name_can_be_taken_again_by_a_new_record() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let first = user.created(&snowflake()).await;
    user.update("finance-snowflake", &json!({"enabled": true})).await.expect(200);
    user.test("finance-snowflake").await.expect(200);
    user.delete("finance-snowflake").await.expect(204);
    let reply = user.create(&snowflake()).await.expect(201);
    assert_eq!(reply.header("etag"), "\"1.0\"");
    let second = reply.json();
    assert_ne!(second["id"], first["id"]);
    assert_eq!((&second["version"], &second["health_status"]), (&json!(1), &json!("unknown")));
    assert_eq!(second.get("last_health_check"), None);
    // The counter outlives the connector: what was cached of the first can't serve the second.
    assert_eq!(stored::generation(&world, "tenant-a", "finance-snowflake").await, 4);
}

#[tokio::test]
async fn a_body_on_delete_is_not_read() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    user.created(&slack("chat")).await;
    let call = user.call("DELETE", &path("chat"));
    call.body("not json").send().await.expect(204);
}
