//! The generation marker: three counters that together say how new a connector's configuration is.

/// The counters read for one call: platform, tenant, connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// The counter of the platform's shard that this container reads.
    pub platform: u64,
    /// The tenant's counter.
    pub tenant: u64,
    /// The connector's counter.
    pub connector: u64,
}

impl Fingerprint {
    /// Whether this is the other, or newer in every counter that differs. Of two that differ both ways neither
    /// covers the other: the counters are read one by one, not at one moment.
    pub fn covers(self, other: Self) -> bool {
        self.platform >= other.platform && self.tenant >= other.tenant && self.connector >= other.connector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_covers_itself_and_what_is_older_in_every_counter() {
        let at = |platform, tenant, connector| Fingerprint { platform, tenant, connector };
        assert!(at(1, 2, 3).covers(at(1, 2, 3)));
        assert!(at(1, 2, 4).covers(at(1, 2, 3)) && at(2, 3, 4).covers(at(1, 2, 3)));
        for newer in [at(2, 2, 3), at(1, 3, 3), at(1, 2, 4)] {
            assert!(!at(1, 2, 3).covers(newer));
        }
        assert!(!at(2, 1, 3).covers(at(1, 2, 3)) && !at(1, 2, 3).covers(at(2, 1, 3)));
    }
}
