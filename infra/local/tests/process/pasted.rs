//! The commands that are printed work as they are pasted into a shell.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::running::Running;

/// Whether there is a curl. Without one the test is skipped, unless the environment forbids that.
#[expect(clippy::disallowed_methods, reason = "the test's own environment, not the program's")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
async fn has_curl() -> bool {
    let found =
        Command::new("sh").args(["-c", "command -v curl >/dev/null"]).status().await.unwrap().success();
    let required = std::env::var("REQUIRE_SERVICES").is_ok_and(|value| value == "1");
    assert!(found || !required, "curl is missing");
    if !found {
        println!("skipped: curl is missing");
    }
    found
}

async fn paste(command: &str) -> Value {
    let output = Command::new("sh").args(["-c", command]).output().await.unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success() && stderr.is_empty(), "{command}: {stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {command}: {stdout}"))
}

async fn started(folder: &Path) -> Option<Running> {
    if has_curl().await { Some(Running::start(folder, &[]).await) } else { None }
}

#[tokio::test]
async fn the_two_commands_of_the_welcome_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let Some(running) = started(folder.path()).await else { return };
    let commands: Vec<&str> =
        running.welcome.lines().filter(|line| line.trim_start().starts_with("curl ")).collect();
    let [list, query] = commands[..] else { panic!("{commands:?}") };
    let listed = paste(list).await;
    assert_eq!(listed[0]["connector_name"], "demo-crm", "{listed}");
    let answered = paste(query).await;
    assert_eq!((&answered["success"], &answered["row_count"]), (&json!(true), &json!(3)), "{answered}");
}

#[tokio::test]
async fn the_env_file_sets_what_the_commands_need() {
    let folder = tempfile::tempdir().unwrap();
    let Some(running) = started(folder.path()).await else { return };
    let source = running.welcome.split('`').nth(1).unwrap();
    let list = format!(
        "{source} && curl -s \"$PORTAL/api/v1/connectors\" -H \"Cookie: axonflow_session=$SESSION_B\""
    );
    assert_eq!(paste(&list).await[0]["tenant_id"], "tenant-b");
    let query = format!(
        "{source} && curl -s \"$AGENT/mcp/resources/query\" -H \"X-License-Key: $LICENSE_B\" \
         -H 'Content-Type: application/json' -d '{{\"connector\":\"demo-crm\",\"statement\":\"/accounts\"}}'"
    );
    assert_eq!(paste(&query).await["row_count"], 2);
}

#[tokio::test]
async fn the_welcome_names_every_address_that_it_listens_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[]).await;
    let Running { welcome, credentials, .. } = &running;
    for url in [&credentials["portal"]["url"], &credentials["agent"]["url"], &credentials["aws"]["endpoint"]]
    {
        assert!(welcome.contains(url.as_str().unwrap()), "{url}: {welcome}");
    }
    assert!(welcome.contains(folder.path().join("credentials.json").to_str().unwrap()), "{welcome}");
}
