//! A TCP proxy in front of the server that lets a connection die in a way of the test's choice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// When and how a connection dies.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// Once the client has sent these bytes, they go on to the server, and nothing comes back.
    CutAfter([u8; 8]),
    /// The same, the first time alone.
    CutOnce([u8; 8]),
    /// From these bytes on nothing goes on, and nobody is told.
    SwallowFrom([u8; 8]),
    /// From the n-th answer on that holds these bytes its connection is silent.
    SwallowAnswer(&'static [u8], usize),
    /// The n-th answer that holds these bytes is lost with its connection.
    CutAnswer(&'static [u8], usize),
    /// So many connections are never answered.
    SilentFirst(usize),
    /// Not before it is told to: then every connection of that time falls silent for ever.
    Silence,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    connections: AtomicUsize,
    seen: AtomicUsize,
    /// Connections up to this number are silent.
    silent: AtomicUsize,
    /// Connections that ended.
    ended: AtomicUsize,
    /// Ends all that there are.
    cut: Notify,
}

impl Proxy {
    pub(crate) async fn start(server: u16, rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let state = Arc::clone(&shared);
                if let Rule::SilentFirst(count) = rule {
                    state.silent.store(count, Ordering::SeqCst);
                }
                tokio::spawn(async move {
                    tokio::select! {
                        () = carry(client, server, rule, number, Arc::clone(&state)) => {}
                        () = state.cut.notified() => {}
                    }
                    state.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, state }
    }

    /// How often the bytes of the rule went by.
    pub(crate) fn seen(&self) -> usize {
        self.state.seen.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Ends every connection so far, and waits until they have.
    pub(crate) async fn cut(&self) {
        self.state.cut.notify_waiters();
        self.ended(self.connections()).await;
        // Until the other side has heard of it.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// Waits until so many connections have ended, for at most twenty seconds.
    pub(crate) async fn ended(&self, count: usize) {
        for _ in 0..400 {
            if self.state.ended.load(Ordering::SeqCst) >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} connections ended", self.state.ended.load(Ordering::SeqCst));
    }

    /// Lets every connection so far fall silent.
    pub(crate) fn silence(&self) {
        self.state.silent.store(self.connections(), Ordering::SeqCst);
    }
}

async fn carry(mut client: TcpStream, server: u16, rule: Rule, number: usize, state: Arc<State>) {
    #[expect(clippy::disallowed_methods, reason = "this is the other side of the way out")]
    let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        let silent = || number <= state.silent.load(Ordering::SeqCst);
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(read @ 1..) = read else { return };
                if silent() { std::future::pending::<()>().await; }
                let bytes = &up[..read];
                let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
                match rule {
                    Rule::SwallowFrom(what) if holds(&what) => std::future::pending::<()>().await,
                    Rule::CutOnce(what) if holds(&what) && state.seen.fetch_add(1, Ordering::SeqCst) == 0 => return,
                    Rule::CutAfter(what) if holds(&what) => {
                        state.seen.fetch_add(1, Ordering::SeqCst);
                        server.write_all(bytes).await.unwrap();
                        // The server's word is waited for and kept: it has acted.
                        let _ = server.read(&mut down).await;
                        return;
                    }
                    _ => server.write_all(bytes).await.unwrap(),
                }
            }
            read = server.read(&mut down) => {
                let Ok(read @ 1..) = read else { return };
                if silent() { std::future::pending::<()>().await; }
                if let Rule::CutAnswer(what, nth) | Rule::SwallowAnswer(what, nth) = rule
                    && down[..read].windows(what.len()).any(|window| window == what)
                    && state.seen.fetch_add(1, Ordering::SeqCst) + 1 == nth
                {
                    if matches!(rule, Rule::CutAnswer(..)) { return }
                    std::future::pending::<()>().await;
                }
                if client.write_all(&down[..read]).await.is_err() { return }
            }
        }
    }
}
