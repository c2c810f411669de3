//! Change requests from their opening to their end.

use connectors::ConnectorError;
use serde_json::json;

use super::{column, read, row, world, write};

#[tokio::test]
async fn a_normal_change_goes_its_way_by_approval() {
    let (instance, made, _) = world().await;
    let opened =
        json!({"short_description": "New subnet", "risk": 3, "planned_start": "2026-12-01 22:00:00"});
    let opened = row(&write(&made, "create_normal_change", opened).await.unwrap());
    assert_eq!(
        (&opened["type"]["value"], &opened["__meta"]["ignoredFields"]),
        (&json!("normal"), &json!([]))
    );
    let id = opened["sys_id"]["value"].as_str().unwrap().to_owned();
    let number = opened["number"]["value"].as_str().unwrap().to_owned();

    let next = read(&made, "next_states", json!({"change": number})).await.unwrap();
    assert_eq!(next[0]["available_states"], json!(["-5", "-4", "4"]));
    assert_eq!(next[0]["state_label"]["-4"], "Assess");
    let to = |state: &str| json!({"change": number, "state": state});
    let error = write(&made, "update_change", to("implement")).await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::Rejected { .. }) && error.to_string().contains("Business Rule"),
        "{error}"
    );
    write(&made, "update_change", to("assess")).await.unwrap();

    let approved = json!({"change": number, "state": "approved"});
    let error = write(&made, "approve_change", approved.clone()).await.unwrap_err().to_string();
    assert!(error.contains("does not have the authority"), "{error}");
    instance.vendor(|v| v.set("change_request", &id, "approval", "requested"));
    let done = row(&write(&made, "approve_change", approved).await.unwrap());
    assert_eq!(done["state"]["display_value"], "Authorize");
    for state in ["scheduled", "implement", "review", "closed"] {
        let done = row(&write(&made, "update_change", to(state)).await.unwrap());
        assert_eq!(done["state"]["display_value"].as_str().unwrap().to_lowercase(), state);
    }
    let closed = read(&made, "get_change", json!({"change": id})).await.unwrap();
    assert_eq!(closed[0]["active"]["value"], false);
}

#[tokio::test]
async fn a_rejection_says_why() {
    let (instance, made, ids) = world().await;
    instance.vendor(|v| v.set("change_request", &ids.change, "approval", "requested"));
    let rejected = json!({"change": ids.change, "state": "rejected"});
    let error = write(&made, "approve_change", rejected).await.unwrap_err().to_string();
    assert!(error.contains("comments"), "{error}");
    let rejected = json!({"change": ids.change, "state": "rejected", "comments": "Not on Friday"});
    let done = row(&write(&made, "approve_change", rejected).await.unwrap());
    assert_eq!(done["approval"]["value"], "rejected");
    assert_eq!(instance.vendor(|v| v.journal(&ids.change, "comments")), ["Not on Friday"]);
}

#[tokio::test]
async fn each_type_of_change_is_opened_and_listed_as_such() {
    let (_instance, made, ids) = world().await;
    let short = |text: &str| json!({ "short_description": text });
    write(&made, "create_emergency_change", short("Disk")).await.unwrap();
    let standard = json!({"template": "Clear BGP", "fields": {"description": "mine"}});
    let standard = row(&write(&made, "create_standard_change", standard).await.unwrap());
    assert_eq!(standard["short_description"]["value"], "Clear BGP sessions on a router");
    assert_eq!(standard["__meta"]["ignoredFields"], json!(["description"]));
    let by_type = json!({"short_description": "Host", "type": "emergency"});
    write(&made, "create_change", by_type).await.unwrap();
    let error = write(&made, "create_change", short("Host")).await.unwrap_err().to_string();
    assert!(error.contains("needs a type or a model"), "{error}");

    for (filter, expected) in [
        (json!({"type": "emergency"}), vec!["New disk", "Disk", "Host"]),
        (json!({"type": "standard"}), vec!["Clear BGP sessions on a router"]),
        (json!({"state": "new", "text": "firm"}), vec!["New firmware"]),
        (json!({"planned_from": "2026-12-01"}), vec![]),
    ] {
        let rows = read(&made, "list_changes", filter.clone()).await.unwrap();
        assert_eq!(column(&rows, "short_description"), expected, "{filter}");
    }
    let templates = read(&made, "list_change_templates", json!({})).await.unwrap();
    assert_eq!(column(&templates, "sys_id"), [ids.template]);
}

#[tokio::test]
async fn conflicts_are_checked_and_then_read() {
    let (_instance, made, ids) = world().await;
    let change = json!({ "change": ids.change });
    let before = read(&made, "get_conflicts", change.clone()).await.unwrap();
    assert_eq!((&before[0]["status"], &before[0]["conflicts"]), (&json!("Not Run"), &json!([])));
    let started = row(&write(&made, "check_conflicts", change.clone()).await.unwrap());
    assert_eq!(started["body"].as_str().map(str::len), Some(32), "{started}");
    let after = read(&made, "get_conflicts", change).await.unwrap();
    assert_eq!(after[0]["conflicts"][0]["type"]["value"], "ci_already_scheduled");

    let alone = row(&write(&made, "create_normal_change", json!({"short_description": "x"})).await.unwrap());
    let alone = json!({"change": alone["sys_id"]["value"]});
    let error = write(&made, "check_conflicts", alone).await.unwrap_err().to_string();
    assert!(error.contains("needs a configuration item"), "{error}");
}

#[tokio::test]
async fn tasks_belong_to_their_change() {
    let (instance, made, ids) = world().await;
    let task = json!({"change": "CHG0010001", "short_description": "Back up", "fields": {"u_nothing": 1}});
    let done = row(&write(&made, "create_change_task", task).await.unwrap());
    assert_eq!(done["parent"]["value"], ids.change.as_str());
    assert_eq!(done["__meta"]["ignoredFields"], json!(["u_nothing"]));
    // The vendor passes over what its table lacks, and says so.
    assert_eq!(instance.take_violations().len(), 1);
    let tasks = read(&made, "list_change_tasks", json!({ "change": ids.change })).await.unwrap();
    assert_eq!(column(&tasks, "short_description"), ["Back up"]);
    let none = read(&made, "list_change_tasks", json!({"change": "CHG0010002"})).await.unwrap();
    assert!(none.is_empty());
}
