//! Help and version: what a person reads first.

use crate::support::Desk;

/// Every command, and what its help must speak of.
const COMMANDS: [(&str, &[&str]); 20] = [
    ("", &["keys", "license", "session", "audit", "connector", "AWS_REGION", "Exit status"]),
    ("keys", &["generate", "list", "remove"]),
    (
        "keys generate",
        &["--kid", "--private", "--public", "--append", "--force", "LICENSE_PUBLIC_KEYS", "600"],
    ),
    ("keys list", &["--public", "--output"]),
    ("keys remove", &["<ID>", "--public", "--force"]),
    ("license", &["issue", "inspect", "revoke", "revoked"]),
    (
        "license issue",
        &[
            "--key",
            "--kid",
            "--subject",
            "--tenant",
            "--scope",
            "--connector",
            "--expires",
            "--id",
            "--public",
            "[default: 90d]",
            "refresh, stats, query, execute",
        ],
    ),
    ("license inspect", &["[KEY]", "--public", "--check-revoked", "LICENSES_TABLE", "--output"]),
    ("license revoke", &["<JTI|KEY>", "--reason", "--by", "--until", "LICENSES_TABLE"]),
    ("license revoked", &["LICENSES_TABLE", "[default: licenses]", "--output"]),
    ("session", &["create", "list", "revoke"]),
    ("session create", &["--tenant", "--user", "--role", "viewer", "editor", "--cookie", "SESSIONS_TABLE"]),
    ("session list", &["--tenant", "--user", "--ended", "--output", "[default: sessions]"]),
    ("session revoke", &["[HASHPREFIX]", "--user", "--tenant", "--all", "SESSIONS_TABLE"]),
    ("audit", &["list"]),
    (
        "audit list",
        &[
            "--tenant",
            "--connector",
            "--action",
            "--who",
            "--since",
            "--until",
            "--limit",
            "[default: 50]",
            "--output",
            "execute_refused",
            "AUDIT_TABLE",
        ],
    ),
    ("connector", &["list", "show"]),
    (
        "connector list",
        &[
            "--api",
            "PORTAL",
            "--session",
            "SESSION",
            "--ca-file",
            "--tenant",
            "--type",
            "--page-size",
            "--output",
        ],
    ),
    ("connector show", &["<NAME>", "--tenant", "--api", "--session", "--output"]),
    ("help", &["keys"]),
];

#[tokio::test]
async fn the_help_of_every_command_speaks_of_all_its_arguments() {
    let desk = Desk::bare();
    for (command, words) in COMMANDS {
        let line = if command == "help" { command.to_owned() } else { format!("{command} --help") };
        let ended = desk.run(&line).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{line}");
        for word in words {
            assert!(ended.stdout.contains(word), "{line}: {word}: {}", ended.stdout);
        }
    }
}

#[tokio::test]
async fn the_version_is_the_workspaces() {
    let version = Desk::bare().done("--version").await;
    assert_eq!(version, format!("connectorctl {}", env!("CARGO_PKG_VERSION")));
}
