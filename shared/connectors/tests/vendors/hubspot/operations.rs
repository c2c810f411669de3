//! Every operation, done: what is sent, held to snapshots, and what it did.

use serde_json::{Value, json};
use stand_ins::{StandIn, hubspot::HubSpot};

use super::{account, hub, made};
use crate::setup::{Made, ask, golden, say, values};

async fn read(hub: &Made, account: &StandIn<HubSpot>, name: &str, parameters: Value) -> Vec<Value> {
    account.forget();
    let rows = hub.query(ask(name).with(parameters)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    golden("hubspot", name, &account.golden());
    rows
}

async fn write(hub: &Made, account: &StandIn<HubSpot>, name: &str, parameters: Value) -> (u64, Vec<Value>) {
    account.forget();
    let done =
        hub.execute(ask(name).with(parameters)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    golden("hubspot", name, &account.golden());
    (done.rows_affected, done.rows.as_ref().map(values).unwrap_or_default())
}

fn of<'v>(rows: &'v [Value], pointer: &str) -> Vec<&'v str> {
    rows.iter().map(|row| row.pointer(pointer).and_then(Value::as_str).unwrap_or_default()).collect()
}

#[tokio::test]
async fn records_are_found() {
    let account = account().await;
    account.vendor(|hub| {
        hub.seed("contacts", 3);
        hub.seed("companies", 2);
        hub.seed("deals", 3);
        hub.seed("tickets", 1);
    });
    let hub = hub(&account);
    let is = json!([{"propertyName": "email", "operator": "EQ", "value": "person2@example.com"}]);
    let found =
        read(&hub, &account, "search_contacts", json!({"filters": is, "properties": ["email"]})).await;
    assert_eq!(of(&found, "/properties/email"), ["person2@example.com"]);
    let found =
        read(&hub, &account, "search_companies", json!({"query": "company 1", "properties": ["name"]})).await;
    assert_eq!(of(&found, "/properties/name"), ["Company 1"]);
    let groups = json!([
        {"filters": [{"propertyName": "amount", "operator": "BETWEEN", "value": 150, "highValue": "250"}]},
        {"filters": [{"propertyName": "dealname", "operator": "IN", "values": ["deal 3"]}]},
    ]);
    let sorts = json!([{"propertyName": "amount", "direction": "DESCENDING"}]);
    let found = read(&hub, &account, "search_deals", json!({"filterGroups": groups, "sorts": sorts})).await;
    assert_eq!(of(&found, "/properties/dealname"), ["Deal 3", "Deal 2"]);
    let found = read(&hub, &account, "search", json!({"objectType": "tickets", "query": "ticket"})).await;
    assert_eq!(of(&found, "/properties/subject"), ["Ticket 1"]);
    // The statement is the text that is looked for, or as older clients have it the operation's name.
    assert_eq!(hub.query(say("search_contacts")).await.unwrap().len(), 3);
}

#[tokio::test]
async fn records_are_read() {
    let account = account().await;
    let ids = account.vendor(|hub| hub.seed("contacts", 3));
    account.vendor(|hub| hub.seed("companies", 1));
    let hub = hub(&account);
    let one = json!({
        "objectType": "contacts",
        "id": "person2@example.com",
        "idProperty": "email",
        "properties": ["email", "company"],
        "associations": ["companies"],
    });
    let found = read(&hub, &account, "get", one).await;
    assert_eq!(of(&found, "/properties/company"), ["Even Ltd"]);
    let found = read(
        &hub,
        &account,
        "list",
        json!({"objectType": "companies", "properties": ["name"], "archived": false}),
    )
    .await;
    assert_eq!(of(&found, "/properties/name"), ["Company 1"]);
    let some = json!({"objectType": "contacts", "ids": [ids[0], "999", ids[2]], "properties": ["email"]});
    let found = read(&hub, &account, "batch_read", some).await;
    assert_eq!(of(&found, "/properties/email"), ["person1@example.com", "person3@example.com"]);
    let found = read(&hub, &account, "list_owners", json!({"email": "owner2@example.com"})).await;
    assert_eq!(of(&found, "/id"), ["2"]);
    let found = read(&hub, &account, "list_pipelines", json!({"objectType": "deals"})).await;
    assert_eq!(of(&found, "/id"), ["default", "8011001"]);
    assert_eq!(found[1].pointer("/stages/1/label"), Some(&json!("Renewed")));
    let found = read(&hub, &account, "usage", json!({})).await;
    assert_eq!(of(&found, "/fetchStatus"), ["SUCCESS"]);
}

