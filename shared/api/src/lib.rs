//! From an API Gateway event (payload format 2.0) to a typed request, and from an outcome to a response. What
//! every function does alike stands here once: routing, authentication, bodies, errors, one log line.

pub mod agent_problem;
pub mod body;
pub mod call;
pub mod document;
mod host;
pub mod license_auth;
pub mod openapi;
pub mod origin;
pub mod problems;
pub mod query;
pub mod respond;
pub mod routes;
pub mod serve;
pub mod session_auth;
pub mod target;

pub use call::Call;
pub use host::Host;
pub use respond::Answer;
pub use serve::serve;
