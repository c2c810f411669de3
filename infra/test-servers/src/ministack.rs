//! `MiniStack`, an AWS on this machine that nobody of this project wrote: `CloudFormation` deploys the template to it,
//! its gateway and its Lambda run the real binaries. It checks signatures and enforces the policies of each
//! function's role (`AUTH`), so a permission that lacks fails a test.

use std::path::{Path, PathBuf};

use crate::{kept::Kept, lacking};

/// The account that it plays.
pub const ACCOUNT: &str = "123456789012";
/// The region.
pub const REGION: &str = "us-east-1";
/// The access key of the account's owner, who may do everything.
pub const ACCESS_KEY: &str = "test";
/// Its secret.
pub const SECRET_KEY: &str = "test";

/// A running server. It ends when this is dropped, or with the process.
pub struct MiniStack {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    kept: Kept,
}

impl MiniStack {
    /// A server of one's own, if it is installed.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            lacking(
                "MiniStack (python3 -m venv target/ministack && target/ministack/bin/pip install ministack aws-sam-translator)",
            );
            return None;
        };
        let kept = Kept::start("ministack", &program, |server, port, folder| {
            // Its functions inherit its environment: they get nothing of this process's own.
            server.env_clear().envs([
                ("PATH", "/usr/local/bin:/usr/bin:/bin"),
                ("BIND_HOST", "127.0.0.1"),
                ("GATEWAY_PORT", &port.to_string()),
                ("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{port}")),
                ("MINISTACK_ACCOUNT_ID", ACCOUNT),
                ("MINISTACK_REGION", REGION),
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
                ("AUTH", "true"),
                ("TMPDIR", &folder.display().to_string()),
                ("S3_DATA_DIR", &folder.join("s3").display().to_string()),
                ("PYTHONDONTWRITEBYTECODE", "1"),
            ]);
        });
        Some(Self { port: kept.port, kept })
    }

    /// The endpoint of every service.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The host name of an HTTP API, which resolvers may not know: it is on 127.0.0.1.
    pub fn api_host(&self, api: &str) -> String {
        format!("{api}.execute-api.localhost:{}", self.port)
    }

    /// What it and its functions have logged.
    pub fn log(&self) -> String {
        self.kept.log()
    }
}

/// What the variable `MINISTACK` names, what is on the path, or what is installed under the workspace's target.
#[expect(clippy::disallowed_methods, reason = "a developer says where the program is")]
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("MINISTACK").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("ministack"));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ministack/bin/ministack");
    named.into_iter().chain(on_path).chain([workspace]).find(|program| program.is_file())
}
