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
    /// How it ended.
    pub result: String,
}

impl AuditEntry {
    /// The sort key `at#id`: fixed width, so that the order of keys is the order of time.
    pub fn key(&self) -> String {
        format!("{:.3}#{}", self.at, self.id)
    }
}
