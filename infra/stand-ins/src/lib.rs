//! Strict stand-ins for vendors' APIs, on free ports of loopback. Each is written from the vendor's documentation:
//! nothing here knows a connector, so that a connector's misreading of a vendor can't be its stand-in's too.
//!
//! A stand-in refuses what the vendor refuses, in the vendor's own envelope, and notes what no vendor would ever be
//! sent by a correct client. Such a note fails the test when the stand-in goes, unless the test took it.

pub mod amadeus;
mod answer;
mod golden;
pub mod hubspot;
pub mod jira;
pub mod salesforce;
mod seen;
pub mod servicenow;
pub mod slack;
mod stand_in;
mod strict;

pub use answer::Answer;
pub use seen::Seen;
pub use stand_in::{StandIn, Vendor};
