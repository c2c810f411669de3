//! The sessions table: the SHA-256 of a token is the key.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use model::{
    deadline::Deadline,
    ids::TenantId,
    session::{Session, TokenHash},
};
use serde::Deserialize;

use crate::{
    dynamo::{Dynamo, Item, n, s},
    error::{StoreError, done},
};

/// What the portal does with sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// The session of a token, expired or not.
    async fn find(&self, token: &TokenHash, deadline: Deadline) -> Result<Option<Session>, StoreError>;
    /// Notes that a session was used; one that is gone stays gone.
    async fn touch(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError>;
}

/// Signing in: what no function does.
#[async_trait]
pub trait SessionWriter: Send + Sync {
    /// Stores a new session.
    async fn put(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError>;
}

/// What an operator does with sessions. The table has no index, because requests look sessions up by their token
/// alone: a list reads all of it.
#[async_trait]
pub trait SessionDirectory: Send + Sync {
    /// One page of the sessions, expired ones included where the store still holds them; strongly consistent. A
    /// page can be empty and still have a next one.
    async fn list(
        &self,
        filter: &SessionFilter,
        after: Option<&TokenHash>,
        deadline: Deadline,
    ) -> Result<SessionPage, StoreError>;
    /// Ends a session from the next request on, and says whether there was one.
    async fn delete(&self, token: &TokenHash, deadline: Deadline) -> Result<bool, StoreError>;
}

/// Which sessions a list shows; an absent criterion admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this user.
    pub user: Option<String>,
}

/// A part of the list, in no order.
#[derive(Clone, Debug, Default)]
pub struct SessionPage {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// The session that the next page starts behind, if there may be one.
    pub next: Option<TokenHash>,
}

#[async_trait]
impl SessionStore for Dynamo {
    async fn find(&self, token: &TokenHash, deadline: Deadline) -> Result<Option<Session>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.tables.sessions)
            .key("token_hash", s(token.as_str()))
            .consistent_read(true)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("GetItem", &error))?;
        let Some(item) = answer.item else { return Ok(None) };
        serde_dynamo::from_item(item).map(Some).map_err(|_| StoreError::unreadable("session"))
    }

    async fn touch(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.tables.sessions)
            .key("token_hash", s(session.token_hash.as_str()))
            .update_expression("SET last_seen_at = :seen, expires_at = :ends")
            .condition_expression("attribute_exists(token_hash)")
            .expression_attribute_values(":seen", n(session.last_seen_at))
            .expression_attribute_values(":ends", n(session.ends_at()))
            .customize()
            .config_override(self.within(deadline)?);
        done("UpdateItem", request.send().await).map(|_| ())
    }
}

#[async_trait]
impl SessionWriter for Dynamo {
    async fn put(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError> {
        let item = serde_dynamo::to_item(session).map_err(|_| StoreError::unreadable("session"))?;
        let request = self
            .client
            .put_item()
            .table_name(&self.tables.sessions)
            .set_item(Some(item))
            .item("expires_at", n(session.ends_at()))
            .customize()
            .config_override(self.within(deadline)?);
        request.send().await.map(|_| ()).map_err(|error| StoreError::of("PutItem", &error))
    }
}

#[async_trait]
impl SessionDirectory for Dynamo {
    async fn list(
        &self,
        filter: &SessionFilter,
        after: Option<&TokenHash>,
        deadline: Deadline,
    ) -> Result<SessionPage, StoreError> {
        let mut scan = self.client.scan().table_name(&self.tables.sessions).consistent_read(true);
        let tenant = filter.tenant.as_ref().map(TenantId::as_str);
        let mut clauses = Vec::new();
        for (attribute, wanted) in [("tenant_id", tenant), ("user", filter.user.as_deref())] {
            if let Some(wanted) = wanted {
                clauses.push(format!("#{attribute} = :{attribute}"));
                scan = scan
                    .expression_attribute_names(format!("#{attribute}"), attribute)
                    .expression_attribute_values(format!(":{attribute}"), s(wanted));
            }
        }
        let request = scan
            .set_filter_expression((!clauses.is_empty()).then(|| clauses.join(" AND ")))
            .set_exclusive_start_key(after.map(key))
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("Scan", &error))?;
        let next = answer.last_evaluated_key.map(serde_dynamo::from_item::<_, Key>).transpose();
        let sessions = answer.items.into_iter().flatten().map(serde_dynamo::from_item);
        let sessions = sessions.collect::<Result<_, _>>().map_err(|_| StoreError::unreadable("session"))?;
        let next = next.map_err(|_| StoreError::unreadable("session"))?.map(|key| key.token_hash);
        Ok(SessionPage { sessions, next })
    }

    async fn delete(&self, token: &TokenHash, deadline: Deadline) -> Result<bool, StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.tables.sessions)
            .set_key(Some(key(token)))
            .return_values(ReturnValue::AllOld)
            .customize()
            .config_override(self.within(deadline)?);
        let answer = request.send().await.map_err(|error| StoreError::of("DeleteItem", &error))?;
        Ok(answer.attributes.is_some_and(|item| !item.is_empty()))
    }
}

#[derive(Deserialize)]
struct Key {
    token_hash: TokenHash,
}

fn key(token: &TokenHash) -> Item {
    Item::from([("token_hash".to_owned(), s(token.as_str()))])
}
