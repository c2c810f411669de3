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

#[cfg(test)]
mod tests {
    use super::*;
    use AuditAction::{
        ConnectorCreate, ConnectorDelete, ConnectorTest, ConnectorUpdate, Execute, ExecuteRefused,
        QueryRefused,
    };

    #[test]
    fn actions_keep_the_words_that_stored_entries_have() {
        for (action, word) in [
            (ConnectorCreate, "connector_create"),
            (ConnectorUpdate, "connector_update"),
            (ConnectorDelete, "connector_delete"),
            (ConnectorTest, "connector_test"),
            (QueryRefused, "query_refused"),
            (Execute, "execute"),
            (ExecuteRefused, "execute_refused"),
        ] {
            assert_eq!(action.as_str(), word);
        }
    }

    #[test]
    fn keys_are_in_the_order_of_time() {
        let key = |at: &str| {
            let entry = AuditEntry {
                tenant_id: TenantId::parse("tenant-a").unwrap(),
                at: at.parse().unwrap(),
                id: Uuid::nil(),
                actor: Actor { who: "session:editor".into(), request_id: "r-1".into() },
                action: Execute,
                connector_name: ConnectorName::parse("crm").unwrap(),
                before: None,
                after: None,
                request: None,
                result: UNKNOWN.into(),
            };
            entry.key()
        };
        assert_eq!(
            key("2026-07-10T19:30:00Z"),
            "2026-07-10T19:30:00.000Z#00000000-0000-0000-0000-000000000000"
        );
        let times = ["2026-07-10T19:30:00Z", "2026-07-10T19:30:00.05Z", "2026-07-10T19:30:00.1Z"];
        assert!(times.map(key).is_sorted_by(|earlier, later| earlier < later));
    }
}
