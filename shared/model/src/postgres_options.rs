//! The options of a `postgres` connector. What can never work is refused when it is written, not at the first call.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::{
    fault::{Fault, Pointer},
    json::whole,
};

/// How many sessions one instance may hold.
pub const POOL_SIZES: RangeInclusive<u64> = 1..=10;

/// Reports every fault of the options that the type knows; others are the caller's own notes.
pub(crate) fn check(map: &Map<String, Value>, at: &Pointer, faults: &mut Vec<Fault>) {
    let mut refuse = |name: &str, why: String| faults.push(Fault::at(at.child(name), why));
    if map.get("ca_pem").is_some_and(|value| !value.is_string()) {
        refuse("ca_pem", "must be a certificate in PEM".into());
    }
    let fits = |value: &Value| whole(value).is_some_and(|size| POOL_SIZES.contains(&size));
    if map.get("pool_size").is_some_and(|value| !fits(value)) {
        let (least, most) = POOL_SIZES.into_inner();
        refuse("pool_size", format!("must be a whole number from {least} to {most}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(options: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        check(options.as_object().unwrap(), &Pointer::root(), &mut faults);
        faults.iter().map(|fault| fault.pointer.to_string()).collect()
    }

    #[test]
    fn one_to_ten_sessions_can_be_held() {
        for size in [json!(1), json!(10), json!(4.0)] {
            assert!(pointers(&json!({ "pool_size": size })).is_empty(), "{size}");
        }
        for size in [json!(0), json!(11), json!(-1), json!(2.5), json!("4"), json!(null)] {
            assert_eq!(pointers(&json!({ "pool_size": size })), ["/pool_size"], "{size}");
        }
    }

    #[test]
    fn every_option_that_can_never_work_is_named() {
        assert_eq!(pointers(&json!({"ca_pem": 1, "pool_size": 0, "note": 1})), ["/ca_pem", "/pool_size"]);
        assert!(pointers(&json!({"ca_pem": "-----BEGIN CERTIFICATE-----"})).is_empty());
    }
}
