//! Governance: which operations a connector's record permits. Pure judgement; whoever calls it must refuse.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{connector_type::ConnectorType, options::Options};

/// Whether an operation changes anything upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperationClass {
    /// Changes nothing.
    Read,
    /// May change something.
    Write,
}

/// One thing a caller asks the upstream to do, as governance sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operation's name in the connector's list; for SQL the statement's kind, or a function that it calls.
    pub name: Cow<'static, str>,
    /// The verb it amounts to: an SQL keyword or an HTTP method.
    pub verb: &'static str,
    /// Whether it writes.
    pub class: OperationClass,
}

/// The route that a call came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Reads only.
    Query,
    /// Reads and writes.
    Execute,
}

/// The rules of one connector.
#[derive(Clone, Debug)]
pub struct Policy {
    blocked: Vec<String>,
    allowed: Option<Vec<String>>,
    read_only: bool,
}

/// A rule that refused an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule, as `policy_info.matched_policies` shows it.
    pub policy: MatchedPolicy,
    /// The reason, with what would be allowed.
    pub reason: String,
}

/// A rule as a caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatchedPolicy {
    /// A stable identifier.
    pub policy_id: &'static str,
    /// A name for people.
    pub policy_name: &'static str,
    /// What kind of rule it is.
    pub category: &'static str,
    /// How grave a breach would be.
    pub severity: &'static str,
    /// What the rule did.
    pub action: &'static str,
}

/// A rule that can refuse; the order is the order of judgement.
#[derive(Clone, Copy, Debug)]
enum Rule {
    QueriesRead,
    ReadOnlyConnector,
    BlockedOperations,
    AllowedOperations,
}

/// The number of rules, as `policies_evaluated` counts them.
pub const RULES: usize = 4;

impl Policy {
    /// The rules that a record's type and options make.
    pub fn of(kind: ConnectorType, options: &Options) -> Self {
        let list = |name: &str| {
            let names = options.get(name)?.as_array()?;
            Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
        };
        let default = || kind.default_blocked().iter().map(|verb| (*verb).to_owned()).collect();
        let own = list("blocked_operations").filter(|_| kind.blocked_is_configurable());
        Self {
            blocked: own.unwrap_or_else(default),
            allowed: list("allowed_operations"),
            read_only: options.get("read_only").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    /// Judges one operation on one route.
    pub fn judge(&self, route: Route, operation: &Operation) -> Result<(), Refusal> {
        let Operation { name, verb, class } = operation;
        let names = |entry: &String| covers(entry, name) || entry.eq_ignore_ascii_case(verb);
        if route == Route::Query && *class == OperationClass::Write {
            return Err(Rule::QueriesRead.refuses(format!(
                "{name} writes, and a query only reads; reading operations are allowed here"
            )));
        }
        if route == Route::Execute && self.read_only {
            return Err(
                Rule::ReadOnlyConnector.refuses("this connector is read-only; queries are allowed".into())
            );
        }
        if route == Route::Execute && self.blocked.iter().any(names) {
            let blocked = self.blocked.join(", ");
            return Err(Rule::BlockedOperations.refuses(format!(
                "{name} is blocked for this connector; blocked are {blocked}, everything else is allowed"
            )));
        }
        if let Some(allowed) =
            self.allowed.as_ref().filter(|allowed| !allowed.iter().any(|e| covers(e, name)))
        {
            let allowed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            return Err(Rule::AllowedOperations.refuses(format!(
                "{name} is not among this connector's allowed operations; allowed are {allowed}"
            )));
        }
        Ok(())
    }
}

/// Whether an entry means a name: the name itself with case ignored, or a beginning of it before a final `*`.
fn covers(entry: &str, name: &str) -> bool {
    match entry.strip_suffix('*') {
        Some(head) => name.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)),
        None => entry.eq_ignore_ascii_case(name),
    }
}

impl Rule {
    fn refuses(self, reason: String) -> Refusal {
        let (policy_id, policy_name, severity) = match self {
            Self::QueriesRead => ("query-reads-only", "Queries only read", "high"),
            Self::ReadOnlyConnector => ("connector-read-only", "Connector is read-only", "high"),
            Self::BlockedOperations => ("blocked-operations", "Blocked operations", "critical"),
            Self::AllowedOperations => ("allowed-operations", "Allowed operations", "medium"),
        };
        let category = "operation-governance";
        Refusal {
            policy: MatchedPolicy { policy_id, policy_name, category, severity, action: "block" },
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        OperationClass::{Read, Write},
        *,
    };
    use crate::fault::Pointer;
    use serde_json::json;

    fn policy(kind: ConnectorType, options: &Value) -> Policy {
        Policy::of(kind, &Options::check(options, kind, &Pointer::root()).unwrap())
    }

    fn refused_by(
        policy: &Policy,
        route: Route,
        name: &'static str,
        class: OperationClass,
    ) -> Option<&'static str> {
        let operation = Operation { name: name.into(), verb: name, class };
        policy.judge(route, &operation).err().map(|refusal| refusal.policy.policy_id)
    }

    #[test]
    fn a_query_never_writes() {
        let policy = policy(ConnectorType::Custom, &json!({}));
        assert_eq!(refused_by(&policy, Route::Query, "GET", Read), None);
        assert_eq!(refused_by(&policy, Route::Query, "POST", Write), Some("query-reads-only"));
        assert_eq!(refused_by(&policy, Route::Execute, "POST", Write), None);
        assert_eq!(refused_by(&policy, Route::Execute, "delete", Write), Some("blocked-operations"));
    }

    #[test]
    fn allowed_operations_narrow_both_routes() {
        let policy = policy(ConnectorType::Slack, &json!({"allowed_operations": ["list_*", "post_message"]}));
        assert_eq!(refused_by(&policy, Route::Query, "list_channels", Read), None);
        assert_eq!(refused_by(&policy, Route::Query, "user_info", Read), Some("allowed-operations"));
        assert_eq!(refused_by(&policy, Route::Execute, "post_message", Write), None);
        assert_eq!(refused_by(&policy, Route::Execute, "reply", Write), Some("allowed-operations"));
    }

    #[test]
    fn a_records_own_list_replaces_the_default() {
        let policy = policy(ConnectorType::Custom, &json!({"blocked_operations": ["PATCH"]}));
        let write = OperationClass::Write;
        assert_eq!(refused_by(&policy, Route::Execute, "DELETE", write), None);
        assert_eq!(refused_by(&policy, Route::Execute, "PATCH", write), Some("blocked-operations"));
    }

    #[test]
    fn an_entry_blocks_the_operation_of_its_name_or_every_operation_of_its_verb() {
        let policy = policy(ConnectorType::Slack, &json!({"blocked_operations": ["reply", "delete"]}));
        for (name, verb, blocked) in
            [("reply", "POST", true), ("delete_message", "DELETE", true), ("post_message", "POST", false)]
        {
            let operation = Operation { name: name.into(), verb, class: Write };
            let refusal = policy.judge(Route::Execute, &operation).err();
            let reason = format!(
                "{name} is blocked for this connector; blocked are reply, delete, everything else is allowed"
            );
            assert_eq!(refusal.map(|refusal| refusal.reason), blocked.then_some(reason), "{name}");
        }
    }

    #[test]
    fn a_read_only_connector_refuses_every_execute() {
        let policy = policy(ConnectorType::Custom, &json!({"read_only": true}));
        let read = OperationClass::Read;
        assert_eq!(refused_by(&policy, Route::Execute, "GET", read), Some("connector-read-only"));
        assert_eq!(refused_by(&policy, Route::Query, "GET", read), None);
    }
}
