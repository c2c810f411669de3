//! What both tiers make: a connector for one tenant or for everyone. A declared connector obeys the rules of a
//! record that the portal writes, by the same code; only the portal's choice of types does not bind it.

use jiff::Timestamp;
use model::{
    allow_list::AllowList,
    connector_type::ConnectorType,
    draft::Draft,
    fault::Fault,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    rules::{DeploymentMode, PortalRules},
};
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The word for every tenant.
pub(crate) const EVERYONE: &str = "*";

/// A checked connector of a tier.
pub(crate) struct Declaration {
    /// Whose it is; everyone's without one.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) draft: Draft,
    /// The JSON text that a secret would have.
    pub(crate) credentials: Option<Zeroizing<String>>,
}

impl Declaration {
    pub(crate) fn name(&self) -> &ConnectorName {
        self.draft.connector_name()
    }

    /// The record as a tenant sees it. It has no id of its own: nothing stores it, and its name is enough.
    pub(crate) fn record(&self, tenant: &TenantId, now: Timestamp) -> ConnectorRecord {
        self.draft.clone().into_record(tenant.clone(), Uuid::nil(), now)
    }
}

/// Checks the fields of a record by the record's own rules.
pub(crate) fn check(fields: Map<String, Value>, allow: &AllowList) -> Result<Draft, Vec<Fault>> {
    let rules = PortalRules {
        // The tenant is not a field here: it may be everyone.
        mode: DeploymentMode::Saas,
        allow: allow.clone(),
        extra_types: ConnectorType::ALL.to_vec(),
    };
    Draft::parse(&Value::Object(fields), &rules)
}

/// Whose a tier's connector is, from the word that names the tenant.
pub(crate) fn tenant(word: &str) -> Result<Option<TenantId>, String> {
    match word {
        EVERYONE => Ok(None),
        word => TenantId::parse(word).map(Some).map_err(|why| format!("{why}; `*` is every tenant")),
    }
}

/// The steps of a fault's JSON Pointer; the first is the record's field.
pub(crate) fn steps(fault: &Fault) -> Vec<String> {
    let pointer = fault.pointer.to_string();
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// The integer that a text is; any other text goes to the record's rules, which refuse it.
pub(crate) fn integer(text: &str) -> Value {
    text.trim().parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

/// What a fault says, with the other place that a tier has for credentials.
pub(crate) fn with_hint(detail: String, hint: &str) -> String {
    if detail.contains("`credentials_secret_arn`") { format!("{detail}, or {hint}") } else { detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_records_own_faults_point_at_credentials_where_they_speak_of_them() {
        let Value::Object(fields) = json!({
            "connector_name": "db", "connector_type": "postgres", "options": {"password": "x"},
            "connection_url": "postgres://u:p@db.example.com/app", "timeout_ms": 1,
        }) else {
            panic!("no object")
        };
        let faults = check(fields, &AllowList::default()).unwrap_err();
        let hinted: Vec<_> = faults
            .into_iter()
            .map(|fault| (steps(&fault).join(" "), with_hint(fault.detail, "HINT").ends_with(", or HINT")))
            .collect();
        let expected = [("connection_url", true), ("options password", true), ("timeout_ms", false)];
        assert_eq!(hinted, expected.map(|(step, hinted)| (step.to_owned(), hinted)));
    }
}
