//! A bound on what one call may read. The driver keeps a message whole before it gives it on; without a bound a
//! single value of a gigabyte would be kept.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that one call may read from its connection: an answer of the largest size, with as much again for
/// a row beyond it, and what the protocol adds.
pub(super) const CALL_BYTES: usize = 4 * crate::BYTE_LIMIT;

/// The most statements that one call may have the server read or run: its own few, and the look-ups of types that
/// the driver does not know. Each type within a type is a deeper call of the driver's.
pub(super) const CALL_STEPS: usize = 256;

/// What is left of a call's bytes and statements.
#[derive(Debug)]
pub(super) struct Meter {
    bytes: AtomicUsize,
    steps: AtomicUsize,
}

impl Meter {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { bytes: AtomicUsize::new(CALL_BYTES), steps: AtomicUsize::new(CALL_STEPS) })
    }

    /// A new call begins.
    pub(super) fn reset(&self) {
        self.bytes.store(CALL_BYTES, Ordering::Relaxed);
        self.steps.store(CALL_STEPS, Ordering::Relaxed);
    }

    /// Whether the call read all that it may.
    pub(super) fn is_spent(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) == 0
    }

    /// Lets the call read no more.
    pub(super) fn spend(&self) {
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// Counts a statement; false where the call has had all of them.
    pub(super) fn take_step(&self) -> bool {
        self.steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// A connection that ends when its call has read too much.
pub(super) struct Metered<S> {
    inner: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub(super) fn new(inner: S, meter: Arc<Meter>) -> Self {
        Self { inner, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.meter.bytes.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the call has read all that it may")));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let read = buf.filled().len() - before;
        self.meter.bytes.store(left.saturating_sub(read), Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn a_call_reads_its_bytes_and_not_one_more() {
        let meter = Meter::new();
        let source = tokio::io::repeat(7).take(CALL_BYTES as u64 + 1);
        let mut metered = Metered::new(source, Arc::clone(&meter));
        let mut kept = vec![0; CALL_BYTES];
        metered.read_exact(&mut kept).await.unwrap();
        assert!(meter.is_spent());
        assert!(metered.read_u8().await.is_err());
        meter.reset();
        assert_eq!(metered.read_u8().await.unwrap(), 7);
    }
}
