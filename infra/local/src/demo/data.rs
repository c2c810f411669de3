//! Sample data. The companies and people do not exist.

use serde_json::{Value, json};

/// The records of a collection as one tenant sees them; `None` where there is no such collection.
pub(super) fn collection(tenant: &str, name: &str) -> Option<Vec<Value>> {
    let records = match name {
        "accounts" => accounts(),
        "contacts" => contacts(),
        "deals" => deals(),
        _ => return None,
    };
    let own = |record: &Value| record.get("owner").and_then(Value::as_str) == Some(tenant);
    Some(records.into_iter().filter(own).collect())
}

fn accounts() -> Vec<Value> {
    let account = |owner, id, name, industry, employees, revenue| json!({"owner": owner, "id": id, "name": name, "industry": industry, "employees": employees, "revenue_eur": revenue});
    vec![
        account("tenant-a", "acc-1001", "Nordlicht Logistik", "logistics", 1200, 48_500_000),
        account("tenant-a", "acc-1002", "Birch & Vale Insurance", "insurance", 310, 22_100_000),
        account("tenant-a", "acc-1003", "Halden Robotics", "manufacturing", 85, 9_400_000),
        account("tenant-b", "acc-2001", "Costa Verde Travel", "travel", 540, 31_000_000),
        account("tenant-b", "acc-2002", "Sable Point Energy", "energy", 2300, 410_000_000),
    ]
}

fn contacts() -> Vec<Value> {
    let contact = |owner, id, account, name, role| json!({"owner": owner, "id": id, "account_id": account, "name": name, "role": role});
    vec![
        contact("tenant-a", "con-1", "acc-1001", "Ines Morgenroth", "Head of Operations"),
        contact("tenant-a", "con-2", "acc-1003", "Tom Ashgrove", "CTO"),
        contact("tenant-b", "con-3", "acc-2001", "Rui Valadares", "Travel Manager"),
    ]
}

fn deals() -> Vec<Value> {
    let deal = |owner, id, account, stage, amount| json!({"owner": owner, "id": id, "account_id": account, "stage": stage, "amount_eur": amount});
    vec![
        deal("tenant-a", "deal-1", "acc-1001", "negotiation", 120_000),
        deal("tenant-a", "deal-2", "acc-1002", "won", 64_000),
        deal("tenant-b", "deal-3", "acc-2002", "qualified", 950_000),
    ]
}
