//! The generation marker: three counters that together say how new a connector's configuration is.

/// The counters read for one call: platform, tenant, connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// The counter of the platform's shard that this container reads.
    pub platform: u64,
    /// The tenant's counter.
    pub tenant: u64,
    /// The connector's counter.
    pub connector: u64,
}
