//! A configuration file makes connectors that a record could be, or faults that show nothing of a value. What was read
//! of it, written plainly, reads the same.

use model::{allow_list::AllowList, source::Source};
use serde_json::{Map, Value, json};
use tiers::{Entry, Faults, File, Place, Rules, Tiers};

use crate::{
    fixed::{now, tenant},
    said::{bounded, without},
};

/// A value that no fault may show.
const CANARY: &str = "CANARY-7f3a91";
const VARIABLES: [(&str, &str); 3] = [("SECRET", CANARY), ("EMPTY", ""), ("HOST", "db.corp.example")];
/// The longest line of a fault: a key for each of 32 levels, and why.
const LINE: usize = 3_000;

/// Any bytes as the file.
pub fn check(data: &[u8]) {
    match read(data) {
        Ok(tiers) => {
            let whose = tenant("tenant-a");
            let entries = tiers.of_tenant(&whose);
            for entry in &entries {
                assert!(entry.source == Source::File);
                let name = &entry.record.connector_name;
                let found = tiers.find(&whose, name).expect("what is listed is found");
                assert!(same(&found, entry), "{name} is two connectors");
            }
            written_plainly(&entries);
        }
        Err(faults) => told(&faults, data),
    }
}

fn read(content: &[u8]) -> Result<Tiers, Faults> {
    let allow = AllowList::parse("127.0.0.0/8, *.corp.example").expect("a list");
    let file = File { path: "axonflow.yaml", content };
    Tiers::read(Some(file), VARIABLES, Rules { allow: &allow, now: now() })
}

fn told(faults: &Faults, data: &[u8]) {
    let lines = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    assert!(faults.iter().next().is_some(), "refused without a fault");
    for fault in faults.iter() {
        let said = fault.to_string();
        bounded(&said, LINE);
        without(&said, &[CANARY]);
        if let Place::File { line: Some(line), .. } = &fault.place {
            assert!((1..=lines + 1).contains(line), "line {line} of {lines}: {said}");
        }
    }
}

fn same(one: &Entry, other: &Entry) -> bool {
    let secret =
        |entry: &Entry| entry.credentials.as_ref().map(|text| model::json::parse(text.as_bytes()).ok());
    one.record == other.record && secret(one) == secret(other)
}

/// JSON is YAML: the same connectors in it are the same connectors.
fn written_plainly(entries: &[Entry]) {
    let connectors: Map<String, Value> = entries
        .iter()
        .map(|entry| (entry.record.connector_name.to_string(), escaped(settings(entry))))
        .collect();
    let text = json!({"version": "1.0", "connectors": connectors}).to_string();
    // Written out, it may be longer than a file can be; and a key of more than 1,024 characters needs a question mark
    // before it.
    if text.len() > tiers::MAX_BYTES || text.split('"').any(|part| part.len() > 1_000) {
        return;
    }
    let again = read(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    let again = again.of_tenant(&tenant("tenant-a"));
    assert_eq!(entries.len(), again.len());
    for (one, other) in entries.iter().zip(&again) {
        assert!(same(one, other), "{:?} reads as {:?}", one.record, other.record);
    }
}

fn settings(entry: &Entry) -> Value {
    let record = &entry.record;
    let mut settings = json!({
        "type": record.connector_type.as_str(), "enabled": record.enabled, "tenant_id": "tenant-a",
        "display_name": record.display_name, "timeout_ms": record.timeout_ms, "max_retries": record.max_retries,
        "options": record.options,
    });
    let arn = record.credentials_secret_arn.as_ref().map(|arn| arn.expose().to_owned());
    for (name, text) in [
        ("description", record.description.clone()),
        ("connection_url", record.connection_url.clone()),
        ("credentials_secret_arn", arn),
    ] {
        if let Some(text) = text {
            settings[name] = text.into();
        }
    }
    if let Some(text) = &entry.credentials {
        settings["credentials"] = model::json::parse(text.as_bytes()).expect("a secret is JSON");
    }
    settings
}

/// The same with every dollar sign meant as one.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace('$', "$$").into(),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, escaped(value))).collect(),
        other => other,
    }
}
