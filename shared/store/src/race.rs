//! Read, decide, write; and again when somebody else was faster.

use backon::{BackoffBuilder, ExponentialBackoff};
use model::{clock::Clock, deadline::Deadline};

use crate::{error::StoreError, transaction::backoff};

/// The waits of one writer that races others for a record.
pub struct Race<'a> {
    clock: &'a dyn Clock,
    deadline: Deadline,
    waits: ExponentialBackoff,
}

impl<'a> Race<'a> {
    /// A race that lasts until the deadline.
    pub fn new(clock: &'a dyn Clock, deadline: Deadline) -> Self {
        Self { clock, deadline, waits: backoff().build() }
    }

    /// After a refused write: waits a moment, so that the record can be read again; an error when no time is left.
    pub async fn lost(&mut self) -> Result<(), StoreError> {
        let left = self.deadline.left(self.clock.now());
        match self.waits.next() {
            Some(wait) if left.is_some_and(|left| wait < left) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            _ => Err(StoreError::Unavailable("others kept changing the record until the deadline".into())),
        }
    }
}
