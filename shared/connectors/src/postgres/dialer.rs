//! From the target to a session: judged addresses, TCP, TLS, login, each a stage of its own.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use egress::{Egress, EgressError};
use model::{clock::Moment, deadline::Deadline};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};
use tokio_postgres::{
    CancelToken, Client, Config, Connection, NoTls,
    config::SslMode,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    failure,
    frames::Frames,
    meter::{Meter, Metered},
    target::Target,
};
use crate::{ConnectorError, Stage, Stages};

/// How the sessions call themselves in the server's own lists.
const APPLICATION: &str = "axonflow-connectors";
/// The longest part of the server's version that is shown.
const VERSION_CHARS: usize = 64;
/// The time for asking the server to give up a statement; nobody waits for it.
const CANCEL_TIME: Duration = Duration::from_secs(5);

type Socket = Metered<TcpStream>;

/// Opens sessions to one target.
pub(super) struct Dialer {
    pub(super) target: Target,
    pub(super) egress: Egress,
}

/// One open session.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) meter: Arc<Meter>,
    /// The server's version, in its own words.
    pub(super) version: String,
    /// When it last answered.
    pub(super) last_used: Moment,
    task: JoinHandle<()>,
}

impl Dialer {
    pub(super) fn now(&self) -> Moment {
        self.egress.clock().now()
    }

    /// What is left of the call's time.
    pub(super) fn left(&self, deadline: Deadline) -> Result<Duration, ConnectorError> {
        deadline.left(self.now()).ok_or_else(|| self.late())
    }

    pub(super) fn late(&self) -> ConnectorError {
        EgressError::Deadline { target: self.target.address() }.into()
    }

    /// Opens a session, and notes the stages that it gets past.
    pub(super) async fn open(
        &self,
        mut stages: Option<&mut Stages<'_>>,
        deadline: Deadline,
    ) -> Result<Session, ConnectorError> {
        let mut passed = |stage, detail: String| {
            if let Some(stages) = stages.as_deref_mut() {
                stages.passed(stage, detail);
            }
        };
        let Target { host, port, .. } = &self.target;
        let addresses = self.egress.addresses(host, *port, deadline).await?;
        passed(Stage::NameResolution, format!("{host} has {} address(es)", addresses.len()));
        passed(Stage::Egress, "every address is permitted".into());
        let tcp = self.egress.dial(&self.target.address(), &addresses, deadline).await?;
        passed(Stage::Connect, format!("connected to {}", self.target.address()));
        // A statement goes out as several small messages; the socket's own wish to wait helps nobody.
        drop(tcp.set_nodelay(true));
        let meter = Meter::new();
        let socket = Metered::new(tcp, Arc::clone(&meter));
        let left = self.left(deadline)?;
        let opened = async {
            if self.target.tls {
                let (told, sealed) = oneshot::channel();
                let tls = Noted { inner: self.tls(), told, meter: Arc::clone(&meter) };
                let connecting = self.start(socket, tls, &meter);
                let mut connecting = pin!(connecting);
                tokio::select! {
                    biased;
                    Ok(()) = sealed => passed(Stage::Tls, "the server's certificate is good for its name".into()),
                    done = &mut connecting => return done,
                }
                connecting.await
            } else {
                self.start(Frames::new(socket, Arc::clone(&meter)), NoTls, &meter).await
            }
        };
        let session = tokio::time::timeout(left, opened).await.map_err(|_| self.late())??;
        passed(Stage::Authenticate, "the server took the credentials".into());
        Ok(session)
    }

