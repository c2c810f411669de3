//! Reads: one record, a page of the list, the owners of a name.

use async_trait::async_trait;
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use model::{
    deadline::Deadline,
    ids::{ConnectorName, IdError, TenantId},
    record::ConnectorRecord,
};

use super::{ConnectorReader, Filter, NameDirectory, Page, PlatformDirectory, Position, TenantDirectory};
use crate::{
    dynamo::{Dynamo, Item, s},
    error::StoreError,
    item::{PLATFORM, from_item, platform_key},
};

#[async_trait]
impl ConnectorReader for Dynamo {
    async fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Option<ConnectorRecord>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.connectors)
            .key("tenant_id", s(tenant.as_str()))
            .key("connector_name", s(name.as_str()))
            .consistent_read(true)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("GetItem", &error))?;
        answer.item.map(from_item).transpose()
    }
}

#[async_trait]
impl TenantDirectory for Dynamo {
    async fn page_of_tenant(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.connectors)
            .key_condition_expression("tenant_id = :partition")
            .expression_attribute_values(":partition", s(tenant.as_str()))
            .consistent_read(true)
            // The partition is the tenant's, always: a position of another tenant's list shows nothing of it.
            .set_exclusive_start_key(after.map(|position| key(tenant, &position.connector_name)));
        self.page(query, filter, limit, deadline).await
    }
}

#[async_trait]
impl PlatformDirectory for Dynamo {
    async fn page_of_all(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.connectors)
            .index_name("platform")
            .key_condition_expression("platform = :partition")
            .expression_attribute_values(":partition", s(PLATFORM))
            .set_exclusive_start_key(after.map(platform_position));
        self.page(query, filter, limit, deadline).await
    }
}

#[async_trait]
impl NameDirectory for Dynamo {
    async fn tenants_with(
        &self,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Vec<TenantId>, StoreError> {
        let mut tenants = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.tables.connectors)
                .index_name("by_name")
                .key_condition_expression("connector_name = :name")
                .expression_attribute_values(":name", s(name.as_str()))
                .projection_expression("tenant_id")
                .set_exclusive_start_key(start)
                .customize()
                .config_override(self.within(deadline)?);
            let answer = request.send().await.map_err(|error| StoreError::of("Query", &error))?;
            for item in answer.items.iter().flatten() {
                tenants.push(id(item, "tenant_id", TenantId::parse)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(tenants);
            }
        }
    }
}

impl Dynamo {
    async fn page(
        &self,
        query: QueryFluentBuilder,
        filter: &Filter,
        limit: usize,
        deadline: Deadline,
    ) -> Result<Page, StoreError> {
        let request = filtered(query, filter)
            // The store's own limit counts what it reads before the filter: with one it would cost a request for
            // every few records.
            .set_limit((*filter == Filter::default()).then(|| i32::try_from(limit).unwrap_or(i32::MAX)))
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("Query", &error))?;
        let next = answer.last_evaluated_key.as_ref().map(position).transpose()?;
        let records = answer.items.into_iter().flatten().map(from_item).collect::<Result<_, _>>()?;
        Ok(Page { records, next })
    }
}

fn filtered(query: QueryFluentBuilder, filter: &Filter) -> QueryFluentBuilder {
    let criteria = [
        ("connector_type", filter.connector_type.map(|kind| s(kind.as_str()))),
        ("enabled", filter.enabled.map(AttributeValue::Bool)),
        ("health_status", filter.health_status.map(|status| s(status.as_str()))),
    ];
    let mut clauses = Vec::new();
    let mut query = query;
    for (name, value) in criteria {
        if let Some(value) = value {
            clauses.push(format!("{name} = :{name}"));
            query = query.expression_attribute_values(format!(":{name}"), value);
        }
    }
    let clauses = (!clauses.is_empty()).then(|| clauses.join(" AND "));
    query.set_filter_expression(clauses)
}

fn key(tenant: &TenantId, name: &ConnectorName) -> Item {
    Item::from([
        ("tenant_id".to_owned(), s(tenant.as_str())),
        ("connector_name".to_owned(), s(name.as_str())),
    ])
}

fn platform_position(position: &Position) -> Item {
    let mut key = key(&position.tenant_id, &position.connector_name);
    key.insert("platform".to_owned(), s(PLATFORM));
    key.insert("platform_key".to_owned(), s(platform_key(&position.tenant_id, &position.connector_name)));
    key
}

fn position(key: &Item) -> Result<Position, StoreError> {
    Ok(Position {
        tenant_id: id(key, "tenant_id", TenantId::parse)?,
        connector_name: id(key, "connector_name", ConnectorName::parse)?,
    })
}

fn id<T>(
    item: &Item,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Result<T, StoreError> {
    let text = item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
    parse(text).map_err(|_| StoreError::unreadable(name))
}
