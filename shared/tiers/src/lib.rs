//! The lower tiers: connectors that the deployment's configuration file or its environment declares. They are read
//! once at start; a database record of the same name shadows them, even a disabled one.

use model::{
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    source::Source,
};
use zeroize::Zeroizing;

/// A connector as one of the tiers declares it, for one tenant.
pub struct Entry {
    /// Its settings. What only a database record has (id, version, times, health) stands at its beginning.
    pub record: ConnectorRecord,
    /// The tier.
    pub source: Source,
    /// Credentials that the tier itself holds, as the JSON text that a secret would have.
    pub credentials: Option<Zeroizing<String>>,
}

/// The entries of both lower tiers.
#[derive(Default)]
pub struct Tiers {}

impl Tiers {
    /// The entry that a tenant's calls of a name mean: the file's, else the environment's; in each, one of the
    /// tenant's own before one for everyone.
    pub fn find(&self, _tenant: &TenantId, _name: &ConnectorName) -> Option<Entry> {
        None
    }

    /// Every entry that a tenant can call, sorted by name; of each name the one that [`Self::find`] gives.
    pub fn of_tenant(&self, _tenant: &TenantId) -> Vec<Entry> {
        Vec::new()
    }
}
