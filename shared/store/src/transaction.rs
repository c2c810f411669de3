//! One TransactWriteItems, repeated while only other transactions stand in its way.
//!
//! The token is drawn once for the whole transaction, so that an attempt whose answer was lost and the attempt
//! after it take effect once.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError, operation::transact_write_items::TransactWriteItemsError, types::TransactWriteItem,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use model::deadline::Deadline;

use crate::{dynamo::Dynamo, error::StoreError};

/// How a transaction ended that the store judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it is stored.
    Stored,
    /// Nothing is stored: a condition did not hold.
    ConditionFailed,
}

enum Attempt {
    Blocked(String),
    Failed(StoreError),
}

impl Dynamo {
    /// Writes all items or none.
    pub(crate) async fn transact(
        &self,
        items: Vec<TransactWriteItem>,
        deadline: Deadline,
    ) -> Result<Outcome, StoreError> {
        let token = self.entropy.uuid().to_string();
        for wait in backoff().build() {
            match self.transact_once(&items, &token, deadline).await {
                Ok(outcome) => return Ok(outcome),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Blocked(reason)) => {
                    let blocked = |_| StoreError::Unavailable(format!("TransactWriteItems: {reason}"));
                    self.pause(wait, deadline).await.map_err(blocked)?;
                }
            }
        }
        Err(StoreError::deadline())
    }

    async fn transact_once(
        &self,
        items: &[TransactWriteItem],
        token: &str,
        deadline: Deadline,
    ) -> Result<Outcome, Attempt> {
        let request = self
            .client
            .transact_write_items()
            .client_request_token(token)
            .set_transact_items(Some(items.to_vec()))
            .customize()
            .config_override(self.within(deadline).map_err(Attempt::Failed)?);
        match request.send().await {
            Ok(_) => Ok(Outcome::Stored),
            Err(error) => judge(&error),
        }
    }
}

/// Waits between attempts: short, because what blocks is another transaction on the same item, and with
/// jitter, which up to doubles them, because there may be a hundred. The deadline ends the retries, not a count.
pub(crate) fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(5))
        .with_max_delay(Duration::from_millis(250))
        .with_jitter()
        .without_max_times()
}

fn judge<R>(error: &SdkError<TransactWriteItemsError, R>) -> Result<Outcome, Attempt> {
    const TRANSIENT: [&str; 4] =
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"];
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let codes: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|r| r.code()).collect();
            if codes.contains(&"ConditionalCheckFailed") {
                return Ok(Outcome::ConditionFailed);
            }
            match codes.iter().find(|code| TRANSIENT.contains(code)) {
                Some(code) => Err(Attempt::Blocked((*code).to_owned())),
                None => Err(Attempt::Failed(StoreError::Fault(format!("cancelled: {}", codes.join(", "))))),
            }
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            Err(Attempt::Blocked("TransactionInProgress".to_owned()))
        }
        _ => Err(Attempt::Failed(StoreError::of("TransactWriteItems", error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_that_meet_do_not_wait_in_step() {
        let waits = || backoff().build().take(8).collect::<Vec<_>>();
        assert_ne!(waits(), waits());
    }
}