    async fn start<S, T>(&self, socket: S, tls: T, meter: &Arc<Meter>) -> Result<Session, ConnectorError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: TlsConnect<S>,
        T::Stream: Send + 'static,
    {
        let connected = self.config().connect_raw(socket, tls).await;
        let (client, connection) = connected.map_err(|error| failure::of_login(&error, &self.target))?;
        let version = connection.parameter("server_version").unwrap_or("of an unknown version");
        // Shown to people, and written by whoever runs the server.
        let version = version.chars().filter(|c| !c.is_control()).take(VERSION_CHARS).collect();
        let task = tokio::spawn(drive(connection));
        Ok(Session { client, meter: Arc::clone(meter), version, last_used: self.now(), task })
    }

    fn config(&self) -> Config {
        let mut config = Config::new();
        config
            .user(self.target.user.as_str())
            .password(self.target.password.as_str())
            .dbname(&self.target.database)
            .application_name(APPLICATION)
            .ssl_mode(if self.target.tls { SslMode::Require } else { SslMode::Disable });
        config
    }

    fn tls(&self) -> <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect {
        let mut make = MakeRustlsConnect::new(self.egress.tls_config().as_ref().clone());
        let Ok(connect) =
            MakeTlsConnect::<Socket>::make_tls_connect(&mut make, self.target.certificate_name());
        connect
    }

    /// Asks the server to give up what a session runs, over a connection of its own, judged as every other.
    async fn cancel(&self, token: CancelToken) -> Result<(), ConnectorError> {
        let deadline = Deadline::after(self.now(), CANCEL_TIME);
        let addresses = self.egress.addresses(&self.target.host, self.target.port, deadline).await?;
        let tcp = self.egress.dial(&self.target.address(), &addresses, deadline).await?;
        let socket = Metered::new(tcp, Meter::new());
        let asked = async {
            if self.target.tls {
                token.cancel_query_raw(socket, self.tls()).await
            } else {
                token.cancel_query_raw(socket, NoTls).await
            }
        };
        let asked = tokio::time::timeout(CANCEL_TIME, asked).await.map_err(|_| self.late())?;
        asked.map_err(|error| failure::of_login(&error, &self.target))
    }
}

/// Moves a session's bytes until it ends. What went wrong shows in the calls that wait for it.
async fn drive<S, T>(connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    drop(connection.await);
}

impl Session {
    /// Ends a session that is dead already.
    pub(super) fn discard(self) {
        self.task.abort();
    }

    /// Ends a session in the middle of whatever it does: nothing more is read, and the server is told to stop.
    pub(super) fn abandon(self, dialer: &Arc<Dialer>) {
        self.task.abort();
        let token = self.client.cancel_token();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let dialer = Arc::clone(dialer);
            runtime.spawn(async move {
                if let Err(error) = dialer.cancel(token).await {
                    // The statement has its own time limit at the server.
                    tracing::debug!(%error, "a statement could not be cancelled");
                }
            });
        }
    }
}

/// A TLS handshake that tells when it is done, and what comes through it watched.
struct Noted<T> {
    inner: T,
    meter: Arc<Meter>,
    told: oneshot::Sender<()>,
}

struct NotedHandshake<F> {
    inner: Pin<Box<F>>,
    meter: Arc<Meter>,
    told: Option<oneshot::Sender<()>>,
}

impl<T: TlsConnect<Socket>> TlsConnect<Socket> for Noted<T> {
    type Stream = Frames<T::Stream>;
    type Error = T::Error;
    type Future = NotedHandshake<T::Future>;

    fn connect(self, stream: Socket) -> Self::Future {
        NotedHandshake {
            inner: Box::pin(self.inner.connect(stream)),
            meter: self.meter,
            told: Some(self.told),
        }
    }
}

impl<S, E, F: Future<Output = Result<S, E>>> Future for NotedHandshake<F> {
    type Output = Result<Frames<S>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.inner.as_mut().poll(cx);
        if let Poll::Ready(Ok(_)) = &polled
            && let Some(told) = self.told.take()
        {
            // Nobody listens where no stages are noted.
            let _ = told.send(());
        }
        polled.map_ok(|stream| Frames::new(stream, Arc::clone(&self.meter)))
    }
}
