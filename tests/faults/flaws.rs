//! Functions that are wrong on purpose, to show that the property finds what it is there for.

use std::sync::Arc;

use async_trait::async_trait;
use boot::Boot;
use local::gateway::{Function, InvokeError};
use model::{
    audit::Actor,
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
};
use serde_json::Value;
use store::{
    ConnectorReader, ConnectorWriter, Dynamo, Filter, NameDirectory, Page, PlatformDirectory, Position,
    StoreError, TenantDirectory, Write,
};

/// What is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flaw {
    /// The containers of the agent read something old.
    Agent(end_to_end::Flaw),
    /// A create or a delete that was not confirmed is told as one that was not done.
    UnconfirmedIsRefused,
    /// A write of the portal that was not confirmed is told as one that was done.
    UnconfirmedIsDone,
    /// A write of the portal that was not confirmed is tried again as another one.
    WrittenAgain,
    /// An execute that failed is repeated.
    ExecutedAgain,
}

/// A container of the agent.
pub(crate) fn agent(boot: &Boot, flaw: Option<Flaw>) -> agent_invoke::App {
    match flaw {
        Some(Flaw::Agent(flaw)) => end_to_end::flawed(boot, flaw),
        _ => agent_invoke::App::new(boot).unwrap(),
    }
}

/// A container of the agent as its callers reach it.
pub(crate) fn reached(function: Arc<dyn Function>, flaw: Option<Flaw>) -> Arc<dyn Function> {
    match flaw {
        Some(Flaw::ExecutedAgain) => Arc::new(Again(function)),
        _ => function,
    }
}

/// A container of the portal.
pub(crate) fn portal(boot: &Boot, flaw: Option<Flaw>) -> portal_connectors::App {
    let app = portal_connectors::App::new(boot);
    match flaw {
        Some(flaw @ (Flaw::UnconfirmedIsRefused | Flaw::UnconfirmedIsDone | Flaw::WrittenAgain)) => {
            portal_connectors::App { connectors: Arc::new(Careless { store: boot.dynamo(), flaw }), ..app }
        }
        _ => app,
    }
}

struct Again(Arc<dyn Function>);

#[async_trait]
impl Function for Again {
    async fn invoke(&self, event: Vec<u8>, request_id: &str) -> Result<Value, InvokeError> {
        let response = self.0.invoke(event.clone(), request_id).await?;
        let executes = String::from_utf8_lossy(&event).contains("/mcp/tools/execute");
        let failed = response["statusCode"].as_u64().is_some_and(|status| status >= 500);
        if executes && failed { self.0.invoke(event, request_id).await } else { Ok(response) }
    }
}

/// A store that makes something of errors.
struct Careless {
    store: Dynamo,
    flaw: Flaw,
}

impl Careless {
    async fn told<F: Future<Output = Result<Write, StoreError>>>(
        &self,
        write: impl Fn() -> F,
    ) -> Result<Write, StoreError> {
        match (write().await, self.flaw) {
            (Ok(write), _) => Ok(write),
            (Err(_), Flaw::UnconfirmedIsDone) => Ok(Write::Stored),
            (Err(_), Flaw::WrittenAgain) => write().await,
            (Err(_), _) => Ok(Write::Refused),
        }
    }
}

#[async_trait]
impl ConnectorWriter for Careless {
    async fn create(
        &self,
        record: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        self.told(|| self.store.create(record, actor, deadline)).await
    }

    async fn update(
        &self,
        before: &ConnectorRecord,
        after: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        self.told(|| self.store.update(before, after, actor, deadline)).await
    }

    async fn delete(
        &self,
        before: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        self.told(|| self.store.delete(before, actor, deadline)).await
    }
}

#[async_trait]
impl ConnectorReader for Careless {
    async fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Option<ConnectorRecord>, StoreError> {
        self.store.get(tenant, name, deadline).await
    }
}

#[async_trait]
impl TenantDirectory for Careless {
    async fn page_of_tenant(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError> {
        self.store.page_of_tenant(tenant, filter, after, limit, deadline).await
    }
}

#[async_trait]
impl PlatformDirectory for Careless {
    async fn page_of_all(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError> {
        self.store.page_of_all(filter, after, limit, deadline).await
    }
}

#[async_trait]
impl NameDirectory for Careless {
    async fn tenants_with(
        &self,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Vec<TenantId>, StoreError> {
        self.store.tenants_with(name, deadline).await
    }
}
