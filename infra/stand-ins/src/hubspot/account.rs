//! What the account says of itself: its details, usage, owners and pipelines.

use serde_json::{Value, json};

use super::{kinds::Pipeline, records::AT};

pub(super) fn account() -> Value {
    json!({
        "portalId": 62_515,
        "accountType": "STANDARD",
        "timeZone": "Europe/Paris",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    })
}

pub(super) fn usage() -> Value {
    json!({"results": [{
        "name": "private-apps-api-calls-daily",
        "usageLimit": 250_000,
        "currentUsage": 1_000,
        "collectedAt": AT,
        "fetchStatus": "SUCCESS",
        "resetsAt": "2026-11-23T23:00:00.000Z",
    }]})
}

pub(super) fn owner(n: u64) -> Value {
    json!({
        "id": n.to_string(),
        "email": format!("owner{n}@example.com"),
        "type": "PERSON",
        "firstName": "Owner",
        "lastName": n.to_string(),
        "userId": 1_000 + n,
        "userIdIncludingInactive": 1_000 + n,
        "createdAt": AT,
        "updatedAt": AT,
        "archived": false,
    })
}

pub(super) fn pipeline(order: usize, (id, label, stages): &Pipeline) -> Value {
    let stages: Vec<Value> = stages
        .iter()
        .enumerate()
        .map(|(order, (id, label, closed))| {
            json!({
                "id": id,
                "label": label,
                "displayOrder": order,
                "metadata": {"isClosed": closed.to_string()},
                "createdAt": AT,
                "updatedAt": AT,
                "archived": false,
            })
        })
        .collect();
    json!({
        "id": id,
        "label": label,
        "displayOrder": order,
        "stages": stages,
        "createdAt": AT,
        "updatedAt": AT,
        "archived": false,
    })
}
