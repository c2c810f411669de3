//! Read, decide, write; and again when somebody else was faster.
//!
//! The waits start from what the lost attempt took: a store that a crowd of writers has made slow needs them to
//! spread further, or nobody's read is still true when its write arrives.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff};
use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
};

use crate::{error::StoreError, transaction::backoff};

/// The shortest and the longest wait, before jitter up to doubles them.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(500);

/// The waits of one writer that races others for a record.
pub struct Race<'a> {
    clock: &'a dyn Clock,
    deadline: Deadline,
    began: Moment,
    waits: Option<ExponentialBackoff>,
}

impl<'a> Race<'a> {
    /// A race that begins now and lasts until the deadline.
    pub fn new(clock: &'a dyn Clock, deadline: Deadline) -> Self {
        Self { clock, deadline, began: clock.now(), waits: None }
    }

    /// After a refused write: waits a moment, so that the record can be read again; an error when no time is left.
    pub async fn lost(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let left = self.deadline.left(now);
        let took = now.ticks.duration_since(self.began.ticks);
        let build =
            || backoff().with_min_delay(took.clamp(SHORTEST, LONGEST)).with_max_delay(LONGEST).build();
        match self.waits.get_or_insert_with(build).next() {
            Some(wait) if left.is_some_and(|left| wait < left) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            _ => Err(StoreError::Unavailable("others kept changing the record until the deadline".into())),
        }
    }
}
