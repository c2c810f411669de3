//! Readers that are wrong in the ways R1 excludes, to show that the check finds them.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use boot::Boot;
use model::{
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
};
use registry::{Loader, Parts, Runtime};
use store::{ConnectorReader, Dynamo, MarkerReader, Markers, StoreError};

/// What is wrong with a container.
#[derive(Clone, Copy, Debug)]
pub enum Flaw {
    /// It reads no markers: a cache with a TTL alone.
    NoMarkers,
    /// Its markers are those of the read before, as a replica's may be.
    OldMarkers,
    /// Its records are those of the read before.
    OldRecords,
}

/// A container with a flaw.
pub fn flawed(boot: &Boot, flaw: Flaw) -> agent_invoke::App {
    let store = Arc::new(boot.dynamo());
    let lagging = Arc::new(Lagging {
        store: Arc::clone(&store),
        flaw,
        markers: Mutex::default(),
        records: Mutex::default(),
    });
    let loader = Loader {
        connectors: lagging.clone(),
        tiers: boot.tiers().expect("tiers"),
        secrets: Arc::new(boot.secrets()),
        secret_tag: boot.settings.secret_tag,
        egress: boot.egress().expect("a way out"),
    };
    let runtime = Runtime::new(Parts {
        loader,
        directory: store.clone(),
        markers: lagging,
        licenses: store.clone(),
        audit: store.clone(),
        statistics: store,
        metrics: boot.metrics.clone(),
        cache_ttl: boot.settings.cache_ttl,
        cache_capacity: boot.settings.cache_capacity,
        clock: Arc::clone(&boot.clock),
        entropy: Arc::clone(&boot.entropy),
    });
    let license_keys = boot.settings.license_keys.clone();
    agent_invoke::App { runtime, license_keys, clock: Arc::clone(&boot.clock) }
}

type Key = (TenantId, ConnectorName);

struct Lagging {
    store: Arc<Dynamo>,
    flaw: Flaw,
    markers: Mutex<HashMap<Key, Markers>>,
    records: Mutex<HashMap<Key, Option<ConnectorRecord>>>,
}

/// Gives what was read the time before, and keeps what was read now for the next time.
fn one_behind<K: Eq + Hash, V: Clone>(kept: &Mutex<HashMap<K, V>>, key: K, now: V) -> V {
    let before = kept.lock().unwrap_or_else(PoisonError::into_inner).insert(key, now.clone());
    before.unwrap_or(now)
}

#[async_trait]
impl MarkerReader for Lagging {
    async fn read(
        &self,
        shard: u8,
        tenant: &TenantId,
        connector: &ConnectorName,
        jti: &str,
        deadline: Deadline,
    ) -> Result<Markers, StoreError> {
        let now = MarkerReader::read(self.store.as_ref(), shard, tenant, connector, jti, deadline).await?;
        Ok(match self.flaw {
            Flaw::NoMarkers => Markers::default(),
            Flaw::OldMarkers => one_behind(&self.markers, (tenant.clone(), connector.clone()), now),
            Flaw::OldRecords => now,
        })
    }
}

#[async_trait]
impl ConnectorReader for Lagging {
    async fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Option<ConnectorRecord>, StoreError> {
        let now = self.store.get(tenant, name, deadline).await?;
        Ok(match self.flaw {
            Flaw::OldRecords => one_behind(&self.records, (tenant.clone(), name.clone()), now),
            Flaw::NoMarkers | Flaw::OldMarkers => now,
        })
    }
}
