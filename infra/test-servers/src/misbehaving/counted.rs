//! What a connection takes, counted.

use std::{io, sync::atomic::Ordering};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::State;

/// A connection whose bytes out are counted.
pub(super) struct Counted<'c, S> {
    stream: &'c mut S,
    state: &'c State,
}

impl<'c, S: AsyncWrite + Unpin> Counted<'c, S> {
    /// Counts into the server's state.
    pub(super) fn new(stream: &'c mut S, state: &'c State) -> Self {
        Self { stream, state }
    }

    /// Sends all of it.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        self.stream.write_all(bytes).await?;
        self.stream.flush().await?;
        self.state.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        Ok(())
    }
}
