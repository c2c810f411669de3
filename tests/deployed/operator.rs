//! The operator of the deployment, who has `connectorctl`, the account and the outputs of the stack.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use end_to_end::connectorctl;
use tempfile::TempDir;
use test_servers::{
    MiniStack,
    ministack::{ACCESS_KEY, REGION, SECRET_KEY},
};

/// The tables whose names a command takes, by the outputs that tell them.
const TABLES: [(&str, &str); 3] = [
    ("SESSIONS_TABLE", "SessionsTableName"),
    ("LICENSES_TABLE", "LicensesTableName"),
    ("AUDIT_TABLE", "AuditTableName"),
];

const ISSUER: &str = "issuer.pem";
const PUBLIC: &str = "license-keys.json";

pub(crate) struct Operator {
    folder: TempDir,
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Operator {
    /// Makes the key that licenses are signed by.
    pub(crate) fn new(server: &MiniStack) -> Self {
        let environment = vec![
            ("AWS_ENDPOINT_URL", server.endpoint()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ];
        let operator = Self { folder: tempfile::tempdir().unwrap(), program: connectorctl(), environment };
        operator.run(&["keys", "generate", "--kid", "old", "--private", ISSUER, "--public", PUBLIC]);
        operator
    }

    /// The value of `LICENSE_PUBLIC_KEYS`.
    pub(crate) fn public_keys(&self) -> String {
        fs::read_to_string(self.folder.path().join(PUBLIC)).unwrap().trim().to_owned()
    }

    /// The private key in PEM.
    pub(crate) fn issuer(&self) -> String {
        fs::read_to_string(self.folder.path().join(ISSUER)).unwrap()
    }

    /// Takes the names of the tables from the outputs of the stack.
    pub(crate) fn works_with(&mut self, outputs: &BTreeMap<String, String>) {
        self.environment.extend(TABLES.map(|(variable, output)| (variable, outputs[output].clone())));
    }

    /// What `connectorctl` works with.
    pub(crate) fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// Begins an editor's session and gives its token.
    pub(crate) fn session(&self, tenant: &str) -> String {
        self.run(&["session", "create", "--tenant", tenant, "--user", "editor@test", "--role", "editor"])
    }

    /// Issues a license of every scope.
    pub(crate) fn license(&self, tenant: &str) -> String {
        self.license_by(ISSUER, tenant)
    }

    /// Issues a license by another key.
    pub(crate) fn license_by(&self, key: &str, tenant: &str) -> String {
        let scopes = "query,execute,refresh,stats";
        let of = ["--key", key, "--subject", "test", "--tenant", tenant];
        self.run(&[&["license", "issue"], of.as_slice(), &["--scope", scopes, "--expires", "1h"]].concat())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let environment = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(environment)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "connectorctl {arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
