//! What one statement gave to read.

use crate::{Limit, Rows};

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub(super) rows: Rows,
    /// How many rows there were before the limit, where that was asked.
    pub(super) total: u64,
}

impl Read {
    /// Whether the server still sends: then the session can't be used any more.
    pub(super) fn is_unfinished(&self) -> bool {
        self.rows.exceeded() == Some(Limit::Bytes)
    }
}
