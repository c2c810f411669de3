//! `If-Match` on PUT and DELETE: optional, and judged by the version alone.

use end_to_end::{Call, World};
use serde_json::json;

use crate::{
    given::{MODES, path, slack},
    stored,
    user::User,
};

/// A PUT and a DELETE of a connector that is at version 2 and has been tested once.
async fn writes(user: &User, name: &str) -> [(Call, u16); 2] {
    user.created(&slack(name)).await;
    user.update(name, &json!({})).await.expect(200);
    user.test(name).await.expect(200);
    let put = user.call("PUT", &path(name)).json(&json!({"description": "written"}));
    [(put, 200), (user.call("DELETE", &path(name)), 204)]
}

#[tokio::test]
async fn a_stale_tag_is_refused_and_told_the_current_one() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        for (call, _) in writes(&user, "chat").await {
            for stale in ["\"1.0\"", "\"1.1\"", "\"3.1\"", "\"1.0\", \"3.0\""] {
                let reply = call.clone().header("if-match", stale).send().await;
                reply.problem(412, "stale-version");
                assert_eq!(reply.header("etag"), "\"2.1\"");
            }
        }
        assert_eq!(user.record("chat").await.get("description"), None);
        assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 2);
    }
}

#[tokio::test]
async fn what_is_no_strong_tag_of_ours_matches_nothing() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (call, _) in writes(&user, "chat").await {
        for tag in
            ["W/\"2.1\"", "2.1", "2", "\"\"", "\"02.1\"", "\"x\"", "\"2.1", "", "\"2.1\u{e9}\"", "\u{e9}"]
        {
            call.clone().header("if-match", tag).send().await.problem(412, "stale-version");
        }
    }
    assert_eq!(user.record("chat").await["version"], 2);
}

#[tokio::test]
async fn a_current_tag_lets_the_write_through() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    // The second is the tag from before the test: a test must not cost a writer its edit.
    for (index, tag) in ["\"2.1\"", "\"2.0\"", "\"9.0\", \"2.1\"", "*"].into_iter().enumerate() {
        let [(put, updated), _] = writes(&user, &format!("put{index}")).await;
        let reply = put.header("if-match", tag).send().await.expect(updated);
        assert_eq!(reply.header("etag"), "\"3.1\"");
        let [_, (delete, deleted)] = writes(&user, &format!("delete{index}")).await;
        delete.header("if-match", tag).send().await.expect(deleted);
    }
}

#[tokio::test]
async fn the_tag_of_each_answer_is_good_for_the_next_write() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    let mut tag = user.create(&slack("chat")).await.header("etag").to_owned();
    for version in 2..6 {
        let body = json!({"description": format!("{version}")});
        let reply =
            user.call("PUT", &path("chat")).header("if-match", &tag).json(&body).send().await.expect(200);
        assert_eq!(reply.json()["version"], version);
        tag = reply.header("etag").to_owned();
    }
}
