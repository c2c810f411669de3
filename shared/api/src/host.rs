//! The two HTTP APIs. They are separate because a tenant or connector may have the name of another route.

/// One of the two HTTP APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The platform team's, by session.
    Portal,
    /// The runtime's, by license key.
    Agent,
}
