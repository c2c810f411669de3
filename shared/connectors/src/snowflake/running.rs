//! A statement that runs at the server. Whoever stops waiting for it, by the deadline or because the call is dropped,
//! has the server end it: nobody wants what it costs.

use std::{sync::Arc, time::Duration};

use model::deadline::Deadline;
use url::Url;

use super::{
    api::{Api, STATEMENTS},
    wire::{self, Underway},
};
use crate::{ConnectorError, request::Context};

/// The time for asking the server to give up a statement; nobody waits for it.
const CANCEL_TIME: Duration = Duration::from_secs(5);

/// A statement that has not ended yet. Dropped, it is cancelled.
pub(super) struct Running {
    api: Arc<Api>,
    handle: Option<String>,
    context: Context,
}

impl Running {
    pub(super) fn new(api: &Arc<Api>, handle: String, context: Context) -> Self {
        Self { api: Arc::clone(api), handle: Some(handle), context }
    }

    /// It has ended by itself.
    pub(super) fn ended(mut self) {
        self.handle = None;
    }

    /// Where it is asked for, by the server's own word. Our credentials go there, so that it must be the account
    /// itself and one of its statements.
    pub(super) fn status_url(&self, said: &Underway) -> Result<Url, ConnectorError> {
        let Some(reference) = &said.statement_status_url else {
            return Ok(self.api.url(&format!("{STATEMENTS}/{}", said.statement_handle)));
        };
        let url = self.api.base.join(reference).map_err(|_| wire::unreadable())?;
        let own = url.origin() == self.api.base.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path().strip_prefix(STATEMENTS).is_some_and(|rest| rest.starts_with('/'));
        if own {
            Ok(url)
        } else {
            let why = "Snowflake's answer leads away from the account's statements, so it is not followed";
            Err(ConnectorError::Upstream(why.into()))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (Some(handle), Ok(runtime)) = (self.handle.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (api, trace) = (Arc::clone(&self.api), self.context.trace);
        runtime.spawn(async move {
            let deadline = Deadline::after(api.client.clock().now(), CANCEL_TIME);
            if let Err(error) = api.cancel(&handle, Context { deadline, trace }).await.answer {
                // The statement has its own time limit at the server.
                tracing::debug!(%error, "a statement could not be cancelled");
            }
        });
    }
}
