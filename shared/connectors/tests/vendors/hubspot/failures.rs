//! What HubSpot refuses, and what callers are told: each operation once, each of the documented errors.

use connectors::ConnectorError;
use serde_json::{Value, json};
use stand_ins::{
    Answer,
    hubspot::{burst, burst_of_searches, daily, edge, internal_error, locked, migrating},
};

use super::{account, hub, made};
use crate::setup::ask;

#[tokio::test]
async fn each_operation_tells_what_was_refused() {
    let account = account().await;
    account.vendor(|hub| {
        hub.seed("contacts", 2);
        hub.seed("deals", 1);
    });
    let hub = hub(&account);
    let unknown = json!([{"propertyName": "colour", "operator": "EQ", "value": "red"}]);
    let note = json!({"body": "x", "timestamp": "2026-11-23T10:00:00Z", "contactIds": ["1"]});
    for (name, parameters, part) in [
        ("search_contacts", json!({"filters": unknown}), "Unknown property colour"),
        ("search_companies", json!({"filters": unknown}), "Unknown property colour"),
        ("search_deals", json!({"sorts": [{"propertyName": "colour"}]}), "Unknown property colour"),
        ("search", json!({"objectType": "planets"}), "Unable to infer object type from: planets"),
        ("get", json!({"objectType": "contacts", "id": "1"}), "resource not found"),
        (
            "get",
            json!({"objectType": "contacts", "id": "1", "idProperty": "phone"}),
            "not a unique identifier",
        ),
        ("list", json!({"objectType": "planets"}), "Unable to infer object type"),
        ("batch_read", json!({"objectType": "planets", "ids": ["1"]}), "Unable to infer object type"),
        ("list_pipelines", json!({"objectType": "planets"}), "Unable to infer object type"),
    ] {
        let error = hub.query(ask(name).with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains(part), "{name}: {error}");
    }
    let of = |object: &str, properties: Value| json!({"objectType": object, "properties": properties});
    for (name, parameters, part) in [
        (
            "create",
            of("contacts", json!({"email": "person1@example.com"})),
            "Contact already exists. Existing ID: 40001",
        ),
        ("create", of("deals", json!({})), "Property \"dealname\" is required"),
        (
            "update",
            json!({"objectType": "contacts", "id": "40001", "properties": {"email": "x", "colour": "red"}}),
            "Property values were not valid Property \"colour\" does not exist; Email address x is invalid",
        ),
        (
            "upsert",
            json!({"objectType": "contacts", "inputs": [{"idProperty": "email", "id": "a@b.c", "properties": {"colour": 1}}]}),
            "Property \"colour\" does not exist",
        ),
        ("archive", json!({"objectType": "contacts", "id": "1"}), "resource not found"),
        (
            "move_deal_stage",
            json!({"id": "40003", "dealstage": "nowhere"}),
            "nowhere was not one of the allowed options",
        ),
        (
            "associate",
            json!({"fromObjectType": "contacts", "fromId": "40001", "toObjectType": "deals", "toId": "1"}),
            "resource not found",
        ),
        ("add_note", note, "One or more associated objects do not exist"),
    ] {
        let error = hub.execute(ask(name).with(parameters)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Rejected { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains(part), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let account = account().await;
    account.vendor(|hub| {
        hub.lose_scope("crm.objects.deals.read");
        hub.lose_scope("crm.objects.owners.read");
        hub.lose_scope("crm.objects.contacts.write");
    });
    let hub = hub(&account);
    for (error, scope) in [
        (hub.query(ask("search_deals")).await.err(), "crm.objects.deals.read"),
        (hub.query(ask("list_owners")).await.err(), "crm.objects.owners.read"),
        (
            hub.execute(ask("create").with(json!({"objectType": "contacts", "properties": {}}))).await.err(),
            "crm.objects.contacts.write",
        ),
    ] {
        let error = error.unwrap();
        assert!(matches!(error, ConnectorError::Lacks { .. }), "{error:?}");
        assert!(error.to_string().contains("code MISSING_SCOPES): This app hasn't been granted"), "{error}");
        assert!(error.to_string().contains(scope), "{error}");
    }
}

#[tokio::test]
async fn each_documented_error_is_told_apart() {
    let account = account().await;
    let hub = made(&account, &json!({}), &json!({"access_token": stand_ins::hubspot::PRIVATE_TOKEN}), 0);
    let envelope = |status: u16, category: &str| {
        let body = json!({"status": "error", "message": "no", "correlationId": "c", "category": category});
        Answer::json(status, &body)
    };
    let rate = |after: Option<&str>| ConnectorError::RateLimited { retry_after: after.map(str::to_owned) };
    for (answer, expected) in [
        (burst(), rate(Some("1"))),
        (burst_of_searches(), rate(Some("1"))),
        (burst().header("Retry-After", 7), rate(Some("7"))),
        (migrating(3600), rate(Some("3600"))),
    ] {
        account.next("POST", "/search", vec![answer]);
        assert_eq!(hub.query(ask("search_contacts")).await.unwrap_err(), expected);
    }
    for (answer, expected) in [
        (
            envelope(400, "VALIDATION_ERROR"),
            "the upstream refused the request (status 400, code VALIDATION_ERROR): no",
        ),
        (
            envelope(404, "OBJECT_NOT_FOUND"),
            "the upstream refused the request (status 404, code OBJECT_NOT_FOUND): no",
        ),
        (envelope(409, "CONFLICT"), "the upstream refused the request (status 409, code CONFLICT): no"),
        (edge(414), "the upstream refused the request (status 414)"),
        (
            locked(),
            "the upstream refused the request (status 423, code LOCKED): The resource is currently locked.",
        ),
        (internal_error(), "HubSpot failed (status 500, code INTERNAL_ERROR)"),
        (edge(502), "HubSpot failed (status 502)"),
        (edge(503), "HubSpot failed (status 503)"),
        (edge(504), "HubSpot failed (status 504)"),
        (edge(523), "HubSpot failed (status 523)"),
    ] {
        account.next("POST", "/search", vec![answer]);
        let error = hub.query(ask("search_contacts")).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn the_quota_of_the_day_is_no_burst_and_is_not_tried_again() {
    let account = account().await;
    let hub = hub(&account);
    // The policy says it, or the header that counts the day.
    let counted = burst().header("X-HubSpot-RateLimit-Daily-Remaining", 0);
    for answer in [daily(), counted] {
        account.forget();
        account.next("POST", "/search", vec![answer]);
        let error = hub.query(ask("search_contacts")).await.unwrap_err();
        assert!(matches!(error, ConnectorError::QuotaUsed { .. }), "{error:?}");
        assert_eq!(account.count("POST", "/search"), 1);
    }
    account.next("POST", "/contacts", vec![daily()]);
    let create = ask("create").with(json!({"objectType": "contacts", "properties": {}}));
    let error = hub.execute(create).await.unwrap_err().to_string();
    assert!(error.contains("status 429, code DAILY): You have reached your daily limit;"), "{error}");
}

#[tokio::test]
async fn a_batch_that_went_wrong_in_part_says_how_far_it_came() {
    let account = account().await;
    let hub = hub(&account);
    let fault = json!({"status": "error", "category": "VALIDATION_ERROR", "message": "bad e-mail"});
    let body = json!({"status": "COMPLETE", "results": [{"id": "1"}], "numErrors": 1, "errors": [fault]});
    account.next("POST", "/upsert", vec![Answer::json(207, &body)]);
    let inputs = json!([
        {"idProperty": "email", "id": "a@b.c", "properties": {}},
        {"idProperty": "email", "id": "b", "properties": {}},
    ]);
    let upsert = ask("upsert").with(json!({"objectType": "contacts", "inputs": inputs}));
    let done = hub.execute(upsert.clone()).await.unwrap();
    assert_eq!((done.rows_affected, done.rows.map(|rows| rows.items().len())), (1, Some(1)));
    assert_eq!(done.message, "upsert 207: 1 were done, 1 not: bad e-mail");
    // Where nothing was done it is refused, and so is a read, which would lack what is there.
    let none = json!({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [fault]});
    account.next("POST", "/upsert", vec![Answer::json(207, &none)]);
    account.next("POST", "/read", vec![Answer::json(207, &body)]);
    let read = ask("batch_read").with(json!({"objectType": "contacts", "ids": ["1", "2"]}));
    for (error, done) in
        [(hub.execute(upsert).await.unwrap_err(), 0), (hub.query(read).await.unwrap_err(), 1)]
    {
        let why = format!(
            "the upstream refused the request (status 207, code VALIDATION_ERROR): {done} were done, 1 not: bad e-mail"
        );
        assert_eq!(error.to_string(), why);
    }
}

#[tokio::test]
async fn what_a_call_lacks_is_told_at_once_and_nothing_is_sent() {
    let account = account().await;
    let hub = hub(&account);
    let error = hub
        .query(ask("get").with(json!({"objectTyp": "contacts", "properties": "email"})))
        .await
        .unwrap_err();
    let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
    let places: Vec<String> = faults.iter().map(|fault| fault.pointer.to_string()).collect();
    let expected =
        ["/parameters/objectTyp", "/parameters/objectType", "/parameters/id", "/parameters/properties"];
    assert_eq!(places, expected);
    let filters = json!([{"propertyName": "email", "operator": "HAS_PROPERTY"}]);
    let twice = json!({"filters": filters, "filterGroups": [{"filters": filters}]});
    let nested = json!({"objectType": "deals", "properties": {"amount": {"value": 1}}});
    for (outcome, part) in [
        (hub.query(ask("search_contacts").with(twice)).await.err(), "at most one of filters, filterGroups"),
        (
            hub.execute(ask("add_note").with(json!({"body": "x"}))).await.err(),
            "at least one of contactIds, companyIds, dealIds, ticketIds",
        ),
        (
            hub.execute(ask("create").with(nested)).await.err(),
            "/parameters/properties must hold text, numbers",
        ),
    ] {
        let error = outcome.unwrap();
        assert!(matches!(error, ConnectorError::Faults(_)), "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let error = hub.query(ask("search_contact")).await.unwrap_err().to_string();
    assert!(
        error.contains("did you mean search_contacts?; known are search_contacts, search_companies"),
        "{error}"
    );
    assert_eq!(account.seen().len(), 0);
}
