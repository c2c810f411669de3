//! What every agent call reads first, in one strongly consistent BatchGetItem: the three generation counters of
//! the connector and whether the caller's license was revoked. The cost does not grow with the number of
//! connectors.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use backon::BackoffBuilder;
use model::{
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
    scope::ScopeKey,
};

use crate::{
    dynamo::{Dynamo, Item, s},
    error::StoreError,
    transaction::backoff,
};

/// The state that a call starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// How new the connector's configuration is.
    pub fingerprint: Fingerprint,
    /// Whether the license was revoked.
    pub license_revoked: bool,
}

/// Reading the markers.
#[async_trait]
pub trait MarkerReader: Send + Sync {
    /// The markers for one call; `shard` is the platform counter that this container reads.
    async fn read(
        &self,
        shard: u8,
        tenant: &TenantId,
        connector: &ConnectorName,
        jti: &str,
        deadline: Deadline,
    ) -> Result<Markers, StoreError>;
}

#[async_trait]
impl MarkerReader for Dynamo {
    async fn read(
        &self,
        shard: u8,
        tenant: &TenantId,
        connector: &ConnectorName,
        jti: &str,
        deadline: Deadline,
    ) -> Result<Markers, StoreError> {
        let scopes =
            [ScopeKey::platform(shard), ScopeKey::tenant(tenant), ScopeKey::connector(tenant, connector)];
        let scope_keys = scopes.iter().map(|scope| key("scope", scope.as_str())).collect();
        let items = self
            .batch_get(
                [(&self.tables.generations, scope_keys), (&self.tables.licenses, vec![key("jti", jti)])],
                deadline,
            )
            .await?;
        let counter = |scope: &ScopeKey| counter(&items, scope);
        let [platform, tenant, connector] = scopes;
        Ok(Markers {
            fingerprint: Fingerprint {
                platform: counter(&platform)?,
                tenant: counter(&tenant)?,
                connector: counter(&connector)?,
            },
            license_revoked: items.iter().any(|item| item.contains_key("jti")),
        })
    }
}

impl Dynamo {
    /// Reads keys of two tables, asking again for those that the store did not get to.
    async fn batch_get(
        &self,
        keys: [(&String, Vec<Item>); 2],
        deadline: Deadline,
    ) -> Result<Vec<Item>, StoreError> {
        let mut wanted = std::collections::HashMap::new();
        for (table, keys) in keys {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            wanted.insert(table.clone(), keys.map_err(|error| StoreError::Fault(error.to_string()))?);
        }
        let mut found = Vec::new();
        for wait in backoff().build() {
            let request = self.client.batch_get_item().set_request_items(Some(wanted));
            let request = request.customize().config_override(self.within(deadline)?);
            let answer = request.send().await.map_err(|error| StoreError::of("BatchGetItem", &error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            match answer.unprocessed_keys.filter(|keys| !keys.is_empty()) {
                None => return Ok(found),
                Some(rest) => wanted = rest,
            }
            self.pause(wait, deadline).await?;
        }
        Err(StoreError::deadline())
    }
}

fn key(name: &str, value: &str) -> Item {
    Item::from([(name.to_owned(), s(value))])
}

/// A counter that was never written stands at 0.
fn counter(items: &[Item], scope: &ScopeKey) -> Result<u64, StoreError> {
    let item = items.iter().find(|item| item.get("scope").is_some_and(|key| *key == s(scope.as_str())));
    match item.and_then(|item| item.get("g")) {
        None => Ok(0),
        Some(AttributeValue::N(number)) => number.parse().map_err(|_| StoreError::unreadable("generation")),
        Some(_) => Err(StoreError::unreadable("generation")),
    }
}
