//! The stack's own ports: no connector reaches one, by whatever route, though loopback is open to connectors.

use std::{collections::BTreeSet, fs, os::unix::fs::MetadataExt, path::Path};

use serde_json::json;

use crate::running::Running;

/// The ports on which a process listens, by the kernel's own tables: the embedded DynamoDB says its port to nobody.
fn listening(process: u32) -> BTreeSet<u16> {
    let folder = Path::new("/proc").join(process.to_string()).join("fd");
    let links = fs::read_dir(folder).unwrap().filter_map(|entry| fs::metadata(entry.unwrap().path()).ok());
    let inodes: BTreeSet<String> = links.map(|file| file.ino().to_string()).collect();
    let table = fs::read_to_string(format!("/proc/{process}/net/tcp")).unwrap();
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    // Local address, state (0A listens) and inode are the columns 1, 3 and 9.
    let own = rows.filter(|row| row.len() > 9 && row[3] == "0A" && inodes.contains(row[9]));
    own.map(|row| u16::from_str_radix(row[1].rsplit(':').next().unwrap(), 16).unwrap()).collect()
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn no_connector_reaches_a_port_of_the_stacks_own() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[]).await;
    let demo = running.portal("GET", "/api/v1/connectors/demo-crm").send().await.json();
    let demo = port(demo["connection_url"].as_str().unwrap());
    let ports = listening(running.process());
    let named = [("portal", "url"), ("agent", "url"), ("aws", "endpoint")];
    let known = named.map(|(part, name)| port(running.credentials[part][name].as_str().unwrap()));
    assert!(known.iter().all(|port| ports.contains(port)), "{ports:?}");
    assert_eq!(ports.len(), 5, "the two APIs, the AWS endpoint, DynamoDB and the demo: {ports:?}");

    for port in ports.into_iter().filter(|port| *port != demo) {
        let name = format!("own-{port}");
        let url = format!("http://127.0.0.1:{port}");
        let body = json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
        let created = running.portal("POST", "/api/v1/connectors").json(&body).send().await;
        assert_eq!(created.status, 201, "{}", created.text);
        let scan = json!({
            "connector": name, "action": "POST", "statement": "/", "parameters": {"TableName": "connectors"},
        });
        for call in [running.query(&json!({"connector": name})), running.execute(&scan)] {
            let reply = call.send().await;
            assert_eq!(reply.status, 422, "{}", reply.text);
            assert_eq!(reply.json()["type"], "urn:axonflow:problem:address-refused");
        }
        let health = running.agent("GET", &format!("/mcp/connectors/{name}/health")).send().await.json();
        assert_eq!((&health["healthy"], &health["details"]["stage"]), (&json!(false), &json!("egress")));
        let live = running.portal("POST", &format!("/api/v1/connectors/{name}/test"));
        let live = live.json(&json!({"mode": "live"})).send().await.json();
        assert_eq!(live["success"], false, "{live}");
    }
}
