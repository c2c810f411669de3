//! Where the stand-in's own logic is intricate: what a search finds.

use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::{HubSpot, PRIVATE_TOKEN};
use crate::{Vendor, seen::Seen};

fn ask(account: &mut HubSpot, body: &Value) -> (u16, Value, Vec<String>) {
    let mut headers = HeaderMap::new();
    let token = HeaderValue::from_str(&format!("Bearer {PRIVATE_TOKEN}")).unwrap();
    headers.insert("authorization", token);
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let seen = Seen {
        method: "POST".into(),
        path: "/crm/objects/2026-09/deals/search".into(),
        query: String::new(),
        headers,
        body: body.to_string().into_bytes(),
    };
    let mut violations = Vec::new();
    let answer = account.answer(&seen, &mut violations);
    (answer.status, serde_json::from_slice(&answer.body).unwrap(), violations)
}

fn found(filters: &Value) -> Vec<String> {
    let mut account = HubSpot::new("http://x");
    account.seed("deals", 5);
    let groups: Vec<Value> =
        filters.as_array().unwrap().iter().map(|group| json!({"filters": group})).collect();
    let body = json!({"filterGroups": groups, "sorts": ["-amount"], "properties": ["dealname"], "limit": 10, "after": "0"});
    let (status, body, violations) = ask(&mut account, &body);
    assert_eq!((status, violations), (200, vec![]), "{body}");
    let name = |deal: &Value| deal["properties"]["dealname"].as_str().unwrap().to_owned();
    body["results"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn every_filter_of_a_group_and_any_group_must_fit() {
    let filter =
        |operator: &str, value: &str| json!({"propertyName": "amount", "operator": operator, "value": value});
    assert_eq!(found(&json!([[filter("GTE", "300"), filter("LT", "500")]])), ["Deal 4", "Deal 3"]);
    assert_eq!(found(&json!([[filter("EQ", "100")], [filter("GT", "400")]])), ["Deal 5", "Deal 1"]);
    let between =
        json!({"propertyName": "amount", "operator": "BETWEEN", "value": "200", "highValue": "300"});
    assert_eq!(found(&json!([[between]])), ["Deal 3", "Deal 2"]);
    let listed =
        json!({"propertyName": "dealname", "operator": "NOT_IN", "values": ["deal 1", "deal 2", "deal 3"]});
    assert_eq!(found(&json!([[listed]])), ["Deal 5", "Deal 4"]);
    let unset = json!({"propertyName": "closedate", "operator": "HAS_PROPERTY"});
    assert!(found(&json!([[unset]])).is_empty());
}

#[test]
fn what_the_specification_requires_is_a_note_where_it_lacks() {
    let mut account = HubSpot::new("http://x");
    let (status, _, violations) =
        ask(&mut account, &json!({"filterGroups": [], "limit": 1, "after": "0", "sorts": []}));
    assert_eq!((status, violations.len()), (400, 1), "{violations:?}");
    let whole = json!({"filterGroups": [], "limit": 201, "after": "0", "sorts": [], "properties": []});
    assert_eq!(ask(&mut account, &whole).0, 400);
}
