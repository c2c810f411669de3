//! A relay that counts the bytes that pass through it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A relay in front of an address.
pub(crate) struct Relay {
    address: SocketAddr,
    bytes: Arc<[AtomicU64; 2]>,
}

impl Relay {
    #[expect(clippy::disallowed_methods, reason = "a measuring instrument on loopback, not a way out")]
    pub(crate) async fn to(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let bytes = Arc::<[AtomicU64; 2]>::default();
        let counters = Arc::clone(&bytes);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(behind).await.expect("what is behind the relay");
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let [out, back] = [Arc::clone(&counters), Arc::clone(&counters)];
                tokio::spawn(async move { pass(from_client, to_server, &out[0]).await });
                tokio::spawn(async move { pass(from_server, to_client, &back[1]).await });
            }
        });
        Self { address, bytes }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many bytes went out and came back since the last look.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let [out, back] = &*self.bytes;
        (out.swap(0, Ordering::Relaxed), back.swap(0, Ordering::Relaxed))
    }
}

/// Passes on what comes until either side ends.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, counted: &AtomicU64) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        counted.fetch_add(read as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
