//! What the real binary tells its operators: its standard output, read line by line as CloudWatch reads it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on has failed")]

mod concurrent;
mod scripted;
mod setup;
mod traced;
