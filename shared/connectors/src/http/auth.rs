//! Who calls an HTTP service, and what a call shows for it.

use std::sync::Arc;

use super::{
    oauth::TokenSource,
    proof::{Given, Proof},
};
use crate::{error::ConnectorError, request::Context};

/// Who calls.
pub(crate) enum Auth {
    /// Nobody in particular.
    Open,
    /// The same header each time.
    Fixed(Arc<Proof>),
    /// A token that is fetched and runs out.
    Tokens(Box<TokenSource>),
}

impl Auth {
    /// What a call proves itself with now.
    pub(crate) async fn give(&self, context: Context) -> Result<Given, ConnectorError> {
        match self {
            Self::Open => Ok(Given { proof: None, cached: false }),
            Self::Fixed(proof) => Ok(Given { proof: Some(Arc::clone(proof)), cached: false }),
            Self::Tokens(source) => source.give(context).await,
        }
    }

    /// After a refusal: something newer, where what was given may have been withdrawn.
    pub(crate) async fn renew(
        &self,
        given: &Given,
        context: Context,
    ) -> Result<Option<Given>, ConnectorError> {
        let (Self::Tokens(source), Some(stale), true) = (self, &given.proof, given.cached) else {
            return Ok(None);
        };
        source.forget(stale);
        source.give(context).await.map(Some)
    }

    /// What was proved, for people, where it was not refused.
    pub(crate) fn proved(&self) -> &'static str {
        match self {
            Self::Open => "the connector sends no credentials",
            Self::Fixed(_) => "the upstream did not refuse the credentials",
            Self::Tokens(_) => "a token was issued, and the upstream did not refuse it",
        }
    }
}
