//! Records, ids, validation, licenses and errors of the connector platform: pure rules without I/O.

pub mod allow_list;
pub mod audit;
mod body;
pub mod clock;
pub mod connection_url;
pub mod connector_type;
pub mod cursor;
pub mod deadline;
pub mod draft;
pub mod entropy;
pub mod etag;
pub mod fault;
mod fields;
pub mod generation;
pub mod health;
pub mod ids;
pub mod license;
pub mod options;
pub mod patch;
pub mod policy;
pub mod problem;
pub mod record;
pub mod rules;
pub mod scope;
pub mod secret_arn;
pub mod session;
pub mod wire;
