//! Licenses that the operator could issue.

use model::license::License;
use properties::license::issued;
use proptest::prelude::*;

use crate::config;

fn license() -> impl Strategy<Value = License> {
    let text = || prop_oneof!["[a-z0-9-]{0,12}", "\\PC{0,12}"];
    let list = move || prop::collection::vec(prop_oneof![text(), Just("*".to_owned())], 0..4);
    let exp = prop_oneof![any::<i64>(), 1_783_699_990_i64..1_783_700_010];
    let jti = prop_oneof![4 => "[ -~]{0,20}", 1 => "j{250,260}"];
    (text(), list(), list(), prop::option::of(list()), exp, any::<i64>(), jti).prop_map(
        |(sub, tenants, scopes, connectors, exp, iat, jti)| License {
            sub,
            tenants,
            scopes,
            connectors,
            exp,
            iat,
            jti,
        },
    )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_license_is_read_back_until_it_ends(license in license()) {
        issued(&license);
    }
}
