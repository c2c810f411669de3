//! One entry of the audit: who did what to which connector, and how it ended. Values are masked before they
//! come here.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{ConnectorName, TenantId};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// A connector was created.
    ConnectorCreate,
    /// A connector was updated.
    ConnectorUpdate,
    /// A connector was deleted.
    ConnectorDelete,
    /// A connector was tested.
    ConnectorTest,
    /// A query was refused by governance.
    QueryRefused,
    /// Something was executed, or was about to be: the entry's result tells how it ended.
    Execute,
    /// An execute was refused by governance.
    ExecuteRefused,
}

impl AuditAction {
    /// The word for the action in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectorCreate => "connector_create",
            Self::ConnectorUpdate => "connector_update",
            Self::ConnectorDelete => "connector_delete",
            Self::ConnectorTest => "connector_test",
            Self::QueryRefused => "query_refused",
            Self::Execute => "execute",
            Self::ExecuteRefused => "execute_refused",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug)]
pub struct Actor {
    /// `session:<user>` or `license:<sub>#<jti>`.
    pub who: String,
    /// The request that did it.
    pub request_id: String,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Whose connector it is about.
    pub tenant_id: TenantId,
    /// When, to the millisecond.
    pub at: Timestamp,
    /// Makes entries of the same millisecond distinct.
    pub id: Uuid,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// To which connector.
    pub connector_name: ConnectorName,
    /// The record before, as the API shows it.
    pub before: Option<Value>,
    /// The record after, as the API shows it.
    pub after: Option<Value>,
    /// What was asked of the upstream, where something was.
    pub request: Option<AuditedRequest>,
    /// How it ended.
    pub result: String,
}

/// What was asked of an upstream. The values that went with it are told apart by their hash and never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedRequest {
    /// The statement, cut where it is very long.
    pub statement: Option<String>,
    /// The operation, or `action` of an execute.
    pub operation: Option<String>,
    /// SHA-256, in hex, of the parameters as canonical JSON (RFC 8785).
    pub parameters_sha256: String,
}

/// The result of an execute from before its upstream is called until its outcome is stored. It stands for good
/// where the container ended in between: whether the upstream acted is not known.
pub const UNKNOWN: &str = "unknown";

impl AuditEntry {
    /// The sort key `at#id`: fixed width, so that the order of keys is the order of time.
    pub fn key(&self) -> String {
        format!("{:.3}#{}", self.at, self.id)
    }
}
