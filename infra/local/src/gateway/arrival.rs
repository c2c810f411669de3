//! Where a request came in, which its headers and its event both tell.

use std::net::IpAddr;

/// Where a request came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// The client's address.
    pub(super) peer: IpAddr,
    /// The port that it reached.
    pub(super) port: u16,
}
