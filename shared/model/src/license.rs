//! License keys: `AXON-` followed by a compact JWS (EdDSA). A key is verified offline, against the public keys
//! that the deployment carries.

mod keys;
mod provider;
mod signing;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{ConnectorName, TenantId};

pub use keys::{LicenseKeys, LicenseKeysError};
pub use signing::{SigningKey, SigningKeyError};

/// What every license key begins with.
pub const PREFIX: &str = "AXON-";

/// Something a license permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Refreshing cached instances.
    Refresh,
    /// Reading the cache statistics.
    Stats,
    /// Queries, and listing connectors.
    Query,
    /// Writes.
    Execute,
}

impl Scope {
    /// The word for the scope in the claims.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Stats => "stats",
            Self::Query => "query",
            Self::Execute => "execute",
        }
    }
}

/// The claims of a license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Whom it was issued to.
    pub sub: String,
    /// The tenants it covers, or `["*"]`.
    pub tenants: Vec<String>,
    /// What it permits. Scopes that this version does not know permit nothing.
    pub scopes: Vec<String>,
    /// The connectors it covers, `*` at the end; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connectors: Option<Vec<String>>,
    /// Seconds since the epoch at which it ends.
    pub exp: i64,
    /// Seconds since the epoch at which it was issued.
    pub iat: i64,
    /// Its identifier, by which it can be revoked.
    pub jti: String,
}

/// Why a license key is no license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenseError {
    /// Not of the documented form.
    #[error("the license key is malformed; it reads AXON- followed by three parts separated by dots")]
    Malformed,
    /// The signature is not by a key of this deployment.
    #[error("the license key was not issued for this deployment")]
    Forged,
    /// Before its beginning, where it says when that is.
    #[error("the license is not good yet; its `nbf` says from when on it is")]
    Early,
    /// Past its end.
    #[error("the license has expired; ask for a new one")]
    Expired,
}

impl License {
    /// Whether a tenant is covered.
    pub fn covers_tenant(&self, tenant: &TenantId) -> bool {
        self.tenants.iter().any(|entry| entry == "*" || entry == tenant.as_str())
    }

    /// Whether every tenant is covered, those that do not exist yet included.
    pub fn covers_every_tenant(&self) -> bool {
        self.tenants.iter().any(|entry| entry == "*")
    }

    /// The tenant that the license means when none is named: the only one it lists.
    pub fn only_tenant(&self) -> Option<TenantId> {
        match self.tenants.as_slice() {
            [only] => TenantId::parse(only).ok(),
            _ => None,
        }
    }

