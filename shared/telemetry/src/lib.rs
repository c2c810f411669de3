//! What a deployment tells its operators besides its log: metrics, the trace that a call belongs to, and whether a
//! request began its container.
//!
//! A metric is counted in memory where the event happens, and written with the end of an invocation as one line of
//! standard output, which CloudWatch turns into metrics (the embedded metric format). Nothing is sent and nothing
//! waits. [`Metrics`] is handed to whoever counts; where it is off, as on a developer's machine, counting does nothing.

mod arrival;
mod counter;
mod emf;
mod metrics;
mod outcome;
mod sink;
mod trace;

pub use arrival::{Arrival, Container};
pub use counter::Counter;
pub use emf::NAMESPACE;
pub use metrics::Metrics;
pub use outcome::Outcome;
pub use sink::{Sink, StandardOutput};
pub use trace::Trace;
