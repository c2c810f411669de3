//! The licenses table: an item for each revoked license and none for any other, because a license is valid without
//! being stored anywhere. What a call asks of it is read with the markers; here is the operator's side.

use async_trait::async_trait;
use jiff::Timestamp;
use model::deadline::Deadline;
use serde::{Deserialize, Serialize};

use crate::{
    connectors::Write,
    dynamo::{Dynamo, Item, s},
    error::{StoreError, done},
};

/// A license that was revoked. All but its identifier may be missing, because an item that somebody put by hand
/// revokes as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The license's identifier.
    pub jti: String,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the license ends by itself, after which the item serves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A part of the list, in no order.
#[derive(Clone, Debug, Default)]
pub struct RevocationPage {
    /// The revoked licenses.
    pub revocations: Vec<Revocation>,
    /// The identifier that the next page starts behind, if there may be one.
    pub next: Option<String>,
}

/// Revoking. Nothing takes a revocation back: who needs a license again is issued a new one.
#[async_trait]
pub trait LicenseWriter: Send + Sync {
    /// Revokes a license from the next call on; refused, with nothing changed, when it is revoked already.
    async fn revoke(&self, revocation: &Revocation, deadline: Deadline) -> Result<Write, StoreError>;
}

/// Reading what was revoked, strongly consistent.
#[async_trait]
pub trait RevocationReader: Send + Sync {
    /// The revocation of one license, if there is one.
    async fn revocation(&self, jti: &str, deadline: Deadline) -> Result<Option<Revocation>, StoreError>;
    /// One page of all.
    async fn revocations(
        &self,
        after: Option<&str>,
        deadline: Deadline,
    ) -> Result<RevocationPage, StoreError>;
}

#[async_trait]
impl LicenseWriter for Dynamo {
    async fn revoke(&self, revocation: &Revocation, deadline: Deadline) -> Result<Write, StoreError> {
        let item = serde_dynamo::to_item(revocation).map_err(|_| StoreError::unreadable("revocation"))?;
        let request = self
            .client
            .put_item()
            .table_name(&self.tables.licenses)
            .set_item(Some(item))
            // The first revocation stands: when it began is what an investigation asks.
            .condition_expression("attribute_not_exists(jti)")
            .customize()
            .config_override(self.within(deadline)?);
        let stored = done("PutItem", request.send().await)?;
        Ok(if stored { Write::Stored } else { Write::Refused })
    }
}

#[async_trait]
impl RevocationReader for Dynamo {
    async fn revocation(&self, jti: &str, deadline: Deadline) -> Result<Option<Revocation>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.licenses)
            .key("jti", s(jti))
            .consistent_read(true)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("GetItem", &error))?;
        answer.item.map(from_item).transpose()
    }

    async fn revocations(
        &self,
        after: Option<&str>,
        deadline: Deadline,
    ) -> Result<RevocationPage, StoreError> {
        let request = self
            .client
            .scan()
            .table_name(&self.tables.licenses)
            .consistent_read(true)
            .set_exclusive_start_key(after.map(|jti| Item::from([("jti".to_owned(), s(jti))])))
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("Scan", &error))?;
        let next = answer.last_evaluated_key.map(from_item).transpose()?.map(|last| last.jti);
        let revocations = answer.items.into_iter().flatten().map(from_item).collect::<Result<_, _>>()?;
        Ok(RevocationPage { revocations, next })
    }
}

fn from_item(item: Item) -> Result<Revocation, StoreError> {
    serde_dynamo::from_item(item).map_err(|_| StoreError::unreadable("revocation"))
}
