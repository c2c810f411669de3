//! The DynamoDB that these tests run on: the embedded one, or AWS's DynamoDB Local, which is stricter. The very same
//! tests hold on both; one of them starts this program once more, for the other.
//!
//! Where the two differ, a method of [`Backend`] says how.
//!
//! `STORE_BACKEND=dynamodb-local cargo test -p store --test it NAME` runs some of them on DynamoDB Local.

use std::{
    env,
    process::{Command, Stdio},
};

use dynoxide::Database;
use test_servers::dynamodb_local::{self, DynamoDbLocal};
use tokio::net::TcpListener;

const VARIABLE: &str = "STORE_BACKEND";
const DYNAMODB_LOCAL: &str = "dynamodb-local";

/// A DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// One for each world, in this process.
    Embedded,
    /// One for all worlds.
    DynamoDbLocal,
}

impl Backend {
    /// The one that this process runs on.
    #[expect(clippy::disallowed_methods, reason = "tests are told by their environment what they run on")]
    pub(crate) fn chosen() -> Self {
        match env::var(VARIABLE).as_deref() {
            Err(_) => Self::Embedded,
            Ok(DYNAMODB_LOCAL) => Self::DynamoDbLocal,
            Ok(other) => panic!("{VARIABLE} can't be {other}: {DYNAMODB_LOCAL} or nothing"),
        }
    }

    /// The address of a server.
    pub(crate) async fn endpoint(self) -> String {
        match self {
            Self::Embedded => embedded().await,
            Self::DynamoDbLocal => {
                let server = DynamoDbLocal::shared().expect("DynamoDB Local, which was asked for");
                format!("http://127.0.0.1:{}", server.port)
            }
        }
    }

    /// Whether a page is what is left of the first megabyte after the filter, as on AWS. DynamoDB Local filters first,
    /// and ends a page after a megabyte of what is left.
    pub(crate) fn pages_before_it_filters(self) -> bool {
        self != Self::DynamoDbLocal
    }
}

async fn embedded() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = Database::memory().unwrap();
    let server = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
    tokio::spawn(async move { server.await.unwrap() });
    endpoint
}

#[test]
fn every_test_of_this_program_holds_on_dynamodb_local() {
    if !dynamodb_local::is_installed() {
        return;
    }
    let again = Command::new(env::current_exe().unwrap())
        .args(["--skip", "every_test_of_this_program_holds_on"])
        .env(VARIABLE, DYNAMODB_LOCAL)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{told}{}", String::from_utf8_lossy(&again.stderr));
    println!("{told}");
}
