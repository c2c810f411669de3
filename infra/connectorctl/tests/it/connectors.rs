//! Connectors, as the portal shows them to a session.

use end_to_end::World;
use serde_json::json;

use crate::support::{Desk, rows, text};

#[tokio::test]
async fn every_page_of_the_list_is_followed() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    for number in 0..5 {
        let name = format!("c{number}");
        world.create(&json!({"connector_name": name, "connector_type": "slack"})).await;
    }
    for flags in ["", "--page-size 1", "--page-size 2", "--page-size 3", "--page-size 6"] {
        let list = desk.json(&format!("connector list {flags}")).await;
        let names: Vec<&str> = rows(&list).iter().map(|record| text(record, "connector_name")).collect();
        assert_eq!(names, ["c0", "c1", "c2", "c3", "c4", "demo-crm"], "{flags}");
    }
    let list = desk.json("connector list --type slack --page-size 2").await;
    assert_eq!(rows(&list).len(), 5);
    let table = desk.done("connector list").await;
    assert!(table.starts_with("TENANT") && table.lines().count() == 7, "{table}");
}

#[tokio::test]
async fn one_is_shown_as_the_api_shows_it() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let record = desk.json("connector show demo-crm").await;
    let api = world.portal("GET", "/api/v1/connectors/demo-crm").send().await.expect(200).json();
    assert_eq!(record, api);
    let lines = desk.done("connector show demo-crm").await;
    assert!(lines.contains("connector_type") && lines.contains("...masked"), "{lines}");
    desk.refused("connector show no-such", 1, &["404", "connector list"]).await;
}

#[tokio::test]
async fn a_platform_is_shown_and_narrowed_to_a_tenant() {
    let world = World::invpc().await;
    let desk = Desk::at(&world);
    assert_eq!(rows(&desk.json("connector list").await).len(), 2);
    assert_eq!(rows(&desk.json("connector list --tenant tenant-b").await).len(), 1);
    let theirs = desk.json("connector show demo-crm --tenant tenant-b").await;
    assert_eq!(text(&theirs, "tenant_id"), "tenant-b");
}

#[tokio::test]
async fn a_base_url_may_end_in_a_slash() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    let slash = format!("{}/", desk.variable("PORTAL"));
    desk.set("PORTAL", Some(&slash));
    assert_eq!(rows(&desk.json("connector list").await).len(), 1);
}

#[tokio::test]
async fn what_the_portal_refuses_is_told_with_what_to_do() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    desk.refused("connector list --type oracle", 1, &["400", "connector_type"]).await;
    for token in ["c4n4ry", "-c4n4ry"] {
        // A token is base64url and may begin with a hyphen.
        let line = format!("connector list --session {token}");
        desk.refused(&line, 1, &["401", "session create", "SESSION"]).await;
    }
    desk.set("SESSION", None);
    desk.refused("connector list", 2, &["--session"]).await;
    // Another service than the portal, and none at all.
    let demo = format!("http://{}", world.stack.demo);
    desk.refused(&format!("connector list --session x --api {demo}"), 1, &["--api"]).await;
    let aws = format!("http://{}", world.stack.aws);
    desk.refused(&format!("connector list --session x --api {aws}"), 1, &["portal API"]).await;
    desk.refused("connector list --session x --api http://127.0.0.1:1", 1, &["127.0.0.1:1", "--api"]).await;
    for url in ["http://portal.example.com", "http://10.0.0.1", "ftp://localhost", "portal"] {
        desk.refused(&format!("connector list --session x --api {url}"), 2, &["--api"]).await;
    }
    desk.refused("connector list --session x --api https://169.254.169.254", 1, &["refused"]).await;
}
