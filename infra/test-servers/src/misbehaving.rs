//! A server that misbehaves as it is told, and otherwise passes every request on to a server that behaves. It takes
//! real connections on a port of its own, in the clear or by TLS, and counts what it was sent and what it could send.
//!
//! What it does wrong is data ([`Fault`]): a test that goes through [`Fault::ALL`] misses none, and a fault that is
//! added has to be given a meaning wherever faults are told apart.

mod answers;
mod carried;
mod connection;
mod counted;
mod fault;
mod sealed;

pub use carried::{Carried, Harm, When};
pub use fault::{Fault, Layer};

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
};

/// The name that the good certificate is for.
pub const HOST: &str = "upstream.test";
/// What stands in everything that a misbehaving server says, so that it is found where it must not be repeated.
pub const CANARY: &str = "CANARY-UPSTREAM";

/// Which requests are failed, by method and path: `POST /oauth/token`.
pub type Picked = fn(&str) -> bool;

/// What is done wrong, and to which requests.
#[derive(Clone, Copy)]
pub(crate) struct Conduct {
    pub(crate) fault: Fault,
    pub(crate) picked: Picked,
}

/// The server. Its port is refused from the moment it is dropped.
pub struct Misbehaving {
    address: SocketAddr,
    sealed: bool,
    conduct: watch::Sender<Option<Conduct>>,
    state: Arc<State>,
    /// Keeps the port while nothing listens on it.
    _port: TcpSocket,
}

/// What connections share.
pub(crate) struct State {
    pub(crate) upstream: Upstream,
    pub(crate) sealed: bool,
    /// Requests that arrived whole while something was wrong: method, path and query.
    taken: Mutex<Vec<String>>,
    /// Bytes that were handed to connections while something was wrong.
    pub(crate) sent: AtomicU64,
    /// Connections of this moment.
    open: AtomicUsize,
}

/// Who answers a request that is passed on, by method and path.
pub type Upstream = Box<dyn Fn(&str) -> SocketAddr + Send + Sync>;

impl Misbehaving {
    /// One that behaves for now. Sealed, it speaks TLS by a certificate of [`Misbehaving::ca`].
    pub fn start(sealed: bool, upstream: Upstream) -> Self {
        let port = TcpSocket::new_v4().expect("a socket");
        port.set_reuseport(true).expect("a socket takes options");
        port.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("loopback has a free port");
        let address = port.local_addr().expect("a bound socket has an address");
        let (conduct, seen) = watch::channel(None);
        let (taken, sent, open) = (Mutex::default(), AtomicU64::new(0), AtomicUsize::new(0));
        let state = Arc::new(State { upstream, sealed, taken, sent, open });
        let listener = listen(address);
        tokio::spawn(accept(listener, address, seen, Arc::clone(&state)));
        Self { address, sealed, conduct, state, _port: port }
    }

    /// Its base URL by its name, without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = if self.sealed { "https" } else { "http" };
        format!("{scheme}://{HOST}:{}", self.address.port())
    }

    /// The PEM text of the CA that its good certificate is by.
    pub fn ca() -> &'static str {
        sealed::ca()
    }

    /// Does this wrong from now on to the requests that are picked, or to whole connections. Every connection that
    /// there is ends before.
    pub async fn misbehave(&self, fault: Fault, picked: Picked) {
        self.turn(Some(Conduct { fault, picked })).await;
    }

    /// Passes everything on again.
    pub async fn behave(&self) {
        self.turn(None).await;
    }

    /// The picked requests that arrived whole while something was wrong: method, path and query.
    pub fn taken(&self) -> Vec<String> {
        self.state.taken().clone()
    }

    /// How many bytes it could send while something was wrong.
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }

    async fn turn(&self, conduct: Option<Conduct>) {
        self.state.taken().clear();
        self.state.sent.store(0, Ordering::SeqCst);
        self.conduct.send_replace(conduct);
        // The listener may have to come or go, and connections to end.
        for _ in 0..2_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if self.state.open.load(Ordering::SeqCst) == 0 {
                return;
            }
        }
        panic!("a connection did not end");
    }
}

impl State {
    pub(crate) fn taken(&self) -> MutexGuard<'_, Vec<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(address: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseport(true).expect("a socket takes options");
    socket.bind(address).expect("the port is ours");
    socket.listen(1_024).expect("the port is ours")
}

async fn accept(
    listener: TcpListener,
    address: SocketAddr,
    mut conduct: watch::Receiver<Option<Conduct>>,
    state: Arc<State>,
) {
    let mut listener = Some(listener);
    loop {
        let now = *conduct.borrow_and_update();
        let refused = now.is_some_and(|now| now.fault == Fault::Refused);
        if refused {
            listener = None;
        }
        let changed = conduct.changed();
        let accepted = async {
            match (&listener, refused) {
                (Some(listener), false) => listener.accept().await.ok(),
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            changed = changed => {
                // The server was dropped.
                if changed.is_err() { return }
                listener.get_or_insert_with(|| listen(address));
            }
            accepted = accepted => {
                let Some((stream, _)) = accepted else { continue };
                let (state, mut ends) = (Arc::clone(&state), conduct.clone());
                state.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    tokio::select! {
                        biased;
                        _ = ends.changed() => {}
                        () = connection::serve(stream, now, &state) => {}
                    }
                    state.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    }
}
