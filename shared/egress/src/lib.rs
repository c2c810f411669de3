//! The only way out. Every byte to an upstream passes here: a name is resolved, **every** address it has is
//! judged, and the connection goes to a judged address and to no other.
//!
//! An [`Egress`] holds what the process shares (rules, TLS, resolver, clock). [`Egress::http`] binds an
//! [`HttpClient`] to one origin; that binding is what lets each connection be judged with host *and* port,
//! whatever a name answers the second time it is asked. [`Egress::addresses`] and [`Egress::dial`] do the same for
//! drivers that speak a protocol of their own.

mod address;
mod dial;
mod error;
mod failure;
mod http;
mod pool;
mod probe;
mod resolve;
mod retry;
mod roots;
mod rules;
mod seal;
mod target;
mod tls;
mod transport;
mod verifier;

pub use error::{EgressError, SetupError};
pub use http::{DEFAULT_MAX_BODY_BYTES, Egress, HttpClient, Request, Response};
pub use probe::{Probe, ProbeStage};
pub use resolve::{Judged, Resolver, SystemResolver};
pub use retry::{Retries, Sent, Verdict, by_status, retry_after, waits};
pub use rules::{Refusal, Rules};
pub use tls::Tls;
