//! How long connections are waited for and kept, whatever is spoken over them.

use std::time::Duration;

/// Name resolution, TCP and TLS together; a call's own deadline may cut it shorter.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be silent before the system asks whether the other side is still there. Shorter than
/// what NAT gateways remember.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(30);
