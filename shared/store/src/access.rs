//! What the implementation of each trait calls, and so the least that a function which takes the trait has to be
//! permitted. A test drives every method and holds this against what was sent; another holds the template's
//! policies against it.
//!
//! A transaction has no permission of its own: each of its writes needs that of the same write alone. A batch of
//! reads has one, on every table that it reads. A query of an index needs one on the index and none on the table.

use std::fmt::{Display, Formatter, Result};

use crate::FirstRead;

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The action as a policy names it.
    pub action: &'static str,
    /// What it is for.
    pub resource: Resource,
}

/// What a permission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The table of a kind.
    Table(&'static str),
    /// An index of the table of a kind.
    Index(&'static str, &'static str),
    /// The secrets of connectors.
    Secrets,
}

const fn table(kind: &'static str, action: &'static str) -> Permission {
    Permission { action, resource: Resource::Table(kind) }
}

const fn index(kind: &'static str, name: &'static str, action: &'static str) -> Permission {
    Permission { action, resource: Resource::Index(kind, name) }
}

const fn secrets(action: &'static str) -> Permission {
    Permission { action, resource: Resource::Secrets }
}

const BATCH_GET: &str = "dynamodb:BatchGetItem";
const DELETE: &str = "dynamodb:DeleteItem";
const GET: &str = "dynamodb:GetItem";
const PUT: &str = "dynamodb:PutItem";
const QUERY: &str = "dynamodb:Query";
const SCAN: &str = "dynamodb:Scan";
const UPDATE: &str = "dynamodb:UpdateItem";

/// Every trait that has methods, with what they call. Traits that only join others call what those call.
pub const ACCESS: [(&str, &[Permission]); 19] = [
    ("AuditReader", &[table("audit", QUERY), table("audit", SCAN)]),
    ("AuditWriter", &[table("audit", PUT), table("audit", UPDATE)]),
    ("ConnectorReader", &[table("connectors", GET)]),
    (
        "ConnectorWriter",
        &[
            table("connectors", PUT),
            table("connectors", UPDATE),
            table("connectors", DELETE),
            table("audit", PUT),
            table("generations", UPDATE),
        ],
    ),
    ("GenerationWriter", &[table("generations", UPDATE)]),
    ("LicenseReader", &[table("licenses", GET)]),
    ("LicenseWriter", &[table("licenses", PUT)]),
    ("MarkerReader", &[table("generations", BATCH_GET), table("licenses", BATCH_GET)]),
    ("NameDirectory", &[index("connectors", "by_name", QUERY)]),
    ("PlatformDirectory", &[index("connectors", "platform", QUERY)]),
    ("RevocationReader", &[table("licenses", GET), table("licenses", SCAN)]),
    ("SecretReader", &[secrets("secretsmanager:DescribeSecret"), secrets("secretsmanager:GetSecretValue")]),
    ("SessionDirectory", &[table("sessions", SCAN), table("sessions", DELETE)]),
    ("SessionStore", &[table("sessions", GET), table("sessions", UPDATE)]),
    ("SessionWriter", &[table("sessions", PUT)]),
    ("StatisticsReader", &[table("cache_stats", QUERY), table("cache_stats", SCAN)]),
    ("StatisticsWriter", &[table("cache_stats", PUT)]),
    ("TenantDirectory", &[table("connectors", QUERY)]),
    ("TestRecorder", &[table("connectors", UPDATE), table("audit", PUT)]),
];

impl FirstRead {
    /// What the read at the start calls.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Session => table("sessions", GET),
            Self::License => table("licenses", GET),
        }
    }
}

impl Display for Permission {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let action = self.action;
        match self.resource {
            Resource::Table(kind) => write!(f, "{action} on {kind}"),
            Resource::Index(kind, name) => write!(f, "{action} on {kind}/index/{name}"),
            Resource::Secrets => write!(f, "{action} on secrets"),
        }
    }
}
