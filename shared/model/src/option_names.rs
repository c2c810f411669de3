//! The names of options. A key that is almost one of them would quietly mean nothing, and where it is one of
//! governance leave open what should be closed. Other unknown keys are the caller's own notes.

use serde_json::{Map, Value};

use crate::{
    connector_type::ConnectorType,
    fault::{Fault, Pointer},
    vendor_options,
};

/// Options of every type: they decide what is refused.
const GOVERNANCE: [&str; 3] = ["allowed_operations", "blocked_operations", "read_only"];
const CASSANDRA: [&str; 5] = ["ca_pem", "consistency", "local_dc", "serial_consistency", "tls"];
const CUSTOM: [&str; 7] =
    ["api_key_header", "auth_type", "ca_pem", "data_path", "headers", "health_path", "oauth2_client_auth"];
const POSTGRES: [&str; 2] = ["ca_pem", "pool_size"];
const SNOWFLAKE: [&str; 7] =
    ["auth_type", "ca_pem", "database", "oauth2_client_auth", "role", "schema", "warehouse"];

/// Names shorter than this are taken for misspelt by one letter, longer ones by two.
const SHORT: usize = 8;

/// Reports every key that was probably meant as another.
pub(crate) fn check(map: &Map<String, Value>, kind: ConnectorType, at: &Pointer, faults: &mut Vec<Fault>) {
    let vendor = vendor_options::of(kind).iter().map(|option| option.name);
    let known: Vec<&str> = GOVERNANCE.iter().chain(of(kind)).copied().chain(vendor).collect();
    for key in map.keys() {
        if let Some(name) = meant(key, &known) {
            faults
                .push(Fault::at(at.child(key), format!("is not an option of {kind}; did you mean {name}?")));
        }
    }
}

fn of(kind: ConnectorType) -> &'static [&'static str] {
    match kind {
        ConnectorType::Cassandra => &CASSANDRA,
        ConnectorType::Custom => &CUSTOM,
        ConnectorType::Postgres => &POSTGRES,
        ConnectorType::Snowflake => &SNOWFLAKE,
        _ => &[],
    }
}

fn meant<'n>(key: &str, known: &[&'n str]) -> Option<&'n str> {
    if known.contains(&key) {
        return None;
    }
    let plain = key.to_ascii_lowercase().replace('-', "_");
    let near = |name: &&&str| {
        let slips = if name.len() < SHORT { 1 } else { 2 };
        // What begins otherwise was rarely meant: `base_path` is no slip for `data_path`.
        plain.chars().next() == name.chars().next() && strsim::damerau_levenshtein(&plain, name) <= slips
    };
    known.iter().find(near).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(kind: ConnectorType, key: &str) -> bool {
        let mut faults = Vec::new();
        check(json!({ key: true }).as_object().unwrap(), kind, &Pointer::root(), &mut faults);
        !faults.is_empty()
    }

    #[test]
    fn a_slip_is_named_with_what_was_meant() {
        let mut faults = Vec::new();
        let options = json!({"read_onl": true});
        check(options.as_object().unwrap(), ConnectorType::Slack, &Pointer::root(), &mut faults);
        assert_eq!(
            faults,
            [Fault::at(Pointer::field("read_onl"), "is not an option of slack; did you mean read_only?")]
        );
        for key in ["auth_typ", "authtype", "Auth-Type", "header", "allowed_operation", "READ_ONLY", "ca_pen"]
        {
            assert!(refused(ConnectorType::Custom, key), "{key}");
        }
        assert!(refused(ConnectorType::Postgres, "poolsize"));
        // Two letters wrong in a name of eight, and in one of seven.
        assert!(refused(ConnectorType::Snowflake, "dtabse") && !refused(ConnectorType::Custom, "heade"));
        assert!(
            refused(ConnectorType::Snowflake, "ware_house") && refused(ConnectorType::Snowflake, "roles")
        );
        for key in ["consistancy", "local_dcs", "localdc", "TLS", "tsl", "serial-consistency"] {
            assert!(refused(ConnectorType::Cassandra, key), "{key}");
        }
    }

    #[test]
    fn options_and_notes_are_taken() {
        for key in
            GOVERNANCE.iter().chain(&CUSTOM).copied().chain(["note", "base_path", "reader", "team", "path"])
        {
            assert!(!refused(ConnectorType::Custom, key), "{key}");
        }
        assert!(
            !refused(ConnectorType::Postgres, "auth_typ") && !refused(ConnectorType::Amadeus, "environment")
        );
        for (near, far) in [("ca_pe", "ca_p"), ("health_pat", "health_p")] {
            assert!(
                refused(ConnectorType::Custom, near) && !refused(ConnectorType::Custom, far),
                "{near} {far}"
            );
        }
    }
}
