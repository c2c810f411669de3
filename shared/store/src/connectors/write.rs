//! Writes: each is one transaction of record, audit entry and generation counter, so that no crash can leave
//! one without the others.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use model::{
    audit::{Actor, AuditAction, AuditEntry},
    deadline::Deadline,
    health::Health,
    record::ConnectorRecord,
    scope::ScopeKey,
};

use super::{ConnectorWriter, TestRecorder, Write};
use crate::{
    dynamo::{Dynamo, n, s},
    error::StoreError,
    item::to_item,
    transaction::Outcome,
};

/// The record is the one that was read: same identity, same version.
const UNCHANGED: &str = "id = :id AND version = :version";

#[async_trait]
impl ConnectorWriter for Dynamo {
    async fn create(
        &self,
        record: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.connectors)
            .set_item(Some(to_item(record)?))
            .condition_expression("attribute_not_exists(tenant_id)");
        let put = TransactWriteItem::builder().put(put.build().map_err(fault)?).build();
        let entry = self.entry(record, actor, AuditAction::ConnectorCreate, None, Some(record), "created");
        self.mutate(put, &entry, Some(record), deadline).await
    }

    async fn update(
        &self,
        before: &ConnectorRecord,
        after: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        let update = self.changes(before, after)?.build().map_err(fault)?;
        let update = TransactWriteItem::builder().update(update).build();
        let entry =
            self.entry(after, actor, AuditAction::ConnectorUpdate, Some(before), Some(after), "updated");
        self.mutate(update, &entry, Some(after), deadline).await
    }

    async fn delete(
        &self,
        before: &ConnectorRecord,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.tables.connectors)
            .key("tenant_id", s(before.tenant_id.as_str()))
            .key("connector_name", s(before.connector_name.as_str()))
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":id", s(before.id.to_string()))
            .expression_attribute_values(":version", n(before.version));
        let delete = TransactWriteItem::builder().delete(delete.build().map_err(fault)?).build();
        let entry = self.entry(before, actor, AuditAction::ConnectorDelete, Some(before), None, "deleted");
        self.mutate(delete, &entry, Some(before), deadline).await
    }
}

#[async_trait]
impl TestRecorder for Dynamo {
    async fn record_test(
        &self,
        tested: &ConnectorRecord,
        health: &Health,
        actor: &Actor,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        let mut expression = "SET health_status = :status, last_health_check = :at".to_owned();
        let mut update = self
            .update_of(tested)
            .condition_expression("id = :id")
            .expression_attribute_values(":id", s(tested.id.to_string()))
            .expression_attribute_values(":status", s(health.status.as_str()))
            .expression_attribute_values(":at", s(health.last_check.unwrap_or_default().to_string()))
            .expression_attribute_values(":one", n(1));
        match &health.last_error {
            Some(error) => {
                expression.push_str(", last_error = :error ADD tests :one");
                update = update.expression_attribute_values(":error", s(error));
            }
            None => expression.push_str(" ADD tests :one REMOVE last_error"),
        }
        let update = update.update_expression(expression).build().map_err(fault)?;
        let update = TransactWriteItem::builder().update(update).build();
        let result = health.last_error.as_deref().unwrap_or(health.status.as_str());
        let entry = self.entry(tested, actor, AuditAction::ConnectorTest, None, None, result);
        self.mutate(update, &entry, None, deadline).await
    }
}

impl Dynamo {
    /// One transaction; `bumps` names the record whose generation rises with it.
    async fn mutate(
        &self,
        change: TransactWriteItem,
        entry: &AuditEntry,
        bumps: Option<&ConnectorRecord>,
        deadline: Deadline,
    ) -> Result<Write, StoreError> {
        let mut items = vec![change, self.audit_put(entry)?];
        if let Some(record) = bumps {
            items.push(self.raised(&ScopeKey::connector(&record.tenant_id, &record.connector_name))?);
        }
        Ok(match self.transact(items, deadline).await? {
            Outcome::Stored => Write::Stored,
            Outcome::ConditionFailed => Write::Refused,
        })
    }

    fn update_of(&self, record: &ConnectorRecord) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.connectors)
            .key("tenant_id", s(record.tenant_id.as_str()))
            .key("connector_name", s(record.connector_name.as_str()))
    }

    /// Writes what differs and nothing else, so that a test result stored meanwhile survives.
    fn changes(
        &self,
        before: &ConnectorRecord,
        after: &ConnectorRecord,
    ) -> Result<aws_sdk_dynamodb::types::builders::UpdateBuilder, StoreError> {
        let (old, new) = (to_item(before)?, to_item(after)?);
        let mut update = self
            .update_of(before)
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":id", s(before.id.to_string()))
            .expression_attribute_values(":version", n(before.version));
        let mut set = Vec::new();
        for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(value)) {
            set.push(format!("#{name} = :new_{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":new_{name}"), value.clone());
        }
        let gone: Vec<_> =
            old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("#{name}")).collect();
        for name in &gone {
            update = update.expression_attribute_names(name, name.trim_start_matches('#'));
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !gone.is_empty() {
            expression = format!("{expression} REMOVE {}", gone.join(", "));
        }
        Ok(update.update_expression(expression))
    }

    fn entry(
        &self,
        record: &ConnectorRecord,
        actor: &Actor,
        action: AuditAction,
        before: Option<&ConnectorRecord>,
        after: Option<&ConnectorRecord>,
        result: &str,
    ) -> AuditEntry {
        let shown =
            |record: Option<&ConnectorRecord>| record.and_then(|r| serde_json::to_value(r.view()).ok());
        AuditEntry {
            tenant_id: record.tenant_id.clone(),
            at: self.clock.now().millis(),
            id: self.entropy.uuid(),
            actor: actor.clone(),
            action,
            connector_name: record.connector_name.clone(),
            before: shown(before),
            after: shown(after),
            request: None,
            result: result.to_owned(),
        }
    }
}

fn fault(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Fault(error.to_string())
}
