//! The sessions table: the SHA-256 of a token is the key.

use async_trait::async_trait;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use model::{
    deadline::Deadline,
    session::{Session, TokenHash},
};

use crate::{
    dynamo::{Dynamo, n, s},
    error::StoreError,
};

/// What the portal does with sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// The session of a token, expired or not.
    async fn find(&self, token: &TokenHash, deadline: Deadline) -> Result<Option<Session>, StoreError>;
    /// Stores a new session.
    async fn put(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError>;
    /// Notes that a session was used; one that is gone stays gone.
    async fn touch(&self, session: &Session, deadline: Deadline) -> Result<(), StoreError>;
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
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::of("UpdateItem", &error)),
        }
    }
}
