//! The few sessions of one instance. A session belongs to one call at a time and comes back only when it is known to
//! be clean; dropped in any other state, it is closed and its statement cancelled.

use std::sync::{Arc, Mutex, PoisonError};

use model::{clock::Moment, deadline::Deadline};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::dialer::{Dialer, Session};
use crate::{ConnectorError, Stages, doubt::is_doubtful};

pub(super) struct Pool {
    pub(super) dialer: Arc<Dialer>,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Session>>>,
}

/// A session for the length of one call.
pub(super) struct Lease {
    dialer: Arc<Dialer>,
    idle: Arc<Mutex<Vec<Session>>>,
    session: Option<Session>,
    /// Whether it served a call before.
    pub(super) reused: bool,
    /// Given back last, so that whoever waits for it finds the session.
    _place: OwnedSemaphorePermit,
    places: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn new(dialer: Dialer, size: usize) -> Self {
        Self { dialer: Arc::new(dialer), places: Arc::new(Semaphore::new(size)), idle: Arc::default() }
    }

    /// A session, the one used last or a new one. Waiting for a place ends with the deadline.
    pub(super) async fn lease(&self, deadline: Deadline) -> Result<Lease, ConnectorError> {
        let mut lease = self.place(deadline).await?;
        lease.session = loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(session) if session.client.is_closed() => {}
                other => break other,
            }
        };
        match &lease.session {
            Some(session) => {
                session.meter.reset();
                lease.reused = true;
            }
            None => lease.renew(deadline).await?,
        }
        Ok(lease)
    }

    /// A new session, opened for the purpose of seeing how far that gets.
    pub(super) async fn fresh(
        &self,
        stages: &mut Stages<'_>,
        deadline: Deadline,
    ) -> Result<Lease, ConnectorError> {
        let mut lease = self.place(deadline).await?;
        // The place counts for one session; an idle one makes room.
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop());
        lease.session = Some(self.dialer.open(Some(stages), deadline).await?);
        Ok(lease)
    }

    async fn place(&self, deadline: Deadline) -> Result<Lease, ConnectorError> {
        let left = self.dialer.left(deadline)?;
        let waited = tokio::time::timeout(left, Arc::clone(&self.places).acquire_owned()).await;
        let place = waited
            .map_err(|_| self.dialer.late())?
            .map_err(|_| ConnectorError::Upstream("the connector was closed".into()))?;
        Ok(Lease {
            dialer: Arc::clone(&self.dialer),
            idle: Arc::clone(&self.idle),
            session: None,
            reused: false,
            _place: place,
            places: Arc::clone(&self.places),
        })
    }

    /// Ends every session; those in use end with their calls.
    pub(super) fn close(&self) {
        self.places.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Lease {
    /// Puts a new session in the place of one that turned out dead.
    pub(super) async fn renew(&mut self, deadline: Deadline) -> Result<(), ConnectorError> {
        if let Some(dead) = self.session.take() {
            dead.discard();
        }
        self.reused = false;
        self.session = Some(self.dialer.open(None, deadline).await?);
        Ok(())
    }

    pub(super) fn session(&self) -> Result<&Session, ConnectorError> {
        self.session.as_ref().ok_or_else(|| ConnectorError::Upstream("the session is gone".into()))
    }

    /// Whether the session was idle for so long that it may be dead.
    pub(super) fn is_doubtful(&self, now: Moment) -> bool {
        self.session.as_ref().is_some_and(|session| self.reused && is_doubtful(session.last_used, now))
    }

    /// Gives a clean session back.
    pub(super) fn give_back(mut self) {
        if let Some(mut session) = self.session.take().filter(|_| !self.places.is_closed()) {
            session.last_used = self.dialer.now();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            session.abandon(&self.dialer);
        }
    }
}
