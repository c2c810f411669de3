//! The client that every table shares, and the time each request may take.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    types::AttributeValue,
};
use model::{clock::Clock, deadline::Deadline, entropy::Entropy};

use crate::{error::StoreError, schema::TableNames};

/// An item as DynamoDB holds it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The longest one attempt may take; what is lost on the way is tried again after it.
const ATTEMPT: Duration = Duration::from_secs(3);

/// The longest that the start waits for the store.
const PRIMING: Duration = Duration::from_secs(1);

/// What each call of a function reads first.
#[derive(Clone, Copy, Debug)]
pub enum FirstRead {
    /// The session: the portal's functions.
    Session,
    /// Whether the license was revoked: the agent's.
    License,
}

/// The tables of one deployment.
#[derive(Clone)]
pub struct Dynamo {
    pub(crate) client: Client,
    pub(crate) tables: Arc<TableNames>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Dynamo {
    /// The tables behind a client.
    pub fn new(client: Client, tables: TableNames, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, tables: Arc::new(tables), clock, entropy }
    }

    /// Opens the connection before the first call needs it, by a read that the function is permitted anyway.
    pub async fn prime(&self, first: FirstRead) {
        let (table, key) = match first {
            FirstRead::Session => (&self.tables.sessions, "token_hash"),
            FirstRead::License => (&self.tables.licenses, "jti"),
        };
        // The answer does not matter: a store that is not there fails the first call with its reason. It may not
        // hold up the start, though.
        let request = self.client.get_item().table_name(table).key(key, s("none")).send();
        let _ = tokio::time::timeout(PRIMING, request).await;
    }

    /// Bounds one request, its retries included, by what is left of the call.
    pub(crate) fn within(&self, deadline: Deadline) -> Result<Builder, StoreError> {
        let left = deadline.left(self.clock.now()).ok_or_else(StoreError::deadline)?;
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(left)
            .operation_attempt_timeout(ATTEMPT.min(left))
            .build();
        Ok(Builder::new().timeout_config(timeouts))
    }

    /// [`pause`] by the store's own clock.
    pub(crate) async fn pause(&self, wait: Duration, deadline: Deadline) -> Result<(), StoreError> {
        pause(self.clock.as_ref(), wait, deadline).await
    }
}

/// Waits between two attempts; an error, at once, when the call would be over by then.
pub(crate) async fn pause(clock: &dyn Clock, wait: Duration, deadline: Deadline) -> Result<(), StoreError> {
    if deadline.left(clock.now()).is_none_or(|left| left <= wait) {
        return Err(StoreError::deadline());
    }
    tokio::time::sleep(wait).await;
    Ok(())
}

/// A string attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
