//! What writes do, and what of them is refused.

use connectors::ConnectorError;
use model::connector_type::ConnectorType;
use model::fault::Pointer;
use model::options::Options;
use model::policy::{Policy, Route};
use serde_json::{Value, json};

use super::org;
use crate::setup::{Ask, Made, ask, values};

async fn rejected(made: &Made, ask: Ask) -> String {
    match made.execute(ask).await {
        Err(error @ ConnectorError::Rejected { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_record_is_made_changed_and_deleted() {
    let org = org().await;
    let made = org.plain();
    let done = made
        .execute(ask("create_record").with(json!({"object": "Account", "fields": {"Name": "Nova"}})))
        .await
        .unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "create_record 201"));
    let row = values(&done.rows.unwrap()).remove(0);
    let id = row["id"].as_str().unwrap().to_owned();
    assert_eq!(row, json!({"id": id, "success": true, "errors": []}));
    assert_eq!(org.account(&id)["Name"], "Nova");

    let change = json!({"object": "Account", "id": id, "fields": {"AnnualRevenue": 7, "Name": "Nova 2"}});
    let done = made.execute(ask("update_record").with(change)).await.unwrap();
    assert_eq!((done.message.as_str(), done.rows.is_none()), ("update_record 204", true));
    assert_eq!(org.account(&id)["AnnualRevenue"], 7);

    made.execute(ask("delete_record").with(json!({"object": "Account", "id": id}))).await.unwrap();
    assert_eq!(org.account(&id), Value::Null);
    let again = rejected(&made, ask("delete_record").with(json!({"object": "Account", "id": id}))).await;
    assert!(again.contains("ENTITY_IS_DELETED"), "{again}");
}

#[tokio::test]
async fn an_upsert_makes_and_then_changes() {
    let org = org().await;
    let made = org.plain();
    let keyed = |value: Value, name: &str| {
        let all =
            json!({"object": "Invoice__c", "field": "Number__c", "value": value, "fields": {"Name": name}});
        ask("upsert_record").with(all)
    };
    for (name, status, created) in [("first", 201, true), ("second", 200, false)] {
        let done = made.execute(keyed(json!(4711), name)).await.unwrap();
        assert_eq!(done.message, format!("upsert_record {status}"));
        assert_eq!(values(&done.rows.unwrap())[0]["created"], created);
    }
    assert_eq!(org.server.vendor(|vendor| vendor.records("Invoice__c")), 1);
    let several =
        json!({"object": "Account", "field": "LegacyCode__c", "value": "old", "fields": {"Phone": "1"}});
    let error = rejected(&made, ask("upsert_record").with(several)).await;
    assert!(error.contains("MULTIPLE_CHOICES") && error.contains("several records"), "{error}");
}

#[tokio::test]
async fn what_the_org_s_rules_refuse_is_told_with_its_fields() {
    let org = org().await;
    let made = org.plain();
    let create =
        |object: &str, fields: Value| ask("create_record").with(json!({"object": object, "fields": fields}));
    let opportunity = json!({"Name": "Big", "StageName": "Won", "CloseDate": "2027-01-01"});
    for (ask, code, part) in [
        (create("Account", json!({})), "REQUIRED_FIELD_MISSING", "[Name]"),
        (create("Account", json!({"Name": "x", "Nam": 1})), "INVALID_FIELD", "'Nam'"),
        (create("Account", json!({"Name": "x", "Id": "1"})), "INVALID_FIELD_FOR_INSERT_UPDATE", "Id"),
        (create("Account", json!({"Name": "x", "AnnualRevenue": "y"})), "JSON_PARSER_ERROR", "double"),
        (
            create("Account", json!({"Name": "x", "AnnualRevenue": -1})),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "(AnnualRevenue)",
        ),
        (create("Account", json!({"Name": "x", "ExternalKey__c": "A-17"})), "DUPLICATE_VALUE", "duplicate"),
        (create("Account", json!({"Name": "x".repeat(256)})), "STRING_TOO_LONG", "Name"),
        (create("Contact", json!({"LastName": "x", "Email": "no"})), "INVALID_EMAIL_ADDRESS", "Email"),
        (create("Contact", json!({"LastName": "x", "AccountId": "1"})), "MALFORMED_ID", "AccountId"),
        (create("Opportunity", opportunity), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "StageName"),
        (create("Nothing__c", json!({"Name": "x"})), "NOT_FOUND", "does not exist"),
    ] {
        let error = rejected(&made, ask).await;
        assert!(error.contains(code) && error.contains(part), "{error}");
    }
    let change = |id: &str, fields: Value| {
        ask("update_record").with(json!({"object": "Account", "id": id, "fields": fields}))
    };
    let error = rejected(&made, change("001Kd0000000099IAA", json!({"Phone": "1"}))).await;
    assert!(error.contains("NOT_FOUND"), "{error}");
    let error = rejected(&made, change(&org.acme, json!({"Name": null}))).await;
    assert!(error.contains("REQUIRED_FIELD_MISSING"), "{error}");
}

#[tokio::test]
async fn several_records_are_written_at_once_and_counted() {
    let org = org().await;
    let made = org.plain();
    let typed = |fields: Value| {
        let mut all = fields;
        all["attributes"] = json!({"type": "Account"});
        all
    };
    let create = |whole: bool| {
        let records = json!([
            typed(json!({"Name": "One"})),
            typed(json!({"Phone": "1"})),
            typed(json!({"Name": "Two"}))
        ]);
        ask("create_records").with(json!({"records": records, "allOrNone": whole}))
    };
    let done = made.execute(create(false).limit(1)).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (2, "create_records 200, 2 of 3 done"));
    let rows = values(&done.rows.unwrap());
    assert_eq!((rows.len(), &rows[1]["errors"][0]["statusCode"]), (3, &json!("REQUIRED_FIELD_MISSING")));
    assert_eq!(org.server.vendor(|vendor| vendor.records("Account")), 5);
    // All or none: nothing is done, and the cause is told and not its echo.
    let error = rejected(&made, create(true)).await;
    assert!(error.contains("REQUIRED_FIELD_MISSING") && error.contains("[Name]"), "{error}");
    assert_eq!(org.server.vendor(|vendor| vendor.records("Account")), 5);

    let change = json!({"records": [typed(json!({"id": org.acme, "Phone": "2"}))]});
    assert_eq!(made.execute(ask("update_records").with(change)).await.unwrap().rows_affected, 1);
    assert_eq!(org.account(&org.acme)["Phone"], "2");
    let error =
        rejected(&made, ask("update_records").with(json!({"records": [typed(json!({"Phone": "2"}))]}))).await;
    assert!(error.contains("MISSING_ARGUMENT"), "{error}");

    let keyed = |records: Value| {
        ask("upsert_records")
            .with(json!({"object": "Account", "field": "ExternalKey__c", "records": records}))
    };
    let records = json!([
        typed(json!({"ExternalKey__c": "A-17", "Phone": "3"})),
        typed(json!({"ExternalKey__c": "A-18", "Name": "New"}))
    ]);
    assert_eq!(made.execute(keyed(records)).await.unwrap().rows_affected, 2);
    let error = rejected(&made, keyed(json!([typed(json!({"Name": "x"}))]))).await;
    assert!(error.contains("ExternalKey__c not specified"), "{error}");

    let gone = |ids: Value| ask("delete_records").with(json!({ "ids": ids }));
    assert_eq!(made.execute(gone(json!([org.acme]))).await.unwrap().rows_affected, 1);
    let error = rejected(&made, gone(json!([org.acme]))).await;
    assert!(error.contains("ENTITY_IS_DELETED"), "{error}");
}

#[tokio::test]
async fn two_hundred_records_and_twenty_five_pieces_are_the_most() {
    let org = org().await;
    let made = org.plain();
    let records = |count: usize| {
        let record = json!({"attributes": {"type": "Account"}, "Name": "x"});
        ask("create_records").with(json!({"records": vec![record; count]}))
    };
    assert_eq!(made.execute(records(200)).await.unwrap().rows_affected, 200);
    let pieces = |count: usize| {
        let piece = |number| json!({"method": "GET", "url": "/services/data/v66.0/limits", "referenceId": format!("r{number}")});
        ask("composite").with(json!({"compositeRequest": (0..count).map(piece).collect::<Vec<_>>()}))
    };
    assert_eq!(made.execute(pieces(25)).await.unwrap().rows_affected, 25);
    org.server.forget();
    for ask in [records(201), pieces(26), records(0)] {
        assert!(matches!(made.execute(ask).await, Err(ConnectorError::Faults(_))));
    }
    assert!(org.server.seen().is_empty());
}

/// What governance makes of an execute, by a record's options.
fn judged(options: &Value, ask: &Ask) -> bool {
    let kind = ConnectorType::Salesforce;
    let policy = Policy::of(kind, &Options::check(options, kind, &Pointer::root()).unwrap());
    let operations = connectors::classify(kind, Route::Execute, ask.request()).unwrap();
    operations.iter().all(|operation| policy.judge(Route::Execute, operation).is_ok())
}

#[test]
fn deleting_is_blocked_unless_the_record_says_otherwise() {
    let open = json!({"blocked_operations": []});
    let one = json!({"object": "Account", "id": "001Kd0000000001IAA"});
    let piece = json!({"method": "DELETE", "url": "/services/data/v66.0/sobjects/Account/001Kd0000000001IAA", "referenceId": "a"});
    let collection = json!({"method": "DELETE", "url": "/services/data/v66.0/composite/sobjects?ids=001Kd0000000001IAA", "referenceId": "a"});
    for deletes in [
        ask("delete_record").with(one.clone()),
        ask("Delete_Record").with(one.clone()),
        ask("delete_records").with(json!({"ids": ["001Kd0000000001IAA"]})),
        ask("composite").with(json!({"compositeRequest": [piece]})),
        ask("composite").with(json!({"compositeRequest": [collection]})),
    ] {
        assert!(!judged(&json!({}), &deletes) && judged(&open, &deletes));
    }
    let creates = ask("create_record").with(json!({"object": "Account", "fields": {}}));
    assert!(judged(&json!({}), &creates));
    assert!(!judged(&json!({"blocked_operations": ["CREATE"]}), &creates));
}
