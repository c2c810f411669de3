//! A load in progress, seen from outside: where the others wait, and what becomes of it when its leader goes away.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Failure, slot::Outcome};

/// What those who wait are given.
pub(super) enum Landing<V, E> {
    /// The instance, kept by the cache or not.
    Loaded(Arc<V>),
    /// The failure that concerns everyone.
    Failed(E),
    /// Nothing: the leader went away, or failed for a reason of its own. Each decides anew, and one of them leads.
    Nothing,
}

/// Where the calls that join a flight wait. It remembers how the flight landed, so that none can come too late.
pub(super) struct Line<V, E>(Arc<watch::Sender<Option<Landing<V, E>>>>);

impl<V, E> Clone for Line<V, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V, E> Default for Line<V, E> {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl<V, E: Clone> Line<V, E> {
    /// Waits until the flight has landed. Its leader lands it whatever happens, except when its future is neither
    /// polled nor dropped: waiting must be bounded by the caller.
    pub(super) async fn landed(&self) -> Landing<V, E> {
        let mut landing = self.0.subscribe();
        match landing.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Landing::Loaded(value))) => Landing::Loaded(Arc::clone(value)),
            Ok(Some(Landing::Failed(error))) => Landing::Failed(error.clone()),
            Ok(Some(Landing::Nothing) | None) | Err(_) => Landing::Nothing,
        }
    }

    /// Tells those who wait.
    pub(super) fn land(&self, landing: Landing<V, E>) {
        self.0.send_replace(Some(landing));
    }
}

impl<V, E: Clone> From<&Outcome<V, E>> for Landing<V, E> {
    fn from(outcome: &Outcome<V, E>) -> Self {
        match outcome {
            Outcome::Loaded(value) => Self::Loaded(Arc::clone(value)),
            Outcome::Failed(Failure { error, shared: true }) => Self::Failed(error.clone()),
            Outcome::Failed(_) => Self::Nothing,
        }
    }
}
