//! A body that the portal takes makes a record that reads back as it is: as the API shows it, and as it is stored.

use jiff::Timestamp;
use model::{
    allow_list::AllowList,
    connector_type::ConnectorType,
    draft::Draft,
    fault::Fault,
    patch::Patch,
    record::ConnectorRecord,
    rules::{DeploymentMode, PortalRules},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{connection_url, fixed::tenant, said::modest};

/// Any JSON as the body that creates a connector, and as one that changes it.
pub fn check(data: &[u8]) {
    let Ok(body) = model::json::parse(data) else { return };
    let text = std::str::from_utf8(data).expect("JSON is text");
    for mode in [DeploymentMode::Saas, DeploymentMode::Invpc] {
        match Draft::parse(&body, &rules(mode)) {
            Ok(draft) => {
                let record = draft.into_record(tenant("tenant-a"), Uuid::nil(), Timestamp::UNIX_EPOCH);
                shows(&record, &body);
                reads_back(&record, mode);
            }
            Err(faults) => told(&faults, text),
        }
    }
    let before = plain();
    match Patch::parse(&body, &before, &rules(DeploymentMode::Saas)) {
        Ok(patch) => {
            let after = patch.apply(&before, Timestamp::UNIX_EPOCH);
            assert_eq!(after.version, before.version + 1);
            assert_eq!(
                (&after.tenant_id, &after.connector_name),
                (&before.tenant_id, &before.connector_name)
            );
            reads_back(&after, DeploymentMode::Saas);
        }
        Err(faults) => told(&faults, text),
    }
}

fn rules(mode: DeploymentMode) -> PortalRules {
    let allow = AllowList::parse("127.0.0.0/8, *.corp.example").expect("a list");
    PortalRules { mode, allow, extra_types: ConnectorType::ALL.to_vec() }
}

fn plain() -> ConnectorRecord {
    let body = serde_json::json!({
        "connector_name": "db", "connector_type": "custom", "connection_url": "https://a.example",
    });
    let draft = Draft::parse(&body, &rules(DeploymentMode::Saas)).expect("a body");
    draft.into_record(tenant("tenant-a"), Uuid::nil(), Timestamp::UNIX_EPOCH)
}

/// Each fault points into the body, and repeats little of it.
fn told(faults: &[Fault], text: &str) {
    assert!(!faults.is_empty(), "refused without a fault");
    for fault in faults {
        let pointer = fault.pointer.to_string();
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?}");
        assert!(pointer.chars().count() <= 2_048, "{pointer:?}");
        modest(&fault.detail, text, 600);
    }
}

/// What the client sent is what the record shows, but for the ARN and whose it is.
fn shows(record: &ConnectorRecord, body: &Value) {
    let view = serde_json::to_value(record.view()).expect("a record is JSON");
    for (name, sent) in body.as_object().into_iter().flatten() {
        let own = view.get(name);
        let number = || own.and_then(Value::as_f64).is_some_and(|own| sent.as_f64() == Some(own));
        let apart = matches!(name.as_str(), "credentials_secret_arn" | "tenant_id");
        assert!(
            sent.is_null() || apart || own == Some(sent) || number(),
            "{name} is {sent}, and shown as {own:?}"
        );
    }
}

fn reads_back(record: &ConnectorRecord, mode: DeploymentMode) {
    let view = serde_json::to_value(record.view()).expect("a record is JSON");
    let again = Patch::parse(&view, record, &rules(mode)).unwrap_or_else(|faults| panic!("{faults:?}"));
    let again = again.apply(record, record.updated_at);
    assert_eq!(again, ConnectorRecord { version: record.version + 1, ..record.clone() });
    let item = store::item::to_item(record).expect("a record is an item");
    assert_eq!(store::item::from_item(item).expect("an item is a record"), *record);
    if let Some(url) = &record.connection_url {
        connection_url::check(format!("{}\n{url}", record.connector_type.as_str()).as_bytes());
    }
    if let Some(arn) = &record.credentials_secret_arn {
        assert!(!format!("{view} {record:?}").contains(arn.expose()), "the ARN shows");
    }
}
