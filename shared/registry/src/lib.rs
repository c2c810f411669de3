//! From a tenant and a connector's name to a governed call of its upstream: markers, record, judgement, secret,
//! connection, rows. Every call loads; nothing is kept between calls.

mod cache;
mod error;
mod policy_info;
mod query;
mod secret;

use std::sync::Arc;

use egress::Egress;
use model::{clock::Clock, entropy::Entropy, rules::SecretTag};
use store::{AuditWriter, ConnectorReader, MarkerReader, SecretReader};

pub use cache::{Cause, Failure, How, Listener, LoadFailure, Served, WarmCache};
pub use error::CallError;
pub use policy_info::{ExfiltrationCheck, PolicyInfo};
pub use query::{QueryAnswer, QueryCall};

/// What the runtime works with.
pub struct Runtime {
    /// The records.
    pub connectors: Arc<dyn ConnectorReader>,
    /// The generation counters and revoked licenses.
    pub markers: Arc<dyn MarkerReader>,
    /// The secrets.
    pub secrets: Arc<dyn SecretReader>,
    /// Where refusals are noted.
    pub audit: Arc<dyn AuditWriter>,
    /// The way out.
    pub egress: Egress,
    /// Whether a secret must say whose it is.
    pub secret_tag: SecretTag,
    /// The platform counter that this container reads.
    pub shard: u8,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}
