//! What each operation sends, to be held beside the REST API Developer Guide.

use serde_json::{Value, json};

use super::org;
use crate::setup::{Ask, ask, golden, say};

/// Runs an operation on a fresh org that a token was fetched from before, and holds its requests to their record.
async fn recorded(name: &str, asked: impl FnOnce(&str) -> Ask) {
    let org = org().await;
    let made = org.plain();
    made.query(ask("limits")).await.unwrap();
    org.server.forget();
    let asked = asked(&org.acme);
    made.execute(asked).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    golden("salesforce", name, &org.server.golden());
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_guide_says() {
    let org = org().await;
    org.plain().query(ask("limits")).await.unwrap();
    golden("salesforce", "client_credentials", &org.server.golden());
}

#[tokio::test]
async fn every_read_is_the_request_of_the_guide() {
    let soql =
        "SELECT Id, Name FROM Account WHERE Name = :name AND AnnualRevenue > :least AND Industry IN :of";
    let values = json!({"name": "O'Neil & Sons", "least": 0.5, "of": ["Retail", "x' OR Name != '"]});
    recorded("query", |_| say(soql).with(json!({ "values": values })).limit(5)).await;
    recorded("search", |_| say("FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)")).await;
    let sought = json!({"q": "Acme", "in": "NAME", "fields": ["Id"],
        "sobjects": [{"name": "Account", "fields": ["Id", "Name"], "limit": 5}]});
    recorded("search_text", |_| ask("search_text").with(sought).limit(10)).await;
    let one = |id: &str| json!({"object": "Account", "id": id, "fields": ["Name", "Industry"]});
    recorded("get_record", |id| ask("get_record").with(one(id))).await;
    let keyed = json!({"object": "Account", "field": "ExternalKey__c", "value": "A-17"});
    recorded("get_by_external_id", |_| ask("get_by_external_id").with(keyed)).await;
    recorded("describe", |_| ask("describe").with(json!({"object": "Account"}))).await;
    recorded("list_objects", |_| ask("list_objects")).await;
    recorded("limits", |_| ask("limits")).await;
}

#[tokio::test]
async fn every_write_is_the_request_of_the_guide() {
    let record = |more: Value| {
        let mut all = json!({"object": "Account", "fields": {"Industry": "Retail", "AnnualRevenue": 12.50}});
        for (key, value) in more.as_object().unwrap() {
            all[key] = value.clone();
        }
        all
    };
    let created = record(json!({"fields": {"Name": "Nova", "Phone": null}}));
    recorded("create_record", |_| ask("create_record").with(created)).await;
    recorded("update_record", |id| ask("update_record").with(record(json!({ "id": id })))).await;
    let keyed = record(json!({"field": "ExternalKey__c", "value": "A 18/b"}));
    let keyed = |_: &str| {
        ask("upsert_record").with({
            let mut all = keyed;
            all["fields"]["Name"] = json!("Nova");
            all
        })
    };
    recorded("upsert_record", keyed).await;
    recorded("delete_record", |id| ask("delete_record").with(json!({"object": "Account", "id": id}))).await;

    let typed = |fields: Value| {
        let mut all = fields;
        all["attributes"] = json!({"type": "Account"});
        all
    };
    let records =
        json!({"records": [typed(json!({"Name": "One"})), typed(json!({"Name": "Two"}))], "allOrNone": true});
    recorded("create_records", |_| ask("create_records").with(records)).await;
    let changed = |id: &str| json!({"records": [typed(json!({"id": id, "Phone": "1"}))]});
    recorded("update_records", |id| ask("update_records").with(changed(id))).await;
    let records = json!({"object": "Account", "field": "ExternalKey__c",
        "records": [typed(json!({"ExternalKey__c": "A-17", "Phone": "2"}))]});
    recorded("upsert_records", |_| ask("upsert_records").with(records)).await;
    let gone = |id: &str| json!({"ids": [id, "001Kd0000000002IAA"], "allOrNone": false});
    recorded("delete_records", |id| ask("delete_records").with(gone(id))).await;

    let pieces = json!({"allOrNone": true, "compositeRequest": [
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "nova",
            "body": {"Name": "Nova"}},
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "ada",
            "body": {"LastName": "Byron", "AccountId": "@{nova.id}"}},
        {"method": "GET", "url": "/services/data/v66.0/sobjects/Account/@{nova.id}?fields=Name", "referenceId": "read"},
    ]});
    recorded("composite", |_| ask("composite").with(pieces)).await;
}