    /// Whether something is permitted.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|word| word == scope.as_str())
    }

    /// Whether a connector is covered.
    pub fn covers_connector(&self, name: &ConnectorName) -> bool {
        let covers = |entry: &String| match entry.strip_suffix('*') {
            Some(head) => name.as_str().starts_with(head),
            None => entry == name.as_str(),
        };
        self.connectors.as_ref().is_none_or(|list| list.iter().any(covers))
    }

    /// Whether every connector of the covered tenants is covered.
    pub fn covers_every_connector(&self) -> bool {
        self.connectors.as_ref().is_none_or(|list| list.iter().any(|entry| entry == "*"))
    }

    fn expired(&self, now: Timestamp) -> bool {
        now.as_second() >= self.exp
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use proptest::prelude::*;

    fn license() -> License {
        License {
            sub: "acme".into(),
            tenants: vec!["tenant-a".into()],
            scopes: vec!["query".into()],
            connectors: Some(vec!["crm-*".into(), "erp".into()]),
            exp: 2_000,
            iat: 1_000,
            jti: "one".into(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn issued() -> (LicenseKeys, SigningKey, String) {
        let key = SigningKey::generate(&SystemEntropy);
        let keys = LicenseKeys::from_jwks(&key.public_jwks().to_string()).unwrap();
        let text = key.issue(&license());
        (keys, key, text)
    }

    #[test]
    fn an_issued_license_is_read_back_until_it_ends() {
        let (keys, _, text) = issued();
        assert_eq!(keys.verify(&text, at(1_999)), Ok(license()));
        assert_eq!(keys.verify(&text, at(2_000)), Err(LicenseError::Expired));
    }

    #[test]
    fn a_license_is_none_before_the_beginning_that_it_names() {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
        let (keys, key, text) = issued();
        let head = text.strip_prefix(PREFIX).unwrap().split('.').next().unwrap();
        let mut claims = serde_json::to_value(license()).unwrap();
        claims["nbf"] = 1_200.into();
        let signed = format!("{head}.{}", B64.encode(claims.to_string()));
        let pair = ring::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.to_pkcs8()).unwrap();
        let text = format!("{PREFIX}{signed}.{}", B64.encode(pair.sign(signed.as_bytes())));
        assert_eq!(keys.verify(&text, at(1_199)), Err(LicenseError::Early));
        assert_eq!(keys.verify(&text, at(1_200)), Ok(license()));
    }

    #[test]
    fn a_license_of_another_key_is_forged_even_under_the_same_key_id() {
        let (keys, key, _) = issued();
        let other = SigningKey::generate(&SystemEntropy).with_key_id(key.key_id());
        assert_eq!(other.key_id(), key.key_id());
        assert_eq!(keys.verify(&other.issue(&license()), at(1_500)), Err(LicenseError::Forged));
    }

    #[test]
    fn other_algorithms_are_refused() {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
        let (keys, key, text) = issued();
        let claims = text.split('.').nth(1).unwrap();
        for alg in ["none", "HS256", "RS256", "eddsa"] {
            let header = B64.encode(format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, key.key_id()));
            for signature in ["", "AAAA"] {
                let forged = format!("AXON-{header}.{claims}.{signature}");
                assert!(keys.verify(&forged, at(1_500)).is_err(), "{alg}");
            }
        }
    }

    #[test]
    fn an_identifier_has_1_to_255_bytes() {
        let (keys, key, _) = issued();
        let verified =
            |jti: String| keys.verify(&key.issue(&License { jti, ..license() }), at(1_500)).is_ok();
        assert!(verified("j".repeat(255)) && !verified("j".repeat(256)) && !verified(String::new()));
    }

    #[test]
    fn coverage_is_exact() {
        let license = license();
        let tenant = |text| TenantId::parse(text).unwrap();
        let name = |text| ConnectorName::parse(text).unwrap();
        assert!(license.covers_tenant(&tenant("tenant-a")) && !license.covers_tenant(&tenant("tenant-ab")));
        assert!(license.has_scope(Scope::Query) && !license.has_scope(Scope::Execute));
        assert!(license.covers_connector(&name("crm-1")) && license.covers_connector(&name("erp")));
        assert!(!license.covers_connector(&name("erp2")) && !license.covers_connector(&name("crm")));
    }

    #[test]
    fn a_license_for_one_tenant_means_it_where_none_is_named() {
        let only = |tenants: &[&str]| {
            let tenants = tenants.iter().map(ToString::to_string).collect();
            License { tenants, ..license() }.only_tenant().map(|tenant| tenant.to_string())
        };
        assert_eq!(only(&["tenant-a"]).as_deref(), Some("tenant-a"));
        for several in [["*"].as_slice(), &["tenant-a", "tenant-b"], &["tenant-a", "*"], &[]] {
            assert_eq!(only(several), None, "{several:?}");
        }
    }

    #[test]
    fn only_a_star_of_its_own_covers_everything() {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (list, all) in [
            (["*"].as_slice(), true),
            (&["tenant-a", "*"], true),
            (&["tenant-a"], false),
            (&["tenant-*"], false),
            (&["**"], false),
            (&[], false),
        ] {
            let license = License { tenants: texts(list), connectors: Some(texts(list)), ..license() };
            assert_eq!(
                (license.covers_every_tenant(), license.covers_every_connector()),
                (all, all),
                "{list:?}"
            );
        }
        assert!(License { connectors: None, ..license() }.covers_every_connector());
    }

    proptest! {
        #[test]
        fn any_changed_character_is_refused(position in 0usize..400, replacement in "[A-Za-z0-9_.-]") {
            let (keys, _, text) = issued();
            let position = position % text.len();
            let mut changed = text.clone();
            changed.replace_range(position..=position, &replacement);
            prop_assume!(changed != text);
            prop_assert!(keys.verify(&changed, at(1_500)).is_err());
        }

        #[test]
        fn arbitrary_text_is_refused_without_a_panic(text in "(AXON-)?\\PC{0,80}") {
            let (keys, ..) = issued();
            prop_assert!(keys.verify(&text, at(1_500)).is_err());
        }
    }
}
