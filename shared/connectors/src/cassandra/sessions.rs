//! The one session of an instance. It holds a connection to every node and serves all calls at once, so there is never
//! a second one: one call at a time opens it while the others wait, each no longer than its own time.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use model::{clock::Moment, deadline::Deadline};
use scylla::client::session::Session;

use super::dialer::Dialer;
use crate::{ConnectorError, Stages, doubt::is_doubtful};

pub(super) struct Sessions {
    pub(super) dialer: Dialer,
    held: Mutex<State>,
    /// Whoever opens one.
    opening: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    session: Option<(Arc<Session>, Moment)>,
    /// Where the last session found nodes: one that the record names may be down when the next is opened.
    found: Vec<SocketAddr>,
    closed: bool,
}

/// The session for the length of one call.
pub(super) struct Lease {
    pub(super) session: Arc<Session>,
    /// Whether it served a call before.
    pub(super) reused: bool,
    /// Whether it was idle for so long that it may be dead.
    pub(super) doubtful: bool,
}

impl Lease {
    /// Whether any node is connected, as far as is known.
    pub(super) fn is_connected(&self) -> bool {
        self.session.get_cluster_state().get_nodes_info().iter().any(|node| node.is_connected())
    }
}

impl Sessions {
    pub(super) fn new(dialer: Dialer) -> Self {
        Self { dialer, held: Mutex::default(), opening: tokio::sync::Mutex::default() }
    }

    /// The session there is, or a new one.
    pub(super) async fn lease(&self, deadline: Deadline) -> Result<Lease, ConnectorError> {
        if let Some(lease) = self.there_is()? {
            return Ok(lease);
        }
        let left = self.dialer.left(deadline)?;
        // Whoever gives up half-way lets the next one open it.
        let turn = tokio::time::timeout(left, self.opening.lock()).await;
        let _turn = turn.map_err(|_| self.dialer.late())?;
        if let Some(lease) = self.there_is()? {
            return Ok(lease);
        }
        let found = self.state().found.clone();
        let session = self.dialer.open(&found, deadline).await?;
        Ok(self.keep(session))
    }

    /// A new session in the place of the one there is, opened for the purpose of seeing how far that gets.
    pub(super) async fn fresh(
        &self,
        stages: &mut Stages<'_>,
        deadline: Deadline,
    ) -> Result<Lease, ConnectorError> {
        self.there_is()?;
        let session = self.dialer.open_in_stages(stages, deadline).await?;
        Ok(self.keep(session))
    }

    /// Notes that the session just answered.
    pub(super) fn answered(&self, lease: &Lease) {
        let now = self.dialer.now();
        if let Some((session, last_used)) = &mut self.state().session
            && Arc::ptr_eq(session, &lease.session)
        {
            *last_used = now;
        }
    }

    /// Lets a session go that turned out dead, unless another call has replaced it already.
    pub(super) fn discard(&self, lease: &Lease) {
        let mut state = self.state();
        if state.session.take_if(|(session, _)| Arc::ptr_eq(session, &lease.session)).is_some() {
            let cluster = lease.session.get_cluster_state();
            let nodes = cluster.get_nodes_info().iter().filter(|node| node.is_enabled());
            state.found = nodes.map(|node| SocketAddr::new(node.address.ip(), node.address.port())).collect();
        }
    }

    /// Ends the session; calls under way end with it.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.session = None;
    }

    fn there_is(&self) -> Result<Option<Lease>, ConnectorError> {
        let now = self.dialer.now();
        let state = self.state();
        if state.closed {
            return Err(ConnectorError::Upstream("the connector was closed".into()));
        }
        Ok(state.session.as_ref().map(|(session, last_used)| {
            let doubtful = is_doubtful(*last_used, now);
            Lease { session: Arc::clone(session), reused: true, doubtful }
        }))
    }

    fn keep(&self, session: Session) -> Lease {
        let session = Arc::new(session);
        let now = self.dialer.now();
        let mut state = self.state();
        if !state.closed {
            state.session = Some((Arc::clone(&session), now));
        }
        Lease { session, reused: false, doubtful: false }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
