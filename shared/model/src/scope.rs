//! Keys of the generation counters. The encoding is injective: no two different (tenant, name) pairs can share
//! a key, whatever characters they hold, because `#` and `%` inside a part are escaped.

use crate::ids::{ConnectorName, TenantId};

/// The number of counters that together stand for "everything": a refresh of all adds to each, a container
/// reads one, so that no single item carries every container's reads.
pub const PLATFORM_SHARDS: u8 = 16;

/// The key of one generation counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeKey(String);

impl ScopeKey {
    /// One of the platform's shards, taken modulo their number.
    pub fn platform(shard: u8) -> Self {
        Self(format!("platform#{:02}", shard % PLATFORM_SHARDS))
    }

    /// Everything of one tenant.
    pub fn tenant(tenant: &TenantId) -> Self {
        Self(format!("tenant#{}", escape(tenant.as_str())))
    }

    /// One connector of one tenant.
    pub fn connector(tenant: &TenantId, name: &ConnectorName) -> Self {
        Self(pair(tenant.as_str(), name.as_str()))
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn pair(tenant: &str, name: &str) -> String {
    format!("tenant#{}#{}", escape(tenant), escape(name))
}

fn escape(part: &str) -> String {
    part.replace('%', "%25").replace('#', "%23")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_pairs_never_share_a_key(
            a in ("[#%a23]{0,6}|\\PC{0,8}", "[#%a23]{0,6}|\\PC{0,8}"),
            b in ("[#%a23]{0,6}|\\PC{0,8}", "[#%a23]{0,6}|\\PC{0,8}"),
        ) {
            prop_assert_eq!(a == b, pair(&a.0, &a.1) == pair(&b.0, &b.1));
        }

        #[test]
        fn a_tenant_never_shares_its_key_with_a_connector(t in "\\PC{0,8}", a in "\\PC{0,8}", b in "\\PC{0,8}") {
            prop_assert_ne!(format!("tenant#{}", escape(&t)), pair(&a, &b));
        }
    }

    #[test]
    fn keys_read_as_documented() {
        let tenant = TenantId::parse("tenant-a").unwrap();
        let name = ConnectorName::parse("crm").unwrap();
        assert_eq!(ScopeKey::platform(7).as_str(), "platform#07");
        assert_eq!(ScopeKey::platform(16).as_str(), "platform#00");
        assert_eq!(ScopeKey::tenant(&tenant).as_str(), "tenant#tenant-a");
        assert_eq!(ScopeKey::connector(&tenant, &name).as_str(), "tenant#tenant-a#crm");
    }
}
