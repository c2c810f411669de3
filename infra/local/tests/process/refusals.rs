//! What stops the start: one line that says what to do, exit status 1, and no trace of a panic.

use std::{fs, net::TcpListener};

use serde_json::json;

use crate::running::{Ended, Running, run};

/// Expects one line that names all of `words`.
#[track_caller]
fn assert_refused(ended: &Ended, words: &[&str]) {
    assert_refused_in(ended, 1, words);
}

/// Expects so many lines, one a fault, that name all of `words`.
#[track_caller]
fn assert_refused_in(ended: &Ended, lines: usize, words: &[&str]) {
    let Ended { code, stdout, stderr } = ended;
    assert_eq!((*code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.ends_with('\n') && stderr.lines().all(|line| line.starts_with("error: ")), "{stderr}");
    assert_eq!(stderr.lines().count(), lines, "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("RUST_BACKTRACE"), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{word}: {stderr}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for flag in ["--portal-port", "--agent-port", "--aws-port", "--demo-port"] {
        let folder = tempfile::tempdir().unwrap();
        let ended = run(folder.path(), &[flag, &port], &[]).await;
        assert_refused(&ended, &[flag, &port, "in use"]);
    }
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.join("below"), file.clone()] {
        let ended = run(&path, &[], &[]).await;
        assert_refused(&ended, &[path.to_str().unwrap(), "--data-dir"]);
    }
}

#[tokio::test]
async fn a_damaged_folder_is_named_and_left_as_it_is() {
    for (name, content) in
        [("identity.json", "{\"canary\""), ("dynamodb.sqlite", "canary, not a database at all")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        let ended = run(folder.path(), &[], &[]).await;
        assert_refused(&ended, &[folder.path().to_str().unwrap(), "--data-dir"]);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "{name}");
    }
}

#[tokio::test]
async fn a_folder_in_use_is_refused_and_its_owner_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let owner = Running::start(folder.path(), &[]).await;
    let before = fs::read(folder.path().join("credentials.json")).unwrap();
    let ended = run(folder.path(), &[], &[]).await;
    assert_refused(&ended, &[folder.path().to_str().unwrap(), "another process", "--data-dir"]);
    assert_eq!(fs::read(folder.path().join("credentials.json")).unwrap(), before);
    let answer = owner.query(&json!({"connector": "demo-crm", "statement": "/accounts"})).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn wrong_flags_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (flags, words) in [
        (["--colour", "red"], ["--colour", "--help"]),
        (["--mode", "SaaS"], ["SaaS", "saas or invpc"]),
        (["--portal-port", "99999"], ["--portal-port", "99999"]),
        (["--agent-port", "http"], ["--agent-port", "http"]),
        (["--containers", "0"], ["--containers", "0"]),
        (["--demo-port", ""], ["--demo-port", "--help"]),
    ] {
        assert_refused(&run(folder.path(), &flags, &[]).await, &words);
    }
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was begun");
}

#[tokio::test]
async fn wrong_settings_are_named_by_their_variable() {
    for (variable, value) in [
        ("DEPLOYMENT_MODE", "SaaS"),
        ("EGRESS_ALLOW", "10.0.0.0/99"),
        ("EGRESS_CA_FILE", "/does/not/exist.pem"),
        ("PORTAL_EXTRA_CONNECTOR_TYPES", "oracle"),
        ("SECRET_TENANT_TAG", "no"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ended = run(folder.path(), &[], &[(variable, value)]).await;
        assert_refused(&ended, &[value]);
        // For the mode the flag of the same meaning is named.
        let named = ended.stderr.contains(variable) || ended.stderr.contains("--mode");
        assert!(named, "{}", ended.stderr);
    }
}

#[tokio::test]
async fn every_fault_of_the_configuration_is_a_line_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let path = file.to_str().unwrap();
    fs::write(
        &file,
        "version: '1.0'\nconnectors:\n  chat:\n    type: slak\n  crm:\n    type: custom\n    \
         connection_url: https://crm.example.com\n    credentials: {token: 'canary${UNSET_VARIABLE}'}\n",
    )
    .unwrap();
    let variables =
        [("AXONFLOW_CONFIG_FILE", path), ("MCP_JIRA_TIMEOUT", "soon"), ("MCP_JIRA_TOKEN", "canary")];
    let ended = run(&folder.path().join("data"), &["--containers", "3"], &variables).await;
    let (chat, crm) =
        (format!("{path}:4: connectors.chat.type"), format!("{path}:8: connectors.crm.credentials"));
    // Jira lacks its address too.
    assert_refused_in(&ended, 4, &[&chat, &crm, "UNSET_VARIABLE", "MCP_JIRA_TIMEOUT", "MCP_JIRA_URL"]);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);

    let missing = [("AXONFLOW_CONFIG_FILE", "/does/not/exist.yaml")];
    let ended = run(&folder.path().join("data"), &[], &missing).await;
    assert_refused(&ended, &["AXONFLOW_CONFIG_FILE", "/does/not/exist.yaml"]);
}

#[tokio::test]
async fn help_and_version_are_answers() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(folder.path(), &["--help"], &[]).await;
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for flag in ["--portal-port", "--agent-port", "--aws-port", "--demo-port", "--data-dir", "--mode"] {
        assert!(help.stdout.contains(flag), "{flag}");
    }
    let version = run(folder.path(), &["--version"], &[]).await;
    assert_eq!((version.code, version.stderr.as_str()), (Some(0), ""));
    assert!(version.stdout.contains(env!("CARGO_PKG_VERSION")));
}
