//! Raising the generation counters: how a refresh reaches containers that nobody can call.
//!
//! A counter only has to differ from what a container last read. So an addition that takes effect twice, because the
//! answer to the first was lost, does no harm, and nothing is read before.

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, TransactWriteItem, Update},
};
use backon::BackoffBuilder;
use model::{
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    scope::{PLATFORM_SHARDS, ScopeKey},
};

use crate::{
    dynamo::{Dynamo, Item, n, s},
    error::StoreError,
    transaction::{Outcome, backoff},
};

const ADD: &str = "ADD g :one";

/// What is loaded anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshScope {
    /// Every connector of every tenant.
    All,
    /// Every connector of one tenant.
    Tenant(TenantId),
    /// One connector.
    Connector(TenantId, ConnectorName),
}

/// Raising the counters of a scope.
#[async_trait]
pub trait GenerationWriter: Send + Sync {
    /// Makes every instance and secret of the scope, in whatever container, older than what a call reads from now on.
    /// Gives a text that is another one for each refresh of a scope and means nothing else.
    async fn bump(&self, scope: &RefreshScope, deadline: Deadline) -> Result<String, StoreError>;
}

#[async_trait]
impl GenerationWriter for Dynamo {
    async fn bump(&self, scope: &RefreshScope, deadline: Deadline) -> Result<String, StoreError> {
        match scope {
            RefreshScope::All => self.raise_platform(deadline).await,
            RefreshScope::Tenant(tenant) => self.raise_one(&ScopeKey::tenant(tenant), deadline).await,
            RefreshScope::Connector(tenant, name) => {
                self.raise_one(&ScopeKey::connector(tenant, name), deadline).await
            }
        }
    }
}

impl Dynamo {
    async fn raise_one(&self, scope: &ScopeKey, deadline: Deadline) -> Result<String, StoreError> {
        for wait in backoff().build() {
            let request = self
                .client
                .update_item()
                .table_name(&self.tables.generations)
                .key("scope", s(scope.as_str()))
                .update_expression(ADD)
                .expression_attribute_values(":one", n(1))
                .return_values(ReturnValue::UpdatedNew)
                .customize()
                .config_override(self.within(deadline)?);
            match request.send().await {
                Ok(answer) => return counter(answer.attributes.as_ref()),
                // A portal write holds the connector's counter in its transaction; the SDK does not wait it out.
                Err(error) if meets_transaction(&error) => {
                    let blocked = |_| StoreError::of("UpdateItem", &error);
                    self.pause(wait, deadline).await.map_err(blocked)?;
                }
                Err(error) => return Err(StoreError::of("UpdateItem", &error)),
            }
        }
        Err(StoreError::deadline())
    }

    /// All shards or none: a container reads one of them, and must not be the one that was left out.
    async fn raise_platform(&self, deadline: Deadline) -> Result<String, StoreError> {
        let shards = (0..PLATFORM_SHARDS).map(|shard| self.raised(&ScopeKey::platform(shard)));
        match self.transact(shards.collect::<Result<_, _>>()?, deadline).await? {
            // A transaction returns no counters, and no two shards need stand at the same one: the refresh is named by
            // an id of its own.
            Outcome::Stored => Ok(self.entropy.uuid().to_string()),
            Outcome::ConditionFailed => {
                Err(StoreError::Fault("a condition failed where there is none".into()))
            }
        }
    }

    /// One counter and one more, as a part of a transaction.
    pub(crate) fn raised(&self, scope: &ScopeKey) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.generations)
            .key("scope", s(scope.as_str()))
            .update_expression(ADD)
            .expression_attribute_values(":one", n(1))
            .build()
            .map_err(|error| StoreError::Fault(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn counter(attributes: Option<&Item>) -> Result<String, StoreError> {
    match attributes.and_then(|attributes| attributes.get("g")) {
        Some(AttributeValue::N(counter)) => Ok(counter.clone()),
        _ => Err(StoreError::unreadable("generation")),
    }
}

fn meets_transaction<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception)
}
