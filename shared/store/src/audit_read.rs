//! Reading the audit: one tenant's entries by key, newest first; everybody's only by reading the whole table, which
//! has no order across tenants.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::{
    audit::AuditAction,
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    dynamo::{Dynamo, Item, s},
    error::StoreError,
};

/// Below and above every `at#id`.
const FIRST: &str = "0";
const LAST: &str = "~";

/// Which entries are wanted; an absent criterion admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this tenant. Without it the whole table is read.
    pub tenant: Option<TenantId>,
    /// About this connector.
    pub connector: Option<ConnectorName>,
    /// Of this action.
    pub action: Option<AuditAction>,
    /// Whose actor holds this text.
    pub who: Option<String>,
    /// From this moment on, to the millisecond.
    pub since: Option<Timestamp>,
    /// Before this moment, to the millisecond.
    pub until: Option<Timestamp>,
}

/// An entry as it is stored. The action stays a word: one that a newer version wrote is shown like any other.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of model::audit::AuditEntry, flattened")]
pub struct StoredAuditEntry {
    pub at: Timestamp,
    pub id: Uuid,
    pub tenant_id: TenantId,
    pub connector_name: ConnectorName,
    pub action: String,
    pub who: String,
    pub request_id: String,
    pub result: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A place in the list, behind one entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AuditPosition {
    tenant_id: TenantId,
    at_id: String,
}

/// A part of the list: newest first where the filter names a tenant, otherwise in no order.
#[derive(Clone, Debug, Default)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<StoredAuditEntry>,
    /// Where the next page starts, if there may be one.
    pub next: Option<AuditPosition>,
}

/// Reading entries, strongly consistent.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// One page: what one request to the store brings. It can be empty and still have a next one.
    async fn list(
        &self,
        filter: &AuditFilter,
        after: Option<&AuditPosition>,
        deadline: Deadline,
    ) -> Result<AuditPage, StoreError>;
}

#[async_trait]
impl AuditReader for Dynamo {
    async fn list(
        &self,
        filter: &AuditFilter,
        after: Option<&AuditPosition>,
        deadline: Deadline,
    ) -> Result<AuditPage, StoreError> {
        let within = self.within(deadline)?;
        // The store calls a range that ends before it begins an error; here nothing lies in it.
        if filter.since.zip(filter.until).is_some_and(|(since, until)| since > until) {
            return Ok(AuditPage::default());
        }
        let range = "at_id BETWEEN :since AND :until";
        let start = after.map(start_key);
        let mut criteria = Criteria::of(filter);
        let (items, last) = if let Some(tenant) = &filter.tenant {
            criteria.values.push((":tenant", s(tenant.as_str())));
            let request = self
                .client
                .query()
                .table_name(&self.tables.audit)
                .key_condition_expression(format!("tenant_id = :tenant AND {range}"))
                .scan_index_forward(false)
                .consistent_read(true)
                .set_filter_expression(criteria.expression())
                .set_expression_attribute_names(criteria.names())
                .set_expression_attribute_values(Some(criteria.values()))
                .set_exclusive_start_key(start);
            let answer = request.customize().config_override(within).send().await;
            let answer = answer.map_err(|error| StoreError::of("Query", &error))?;
            (answer.items, answer.last_evaluated_key)
        } else {
            criteria.clauses.push(range);
            let request = self
                .client
                .scan()
                .table_name(&self.tables.audit)
                .consistent_read(true)
                .set_filter_expression(criteria.expression())
                .set_expression_attribute_names(criteria.names())
                .set_expression_attribute_values(Some(criteria.values()))
                .set_exclusive_start_key(start);
            let answer = request.customize().config_override(within).send().await;
            let answer = answer.map_err(|error| StoreError::of("Scan", &error))?;
            (answer.items, answer.last_evaluated_key)
        };
        let unreadable = |_| StoreError::unreadable("audit entry");
        Ok(AuditPage {
            entries: items.into_iter().flatten().map(from_item).collect::<Result<_, _>>()?,
            next: last.map(serde_dynamo::from_item).transpose().map_err(unreadable)?,
        })
    }
}

/// The filter in DynamoDB's words. Attributes have placeholders, because some of their names are reserved.
struct Criteria {
    clauses: Vec<&'static str>,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Criteria {
    fn of(filter: &AuditFilter) -> Self {
        // The id behind the time makes every key greater than its time alone: the start is within, the end is not.
        let bound =
            |at: Option<Timestamp>, open: &str| s(at.map_or(open.to_owned(), |at| format!("{at:.3}")));
        let (since, until) = (bound(filter.since, FIRST), bound(filter.until, LAST));
        let mut criteria = Self {
            clauses: Vec::new(),
            names: Vec::new(),
            values: vec![(":since", since), (":until", until)],
        };
        let mut add = |clause, name, key, value: Option<&str>| {
            if let Some(value) = value {
                criteria.clauses.push(clause);
                criteria.names.push(name);
                criteria.values.push((key, s(value)));
            }
        };
        let connector = filter.connector.as_ref().map(ConnectorName::as_str);
        add("#name = :name", ("#name", "connector_name"), ":name", connector);
        add("#action = :action", ("#action", "action"), ":action", filter.action.map(AuditAction::as_str));
        add("contains(#who, :who)", ("#who", "who"), ":who", filter.who.as_deref());
        criteria
    }

    fn expression(&self) -> Option<String> {
        (!self.clauses.is_empty()).then(|| self.clauses.join(" AND "))
    }

    fn names(&self) -> Option<std::collections::HashMap<String, String>> {
        let names = self.names.iter().map(|(key, name)| ((*key).to_owned(), (*name).to_owned()));
        (!self.names.is_empty()).then(|| names.collect())
    }

    fn values(&self) -> Item {
        self.values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }
}

fn start_key(position: &AuditPosition) -> Item {
    Item::from([
        ("tenant_id".to_owned(), s(position.tenant_id.as_str())),
        ("at_id".to_owned(), s(&position.at_id)),
    ])
}

#[derive(Deserialize)]
struct AuditItem {
    tenant_id: TenantId,
    at_id: String,
    who: String,
    request_id: String,
    action: String,
    connector_name: ConnectorName,
    result: String,
    statement: Option<String>,
    operation: Option<String>,
    parameters_sha256: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

fn from_item(item: Item) -> Result<StoredAuditEntry, StoreError> {
    let unreadable = || StoreError::unreadable("audit entry");
    let item: AuditItem = serde_dynamo::from_item(item).map_err(|_| unreadable())?;
    let (at, id) = item.at_id.split_once('#').ok_or_else(unreadable)?;
    let record = |text: Option<String>| {
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| unreadable())
    };
    Ok(StoredAuditEntry {
        at: at.parse().map_err(|_| unreadable())?,
        id: id.parse().map_err(|_| unreadable())?,
        tenant_id: item.tenant_id,
        connector_name: item.connector_name,
        action: item.action,
        who: item.who,
        request_id: item.request_id,
        result: item.result,
        statement: item.statement,
        operation: item.operation,
        parameters_sha256: item.parameters_sha256,
        before: record(item.before)?,
        after: record(item.after)?,
    })
}
