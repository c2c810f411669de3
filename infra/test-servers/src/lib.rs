//! Real servers for tests. Each runs on a free port of loopback, in a folder of its own, and ends with the process
//! that started it, whether that succeeds, panics or is killed. A test that finds no server says so and skips; with
//! `REQUIRE_SERVICES=1` that is a failure.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test whose server can't be set up has failed"
)]

use std::process::{Command, Stdio};

pub mod canary;
pub mod cassandra;
mod certificates;
pub mod cloudwatch;
pub mod dynamodb_local;
mod emulate;
mod kept;
mod maven;
pub mod ministack;
pub mod misbehaving;
pub mod postgres;
mod snowduck;
pub mod sqlglot;

pub use certificates::Certificates;
pub use emulate::Emulate;
pub use ministack::MiniStack;
pub use snowduck::Snowduck;

/// Says that something lacks, or fails where nothing may.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment what they may skip")]
pub fn lacking(what: &str) {
    let required = std::env::var("REQUIRE_SERVICES").is_ok_and(|value| value == "1");
    assert!(!required, "{what} is needed, because REQUIRE_SERVICES=1");
    eprintln!("skipped: {what} is not here");
}

/// Whether a program is there; without it the test skips, and says so, or fails where none may.
pub fn available(program: &str) -> bool {
    let mut asked = Command::new(program);
    let found = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        lacking(program);
    }
    found
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
