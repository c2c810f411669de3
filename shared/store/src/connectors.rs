//! The connectors table.

mod read;
mod write;

use async_trait::async_trait;
use model::{
    audit::Actor,
    connector_type::ConnectorType,
    deadline::Deadline,
    health::{Health, HealthStatus},
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
};

use crate::error::StoreError;

/// Reading one record.
#[async_trait]
pub trait ConnectorReader: Send + Sync {
    /// The record as of now (a strongly consistent read).
    async fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Option<ConnectorRecord>, StoreError>;
}

/// Reading one tenant's.
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// One page of a tenant's records, strongly consistent: what one request to the store brings, without a filter at
    /// most `limit` records. A page can be empty and still have a next one. Of a position only the name counts.
    async fn page_of_tenant(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError>;
}

/// Reading everybody's, from an index that may lag a write by a moment.
#[async_trait]
pub trait PlatformDirectory: Send + Sync {
    /// One page of all records, as a tenant's are.
    async fn page_of_all(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError>;
}

/// Reading whose a name is, from an index that may lag a write by a moment.
#[async_trait]
pub trait NameDirectory: Send + Sync {
    /// The tenants that have a connector of a name.
    async fn tenants_with(
        &self,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Vec<TenantId>, StoreError>;
}

/// Changing records. Each change is one transaction: record, audit entry and generation counter.
#[async_trait]
pub trait ConnectorWriter: Send + Sync {
    /// Stores a new record; refused when the name is taken.
    async fn create(
        &self,
        record: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError>;

    /// Stores the changed attributes; refused when the record is no longer the one that was read.
    async fn update(
        &self,
        before: &ConnectorRecord,
        after: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError>;

    /// Removes the record; refused when it is no longer the one that was read.
    async fn delete(
        &self,
        before: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError>;
}

/// Noting tests of records.
#[async_trait]
pub trait TestRecorder: Send + Sync {
    /// Stores what a test found out. Changes neither version nor `updated_at`, bumps no generation; refused
    /// when the record is gone.
    async fn record_test(
        &self,
        tested: &ConnectorRecord,
        health: &Health,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError>;
}

/// What the portal's management of records takes.
pub trait ConnectorStore:
    ConnectorReader + TenantDirectory + PlatformDirectory + NameDirectory + ConnectorWriter
{
}

impl<T: ConnectorReader + TenantDirectory + PlatformDirectory + NameDirectory + ConnectorWriter>
    ConnectorStore for T
{
}

/// What the test of a record takes.
pub trait TestStore: ConnectorReader + NameDirectory + TestRecorder {}

impl<T: ConnectorReader + NameDirectory + TestRecorder> TestStore for T {}

/// How a conditional write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Stored.
    Stored,
    /// The condition did not hold; nothing changed.
    Refused,
}

/// Which records a list shows; an absent criterion admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this type.
    pub connector_type: Option<ConnectorType>,
    /// Enabled, or disabled.
    pub enabled: Option<bool>,
    /// In this state of health.
    pub health_status: Option<HealthStatus>,
}

/// A place in a list, behind the record of this key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The tenant of the record.
    pub tenant_id: TenantId,
    /// The name of the record.
    pub connector_name: ConnectorName,
}

/// A part of a list, in the order of tenants and names.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<ConnectorRecord>,
    /// Where the next page starts, if there may be one.
    pub next: Option<Position>,
}

impl Position {
    /// The place behind a record.
    pub fn behind(record: &ConnectorRecord) -> Self {
        Self { tenant_id: record.tenant_id.clone(), connector_name: record.connector_name.clone() }
    }
}