#[tokio::test]
async fn records_are_made_changed_and_archived() {
    let account = account().await;
    let contact = account.vendor(|hub| hub.seed("contacts", 1)).remove(0);
    let hub = hub(&account);
    let deal = json!({
        "objectType": "deals",
        "properties": {"dealname": "Fleet", "amount": 25000.5, "closedate": null},
        "associations": [{
            "to": {"id": contact},
            "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}],
        }],
    });
    let (count, made) = write(&hub, &account, "create", deal).await;
    let id = made[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(count, 1);
    assert_eq!(account.vendor(|hub| hub.links("deals", &id)), [("contacts", contact.clone())]);

    let change = json!({
        "objectType": "contacts",
        "id": "person1@example.com",
        "idProperty": "email",
        "properties": {"phone": 41, "jobtitle": "Pilot"},
    });
    write(&hub, &account, "update", change).await;
    let property = |kind: &str, id: &str, name: &str| account.vendor(|hub| hub.property(kind, id, name));
    assert_eq!(property("contacts", &contact, "phone").as_deref(), Some("41"));

    write(
        &hub,
        &account,
        "move_deal_stage",
        json!({"id": id, "dealstage": "8022002", "pipeline": "8011001"}),
    )
    .await;
    assert_eq!(property("deals", &id, "dealstage").as_deref(), Some("8022002"));

    let both = json!([
        {"idProperty": "email", "id": "person1@example.com", "properties": {"firstname": "Ada"}},
        {"idProperty": "email", "id": "new@example.com", "properties": {"firstname": "Eve"}},
    ]);
    let (count, rows) =
        write(&hub, &account, "upsert", json!({"objectType": "contacts", "inputs": both})).await;
    assert_eq!((count, &rows[0]["new"], &rows[1]["new"]), (2, &json!(false), &json!(true)));
    assert_eq!(property("contacts", &contact, "firstname").as_deref(), Some("Ada"));

    let (_, none) = write(&hub, &account, "archive", json!({"objectType": "contacts", "id": contact})).await;
    assert!(none.is_empty());
    assert_eq!(property("contacts", &contact, "archived").as_deref(), Some("true"));
}

#[tokio::test]
async fn records_are_linked_and_noted() {
    let account = account().await;
    let contact = account.vendor(|hub| hub.seed("contacts", 1)).remove(0);
    let company = account.vendor(|hub| hub.seed("companies", 1)).remove(0);
    let hub = hub(&account);
    let ends = json!({"fromObjectType": "contacts", "fromId": contact, "toObjectType": "companies", "toId": company});
    write(&hub, &account, "associate", ends).await;
    assert_eq!(account.vendor(|hub| hub.links("contacts", &contact)), [("companies", company.clone())]);

    let note = json!({
        "body": "<b>Call back</b>",
        "timestamp": "2026-11-23T10:00:00Z",
        "contactIds": [contact],
        "companyIds": [company],
        "ownerId": "2",
    });
    let (_, rows) = write(&hub, &account, "add_note", note).await;
    let id = rows[0]["id"].as_str().unwrap();
    let links = account.vendor(|hub| hub.links("notes", id));
    assert_eq!(links, [("companies", company), ("contacts", contact.clone())]);

    // What says no time is of now.
    let done =
        hub.execute(ask("add_note").with(json!({"body": "x", "contactIds": [contact]}))).await.unwrap();
    let row = values(done.rows.as_ref().unwrap()).remove(0);
    let at = row.pointer("/properties/hs_timestamp").and_then(Value::as_str).unwrap();
    assert!(at.parse::<jiff::Timestamp>().is_ok() && at.len() == "2026-11-23T10:00:00.000Z".len(), "{at}");
}

#[tokio::test]
async fn other_versions_of_the_api_have_paths_of_their_own() {
    for version in ["2026-03", "v3"] {
        let account = account().await;
        let contact = account.vendor(|hub| hub.seed("contacts", 1)).remove(0);
        let company = account.vendor(|hub| hub.seed("companies", 1)).remove(0);
        let hub = made(&account, &json!({"api_version": version}), &super::app_secret(), 0);
        let (_, error) = hub.health().await;
        assert_eq!(error, None);
        for (name, parameters) in [
            ("search_contacts", json!({})),
            ("list_owners", json!({})),
            ("list_pipelines", json!({"objectType": "deals"})),
            ("usage", json!({})),
        ] {
            hub.query(ask(name).with(parameters)).await.unwrap();
        }
        let ends = json!({
            "fromObjectType": "contacts", "fromId": contact, "toObjectType": "companies", "toId": company,
        });
        hub.execute(ask("associate").with(ends)).await.unwrap();
        let paths: Vec<String> =
            account.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
        golden("hubspot", &format!("paths of {version}"), &paths.join("\n"));
    }
}
