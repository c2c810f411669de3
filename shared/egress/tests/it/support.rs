//! A server that counts its connections, a resolver that says what it is told, and a short way to call.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use egress::{Egress, EgressError, Request, Resolver, Response, Rules, Tls};
use model::allow_list::AllowList;
use model::clock::{Clock, SystemClock};
use model::deadline::Deadline;
use reqwest::Method;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server on every address of this machine, so that any connection that was let out is seen.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Serves each connection with `serve`.
    pub(crate) async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("[::]:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self { port, connections }
    }

    /// Answers the first request of each connection with these bytes and closes.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |stream| {
            let answer = Arc::clone(&answer);
            async move {
                exchange(stream, &answer).await;
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.port)
    }
}

/// Reads one request's head and returns it, writes the answer, closes.
pub(crate) async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> String {
    let head = read_head(&mut stream).await;
    // The client may have stopped reading: that is what some tests are about.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    head
}

pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Answers each name with its next list of addresses; the last one stays.
#[derive(Default)]
pub(crate) struct Script {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    lookups: AtomicUsize,
}

impl Script {
    /// Each answer is a list of addresses separated by spaces.
    pub(crate) fn name(self, name: &str, answers: &[&str]) -> Self {
        let parse = |list: &&str| list.split(' ').map(|address| address.parse().unwrap()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers.iter().map(parse).collect());
        self
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolver for Script {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut names = self.answers.lock().unwrap();
        let answers = names.get_mut(host).ok_or(io::ErrorKind::NotFound)?;
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Ok(next.unwrap_or_default())
    }
}

pub(crate) fn rules(allow: &str, runtime_api: Option<&str>) -> Rules {
    Rules::new(AllowList::parse(allow).unwrap(), runtime_api).unwrap()
}

/// A way out with this list, these names and no private CA.
pub(crate) fn egress(allow: &str, script: Script) -> Egress {
    guarded(rules(allow, None), script)
}

pub(crate) fn guarded(rules: Rules, script: Script) -> Egress {
    Egress::new(rules, Tls::new(None).unwrap(), Arc::new(script), Arc::new(SystemClock))
}

/// Makes a client for the URL's origin and gets the URL.
pub(crate) async fn get(egress: &Egress, url: &str) -> Result<Response, EgressError> {
    let client = egress.http(url)?;
    client.send(request(url), within(20_000)).await
}

/// Resolves, judges and dials as a database driver does, and gives the socket's answer to a word of its own.
pub(crate) async fn exchange_raw(egress: &Egress, host: &str, port: u16) -> Result<String, EgressError> {
    let judged = egress.addresses(host, port, within(20_000)).await?;
    Ok(talk(egress.dial(host, &judged, within(20_000)).await?).await)
}

/// Asks something over a dialled socket and reads until the other side closes it.
pub(crate) async fn talk(mut stream: TcpStream) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

pub(crate) fn request(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

pub(crate) fn within(millis: u64) -> Deadline {
    Deadline::after(SystemClock.now(), Duration::from_millis(millis))
}
