//! The server's messages, watched for what the driver believes without asking. It makes room for a message before it
//! has come, two gigabytes if the server says so; and it looks up types within types by calling itself, so that a
//! server that invents ever more of them ends the process by its stack. Whoever runs the server may mean it.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use super::meter::{CALL_BYTES, Meter};

/// A tag and a length, which counts itself and not the tag.
const HEADER_BYTES: usize = 5;
const LENGTH_BYTES: usize = 4;
/// What the server says of a statement that it has read, and of one that has got its values: each look-up of a type
/// takes one of them at least.
const STEPS: [u8; 2] = [b'1', b'2'];

/// A stream of messages, inside TLS where there is any.
pub(super) struct Frames<S> {
    inner: S,
    meter: Arc<Meter>,
    header: [u8; HEADER_BYTES],
    /// How many bytes of the header are there.
    known: usize,
    /// How many bytes of the message's body are still to come.
    left: usize,
}

impl<S> Frames<S> {
    pub(super) fn new(inner: S, meter: Arc<Meter>) -> Self {
        Self { inner, meter, header: [0; HEADER_BYTES], known: 0, left: 0 }
    }

    /// Follows the bytes from message to message.
    fn follow(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let Some((byte, rest)) = bytes.split_first() else { return Ok(()) };
            bytes = rest;
            if let Some(place) = self.header.get_mut(self.known) {
                *place = *byte;
            }
            self.known += 1;
            if self.known == HEADER_BYTES {
                self.known = 0;
                self.begin()?;
            }
        }
    }

    /// A message begins whose header is there.
    fn begin(&mut self) -> io::Result<()> {
        let [tag, length @ ..] = self.header;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        self.left = length.saturating_sub(LENGTH_BYTES);
        if self.left > CALL_BYTES {
            self.meter.spend();
            return Err(io::Error::other("the message is longer than a call may read"));
        }
        if STEPS.contains(&tag) && !self.meter.take_step() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no end of types within types"));
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frames<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => Poll::Ready(self.follow(buf.filled().get(before..).unwrap_or_default())),
            other => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frames<S> {
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

impl<S: TlsStream + Unpin> TlsStream for Frames<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.inner.channel_binding()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::meter::CALL_STEPS, *};

    fn message(tag: u8, length: u32) -> Vec<u8> {
        [vec![tag], length.to_be_bytes().to_vec()].concat()
    }

    #[test]
    fn messages_are_found_however_they_are_cut() {
        let body = [message(b'1', u32::MAX), vec![0; 7]].concat();
        let mut bytes = message(b'D', u32::try_from(body.len() + 4).unwrap());
        bytes.extend(body);
        let bytes = [bytes.repeat(CALL_STEPS + 1), message(b'T', 0x7fff_ffff)].concat();
        for cut in [1, 2, 3, 5, 16, 17, bytes.len()] {
            let mut frames = Frames::new((), Meter::new());
            let (last, before) = bytes.split_last().unwrap();
            assert!(before.chunks(cut).all(|piece| frames.follow(piece).is_ok()), "{cut}");
            assert!(frames.follow(&[*last]).is_err() && frames.meter.is_spent(), "{cut}");
        }
    }

    #[test]
    fn a_message_may_be_as_long_as_a_call_and_no_longer() {
        let length = u32::try_from(CALL_BYTES + LENGTH_BYTES).unwrap();
        let follow = |length| Frames::new((), Meter::new()).follow(&message(b'D', length));
        assert!(follow(length).is_ok() && follow(length + 1).is_err());
    }

    #[test]
    fn a_call_takes_its_steps_and_not_one_more() {
        let mut frames = Frames::new((), Meter::new());
        for _ in 0..2 {
            assert!(frames.follow(&message(b'2', 4).repeat(CALL_STEPS)).is_ok());
            assert!(frames.follow(&message(b'1', 4)).is_err());
            frames.meter.reset();
        }
    }
}
