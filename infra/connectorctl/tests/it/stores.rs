//! Tables: which are meant, and what is said when they do not answer.

use end_to_end::World;
use serde_json::json;

use crate::support::{Desk, rows};

const EVERY: [(&str, &str); 6] = [
    ("session create --tenant t --user u --role viewer", "sessions"),
    ("session list", "sessions"),
    ("session revoke abcdef", "sessions"),
    ("license revoke lic-1", "licenses"),
    ("license revoked", "licenses"),
    ("audit list --tenant t", "audit"),
];

#[tokio::test]
async fn a_store_that_is_not_there_is_named_with_what_to_do() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    desk.set("AWS_ENDPOINT_URL", Some("http://127.0.0.1:1"));
    for (line, table) in EVERY {
        desk.refused(line, 1, &[table, "AWS_REGION", "AWS_ENDPOINT_URL"]).await;
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named_and_its_name_comes_from_flag_or_variable() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    for (line, kind) in EVERY {
        let flag = format!("{line} --{kind}-table other-{kind}");
        desk.refused(&flag, 1, &[&format!("other-{kind}"), "no such table"]).await;
        let variable = format!("{}_TABLE", kind.to_uppercase());
        desk.set(&variable, Some("from-variable"));
        desk.refused(line, 1, &["from-variable", "no such table"]).await;
        // As for the functions, a variable that is set to nothing is not set.
        desk.set(&variable, Some(""));
    }
    assert_eq!(rows(&desk.json("session list").await).len(), 2);
}

#[tokio::test]
async fn none_of_a_functions_other_settings_is_needed_or_judged() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    for (variable, value) in [("DEPLOYMENT_MODE", "odd"), ("EGRESS_ALLOW", "odd odd"), ("LOG_LEVEL", "odd")] {
        desk.set(variable, Some(value));
    }
    desk.done("session list").await;
    desk.done("connector list").await;
}

#[tokio::test]
async fn an_item_that_can_not_be_read_is_told_and_not_quoted() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let item = json!({"token_hash": {"S": "c4n4ry"}, "user": {"S": "c4n4ry"}});
    world.dynamo("PutItem", &json!({"TableName": "sessions", "Item": item})).await;
    let ended = desk.refused("session list", 1, &["sessions", "unreadable"]).await;
    assert!(!ended.stderr.contains("c4n4ry"));
}
