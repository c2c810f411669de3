//! A TCP proxy in front of a server that speaks a protocol of its own: it carries bytes both ways, and harms a connection
//! in a way of the test's choice at a moment of the test's choice.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::CANARY;

/// When a connection is harmed.
#[derive(Clone, Debug)]
pub enum When {
    /// As soon as it stands; so many of the first ones.
    Begun(usize),
    /// Each time when the client sends these bytes.
    Asked(Vec<u8>),
    /// The first time alone.
    AskedOnce(Vec<u8>),
    /// The n-th time when the server sends these bytes, from 1.
    Answered(Vec<u8>, usize),
    /// Not before [`Carried::silence`] or [`Carried::cut`].
    Told,
}

/// What is done to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It ends.
    Cut,
    /// What the client sent goes on to the server, which acts on it; its word is kept, and the connection ends.
    CutOnceTaken,
    /// The same, and the connection is reset.
    Reset,
    /// Nothing goes on in either direction, and nobody is told.
    Silence,
    /// Half of the next answer goes on, then the connection ends.
    Half,
    /// The next answer goes on one byte at a time and never ends.
    Drip,
    /// Something that is not of the protocol comes in place of the next answer, and the connection ends.
    Garbage,
}

impl Harm {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Cut, Self::CutOnceTaken, Self::Reset, Self::Silence, Self::Half, Self::Drip, Self::Garbage];
}

/// The proxy.
pub struct Carried {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
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
    /// Whether no more connections are harmed.
    healed: AtomicBool,
    /// Ends all that there are.
    cut: Notify,
}

impl Carried {
    /// One in front of a server on this machine.
    pub async fn start(server: u16, when: When, harm: Harm) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let (state, when) = (Arc::clone(&shared), when.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        _ended = carry(client, server, &when, harm, number, &state) => {}
                        () = state.cut.notified() => {}
                    }
                    state.ended.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, state }
    }

    /// How often the moment came.
    pub fn seen(&self) -> usize {
        self.state.seen.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Ends every connection so far, and waits until they have.
    pub async fn cut(&self) {
        self.state.cut.notify_waiters();
        self.ended(self.connections()).await;
        // Until the other side has heard of it.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// Waits until so many connections have ended, for at most twenty seconds.
    pub async fn ended(&self, count: usize) {
        for _ in 0..400 {
            if self.state.ended.load(Ordering::SeqCst) >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} connections ended", self.state.ended.load(Ordering::SeqCst));
    }

    /// Lets every connection so far fall silent for ever.
    pub fn silence(&self) {
        self.state.silent.store(self.connections(), Ordering::SeqCst);
    }

    /// Harms no connection any more that is not harmed yet.
    pub fn heal(&self) {
        self.state.healed.store(true, Ordering::SeqCst);
    }
}

impl State {
    fn is_silent(&self, number: usize) -> bool {
        number <= self.silent.load(Ordering::SeqCst)
    }

    fn is_healed(&self) -> bool {
        self.healed.load(Ordering::SeqCst)
    }

    /// Whether what the client sent makes this the moment.
    fn asked(&self, when: &When, bytes: &[u8]) -> bool {
        match when {
            When::Asked(what) if self.holds(bytes, what) => {
                self.seen.fetch_add(1, Ordering::SeqCst);
                true
            }
            When::AskedOnce(what) if self.holds(bytes, what) => self.seen.fetch_add(1, Ordering::SeqCst) == 0,
            _ => false,
        }
    }

    /// Whether what the server sent makes this the moment.
    fn answered(&self, when: &When, bytes: &[u8]) -> bool {
        matches!(when, When::Answered(what, nth)
            if self.holds(bytes, what) && self.seen.fetch_add(1, Ordering::SeqCst) + 1 == *nth)
    }

    fn holds(&self, bytes: &[u8], what: &[u8]) -> bool {
        !self.is_healed() && bytes.windows(what.len()).any(|window| window == what)
    }
}

async fn carry(
    mut client: TcpStream,
    server: u16,
    when: &When,
    harm: Harm,
    number: usize,
    state: &State,
) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the other side of the way out")]
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    if matches!(when, When::Begun(first) if !state.is_healed() && number <= *first) {
        return harmed(client, server, harm, &[]).await;
    }
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let bytes = some(&up, read?)?;
                if state.is_silent(number) { std::future::pending::<()>().await; }
                if state.asked(when, bytes) {
                    // What only ends or falls silent does so before the server hears of it.
                    if !matches!(harm, Harm::Cut | Harm::Silence) { server.write_all(bytes).await?; }
                    return harmed(client, server, harm, &[]).await;
                }
                server.write_all(bytes).await?;
            }
            read = server.read(&mut down) => {
                let bytes = some(&down, read?)?;
                if state.is_silent(number) { std::future::pending::<()>().await; }
                if state.answered(when, bytes) {
                    return harmed(client, server, harm, bytes).await;
                }
                client.write_all(bytes).await?;
            }
        }
    }
}

fn some(buffer: &[u8], read: usize) -> io::Result<&[u8]> {
    buffer.get(..read).filter(|bytes| !bytes.is_empty()).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Harms a connection; `answer` is what the server has said already and the client has not heard.
async fn harmed(mut client: TcpStream, mut server: TcpStream, harm: Harm, answer: &[u8]) -> io::Result<()> {
    let mut held = answer.to_vec();
    if !matches!(harm, Harm::Cut | Harm::Silence) {
        // The server's word is waited for and kept: it has acted.
        heard(&mut client, &mut server, &mut held).await?;
    }
    match harm {
        Harm::Cut | Harm::CutOnceTaken => Ok(()),
        Harm::Silence => std::future::pending().await,
        Harm::Reset => client.set_zero_linger(),
        Harm::Half => {
            client.write_all(held.get(..held.len().div_ceil(2)).unwrap_or_default()).await?;
            client.shutdown().await
        }
        Harm::Drip => {
            // The last byte never comes.
            for byte in held.get(..held.len().saturating_sub(1)).unwrap_or_default() {
                client.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            std::future::pending().await
        }
        Harm::Garbage => {
            let words = [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), CANARY.as_bytes()].concat();
            client.write_all(&words).await?;
            client.shutdown().await
        }
    }
}

/// Waits for the server's next word, unless it has said one. What the client sends meanwhile goes on.
async fn heard(client: &mut TcpStream, server: &mut TcpStream, held: &mut Vec<u8>) -> io::Result<()> {
    let mut up = vec![0; 65_536];
    while held.is_empty() {
        tokio::select! {
            read = client.read(&mut up) => server.write_all(some(&up, read?)?).await?,
            read = server.read_buf(held) => { some(&[0], read?.min(1))?; }
        }
    }
    Ok(())
}
