//! `credentials.json` and its neighbours: what a script reads, and that nobody else can.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};

use crate::running::Running;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The same document with every text replaced by what it begins with.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::String(text) if text.starts_with("http://127.0.0.1:") => json!("http://127.0.0.1:"),
        Value::String(text) if text.starts_with("AXON-") => json!("AXON-"),
        // 256 bits in base64url.
        Value::String(text) if text.len() == 43 => json!("a token"),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_file_has_the_documented_shape_and_is_its_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made-at-start");
    let running = Running::start(&folder, &[]).await;
    let expected = json!({
        "portal": {"url": "http://127.0.0.1:", "sessions": {"tenant-a": "a token", "tenant-b": "a token"}},
        "agent": {
            "url": "http://127.0.0.1:", "licenses": {"*": "AXON-", "tenant-a": "AXON-", "tenant-b": "AXON-"},
        },
        "aws": {"endpoint": "http://127.0.0.1:", "region": "us-east-1"},
    });
    assert_eq!(shape(&running.credentials), expected);
    for name in ["credentials.json", "env", "identity.json", "dynamodb.sqlite"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    for folder in [&folder, &folder.join("secrets")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let private = mode(&path).trailing_zeros() >= 6 || path.ends_with(".gitignore");
            assert!(private, "{}: {:o}", path.display(), mode(&path));
        }
    }
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[tokio::test]
async fn sessions_and_licenses_are_different_and_work_for_their_own_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[]).await;
    let (sessions, licenses) =
        (&running.credentials["portal"]["sessions"], &running.credentials["agent"]["licenses"]);
    assert_ne!(sessions["tenant-a"], sessions["tenant-b"]);
    assert_ne!(licenses["tenant-a"], licenses["tenant-b"]);
    let list = running.portal("GET", "/api/v1/connectors").send().await.json();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["tenant_id"]), (1, &json!("tenant-a")));
    let answer = running.query(&json!({"connector": "demo-crm", "statement": "/accounts"})).send().await;
    assert_eq!(answer.json()["data"][0]["owner"], "tenant-a", "{}", answer.text);
}
