//! Read, decide, write; and again when somebody else was faster.
//!
//! A wait is a multiple of what the lost attempt took, twice as large after each loss: a store that a crowd of
//! writers has made slow needs them to spread further, or nobody's read is still true when its write arrives.

use std::time::Duration;

use backon::BackoffBuilder;
use model::{
    clock::{Clock, Moment},
    deadline::Deadline,
};

use crate::{dynamo::pause, error::StoreError, transaction::backoff};

/// The shortest and the longest wait, before jitter up to doubles them.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// The waits of one writer that races others for a record.
pub struct Race<'a> {
    clock: &'a dyn Clock,
    deadline: Deadline,
    attempt: Moment,
    losses: u32,
}

impl<'a> Race<'a> {
    /// A race that begins now and lasts until the deadline.
    pub fn new(clock: &'a dyn Clock, deadline: Deadline) -> Self {
        Self { clock, deadline, attempt: clock.now(), losses: 0 }
    }

    /// After a refused write: waits a moment, so that the record can be read again; an error when no time is left.
    pub async fn lost(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let took = now.ticks.duration_since(self.attempt.ticks);
        let wait = took.saturating_mul(1 << self.losses.min(16)).clamp(SHORTEST, LONGEST);
        let wait = backoff().with_min_delay(wait).with_max_delay(LONGEST).build().next().unwrap_or(wait);
        pause(self.clock, wait, self.deadline).await.map_err(|_| {
            StoreError::Unavailable("others kept changing the record until the deadline".into())
        })?;
        self.attempt = self.clock.now();
        self.losses += 1;
        Ok(())
    }
}
