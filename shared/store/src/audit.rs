//! The audit table: entries are only ever added.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use model::{audit::AuditEntry, deadline::Deadline};

use crate::{
    dynamo::{Dynamo, Item, s},
    error::{StoreError, done},
};

/// There is no such entry yet.
const NEW: &str = "attribute_not_exists(at_id)";

/// Adding an entry on its own, outside a mutation's transaction.
#[async_trait]
pub trait AuditWriter: Send + Sync {
    /// Stores one entry.
    async fn append(&self, entry: &AuditEntry, deadline: Deadline) -> Result<(), StoreError>;
    /// Replaces the result of a stored entry: an intent gets its outcome.
    async fn conclude(&self, entry: &AuditEntry, result: &str, deadline: Deadline) -> Result<(), StoreError>;
}

#[async_trait]
impl AuditWriter for Dynamo {
    async fn append(&self, entry: &AuditEntry, deadline: Deadline) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.tables.audit)
            .set_item(Some(to_item(entry)))
            // An attempt that was given up can still arrive when the entry has its outcome, and must not undo that.
            .condition_expression(NEW)
            .customize()
            .config_override(self.within(deadline)?);
        // Where an earlier attempt has stored it, it is stored: keys are unique by their id.
        done("PutItem", request.send().await).map(|_| ())
    }

    async fn conclude(&self, entry: &AuditEntry, result: &str, deadline: Deadline) -> Result<(), StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.tables.audit)
            .key("tenant_id", s(entry.tenant_id.as_str()))
            .key("at_id", s(entry.key()))
            .update_expression("SET #result = :result")
            .condition_expression("attribute_exists(at_id)")
            .expression_attribute_names("#result", "result")
            .expression_attribute_values(":result", s(result))
            .customize()
            .config_override(self.within(deadline)?);
        request.send().await.map(|_| ()).map_err(|error| StoreError::of("UpdateItem", &error))
    }
}

impl Dynamo {
    /// The entry as a part of a transaction.
    pub(crate) fn audit_put(&self, entry: &AuditEntry) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.audit)
            .set_item(Some(to_item(entry)))
            // Keys are unique by their id: an entry never replaces another.
            .condition_expression(NEW)
            .build()
            .map_err(|error| StoreError::Fault(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn to_item(entry: &AuditEntry) -> Item {
    let mut item = Item::from([
        ("tenant_id".to_owned(), s(entry.tenant_id.as_str())),
        ("at_id".to_owned(), s(entry.key())),
        ("who".to_owned(), s(&entry.actor.who)),
        ("request_id".to_owned(), s(&entry.actor.request_id)),
        ("action".to_owned(), s(entry.action.as_str())),
        ("connector_name".to_owned(), s(entry.connector_name.as_str())),
        ("result".to_owned(), s(&entry.result)),
    ]);
    for (name, value) in [("before", &entry.before), ("after", &entry.after)] {
        if let Some(value) = value {
            item.insert(name.to_owned(), s(value.to_string()));
        }
    }
    if let Some(request) = &entry.request {
        item.insert("parameters_sha256".to_owned(), s(&request.parameters_sha256));
        for (name, value) in [("statement", &request.statement), ("operation", &request.operation)] {
            if let Some(value) = value {
                item.insert(name.to_owned(), s(value));
            }
        }
    }
    item
}
