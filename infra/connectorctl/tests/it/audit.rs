//! The audit of what was done through the portal and refused by the agent.

use end_to_end::World;
use serde_json::{Value, json};

use crate::support::{Desk, rows, text};

/// tenant-a creates and changes a connector, tenant-b creates one, and a query of tenant-a is refused.
async fn history(world: &World) {
    world.create(&json!({"connector_name": "crm", "connector_type": "slack"})).await;
    let change = json!({"enabled": false});
    world.portal("PUT", "/api/v1/connectors/crm").json(&change).send().await.expect(200);
    let body = json!({"connector_name": "erp", "connector_type": "slack"});
    world.portal_as("tenant-b", "POST", "/api/v1/connectors").json(&body).send().await.expect(201);
    let refused = json!({"connector": "demo-crm", "operation": "DELETE", "statement": "/accounts/1"});
    world.query(&refused).send().await.expect(403);
}

fn told(list: &Value) -> Vec<(&str, &str, &str)> {
    let told = |entry| (text(entry, "tenant_id"), text(entry, "connector_name"), text(entry, "action"));
    rows(list).iter().map(told).collect()
}

#[tokio::test]
async fn filters_admit_what_they_name_and_the_newest_come_first() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    history(&world).await;
    let refused = ("tenant-a", "demo-crm", "query_refused");
    let erp = ("tenant-b", "erp", "connector_create");
    let update = ("tenant-a", "crm", "connector_update");
    let create = ("tenant-a", "crm", "connector_create");
    let seeds = [("tenant-b", "demo-crm", "connector_create"), ("tenant-a", "demo-crm", "connector_create")];
    for (flags, expected) in [
        ("", vec![refused, erp, update, create, seeds[0], seeds[1]]),
        ("--limit 2", vec![refused, erp]),
        ("--tenant tenant-a", vec![refused, update, create, seeds[1]]),
        ("--tenant tenant-a --limit 1", vec![refused]),
        ("--connector crm", vec![update, create]),
        ("--action connector_update", vec![update]),
        ("--tenant tenant-a --action connector_create --connector crm", vec![create]),
        ("--who editor@tenant-b", vec![erp]),
        ("--who license:", vec![refused]),
        ("--tenant tenant-b --since 1h", vec![erp, seeds[0]]),
        ("--until 1h", vec![]),
        ("--tenant tenant-a --until 2020-01-01", vec![]),
        ("--since 2020-01-01 --until 2100-01-01 --who editor", vec![erp, update, create]),
    ] {
        let list = desk.json(&format!("audit list {flags}")).await;
        assert_eq!(told(&list), expected, "{flags}");
    }
}

#[tokio::test]
async fn json_has_both_records_and_the_table_a_line_an_entry() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    history(&world).await;
    let list = desk.json("audit list --tenant tenant-a --action connector_update").await;
    let update = &rows(&list)[0];
    assert_eq!((&update["before"]["enabled"], &update["after"]["enabled"]), (&json!(true), &json!(false)));
    assert_eq!(text(update, "who"), "session:editor@tenant-a");
    let table = desk.done("audit list --tenant tenant-a").await;
    assert!(table.starts_with("AT") && table.lines().count() == 5, "{table}");
    let ended = desk.run("audit list --tenant nobody").await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, "no entries\n"));
}
