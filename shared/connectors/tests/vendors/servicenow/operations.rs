//! Every operation, held to what its request looked like when it was last compared with the vendor's reference.

use std::collections::BTreeSet;

use model::policy::OperationClass;
use serde_json::{Value, json};

use super::{Ids, KIND, read, world, write};
use crate::setup::golden;

/// Every operation with parameters that use all that it has.
fn all(ids: &Ids) -> Vec<(&'static str, Value)> {
    let Ids { incident, change, template, group, server, database } = ids;
    let dates = ("2026-12-01 22:00:00", "2026-12-01 23:00:00");
    vec![
        (
            "query_table",
            json!({"table": "problem", "query": "active=true^priority<=2", "fields": ["number"],
                "order_by": ["-priority", "number"], "display_value": "all"}),
        ),
        (
            "aggregate",
            json!({"table": "incident", "query": "active=true", "group_by": ["state"], "avg": ["priority"],
                "min": ["priority"], "max": ["priority"], "sum": ["impact"], "display_value": "true"}),
        ),
        (
            "list_incidents",
            json!({"active": true, "state": ["new", 2], "priority": [4, 5], "category": "inquiry",
                "assignment_group": "Network", "configuration_item": "web-1", "text": "VPN",
                "opened_until": "2027-01-01", "query": "caller_idISEMPTY", "fields": ["number", "state"],
                "order_by": ["-sys_created_on"], "display_value": "true"}),
        ),
        ("get_incident", json!({"incident": "INC0010001", "fields": ["number"], "display_value": "all"})),
        (
            "create_incident",
            json!({"short_description": "No VPN", "description": "Since this morning", "caller": "Abel Tuter",
                "category": "network", "subcategory": "vpn", "impact": 2, "urgency": 1,
                "assignment_group": "Network", "assigned_to": "Ada Agent", "configuration_item": "web-1",
                "contact_type": "email", "work_notes": "Seen by the monitor", "correlation_id": "mon-17",
                "fields": {"u_region": "EMEA"}, "input_display_value": true, "display_value": "true"}),
        ),
        (
            "update_incident",
            json!({"incident": "INC0010001", "state": "in_progress", "urgency": 1, "assignment_group": group,
                "work_notes": "Looking", "fields": {"u_region": null}}),
        ),
        ("add_work_note", json!({"incident": incident, "note": "Restarted the gateway."})),
        ("add_comment", json!({"incident": incident, "comment": "We are on it."})),
        (
            "resolve_incident",
            json!({"incident": incident, "close_code": "Solution provided", "close_notes": "New certificate"}),
        ),
        (
            "list_changes",
            json!({"type": "normal", "state": ["new", "assess"], "active": true, "configuration_item": "web-1",
                "text": "firm", "query": "priority=4", "order_by": ["-number"]}),
        ),
        ("get_change", json!({"change": "CHG0010001"})),
        ("next_states", json!({ "change": change })),
        ("get_conflicts", json!({ "change": change })),
        ("list_change_tasks", json!({ "change": change })),
        ("list_change_templates", json!({"text": "BGP"})),
        (
            "create_normal_change",
            json!({"short_description": "New subnet", "description": "10.2.0.0/16", "assignment_group": group,
                "planned_start": dates.0, "planned_end": dates.1, "risk": 3, "impact": 3,
                "justification": "Growth", "implementation_plan": "1. …", "backout_plan": "1. …",
                "test_plan": "Ping", "fields": {"reason": "Network requirements"}}),
        ),
        ("create_emergency_change", json!({"short_description": "Replace the disk", "impact": 1})),
        ("create_standard_change", json!({"template": template, "planned_start": dates.0})),
        ("create_change", json!({"short_description": "New host", "type": "normal", "model": "Cloud"})),
        ("update_change", json!({"change": "CHG0010001", "state": "assess", "work_notes": "Ready"})),
        ("approve_change", json!({"change": change, "state": "rejected", "comments": "Not on Friday"})),
        ("check_conflicts", json!({ "change": change })),
        (
            "create_change_task",
            json!({"change": change, "short_description": "Back up", "planned_end": dates.1}),
        ),
        (
            "cmdb_list",
            json!({"class": "cmdb_ci_linux_server", "name": "web", "ip_address": "10.0.0.7",
                "query": "ramISEMPTY", "order_by": ["name"]}),
        ),
        ("cmdb_get", json!({"class": "cmdb_ci_linux_server", "item": server})),
        (
            "cmdb_create",
            json!({"class": "cmdb_ci_linux_server", "attributes": {"name": "web-4", "ram": "4096"},
                "source": "Other Automated", "outbound_relations": [
                    {"type": "1a9cb166f1571100a92eb60da2bce5c5", "target": database}]}),
        ),
        (
            "cmdb_update",
            json!({"class": "cmdb_ci_linux_server", "item": "web-1", "attributes": {"ram": "8192"},
                "source": "Other Automated"}),
        ),
    ]
}

#[tokio::test]
async fn every_operation_sends_what_the_reference_says() {
    let mut done = BTreeSet::new();
    let names = all(&world().await.2).into_iter().map(|(name, _)| name);
    for (index, name) in names.enumerate() {
        // A world each, so that one operation's doings are not in another's record.
        let (instance, made, ids) = world().await;
        instance.vendor(|v| v.set("change_request", &ids.change, "approval", "requested"));
        let (_, parameters) = all(&ids).swap_remove(index);
        let spec = connectors::operations(KIND).into_iter().find(|spec| spec.name == name).unwrap();
        match spec.class {
            OperationClass::Read => {
                let rows = read(&made, name, parameters).await.unwrap_or_else(|why| panic!("{name}: {why}"));
                let empty = matches!(name, "list_change_tasks");
                assert_eq!(rows.is_empty(), empty, "{name}");
            }
            OperationClass::Write => {
                let written = write(&made, name, parameters).await;
                let written = written.unwrap_or_else(|why| panic!("{name}: {why}"));
                assert_eq!(written.rows_affected, 1, "{name}");
                assert_eq!(written.rows.map(|rows| rows.items().len()), Some(1), "{name}");
            }
        }
        golden("servicenow", name, &instance.golden());
        done.insert(name);
    }
    let known: BTreeSet<&str> = connectors::operations(KIND).into_iter().map(|spec| spec.name).collect();
    assert_eq!(done, known);
}

#[tokio::test]
async fn every_operation_fails_as_the_instance_says() {
    let names = all(&world().await.2).into_iter().map(|(name, _)| name);
    for (index, name) in names.enumerate() {
        let (instance, made, ids) = world().await;
        instance.vendor(|v| v.access.in_scope = false);
        let (_, parameters) = all(&ids).swap_remove(index);
        let error = write(&made, name, parameters).await.unwrap_err().to_string();
        assert!(error.contains("Access to unscoped api is not allowed"), "{name}: {error}");
    }
}
