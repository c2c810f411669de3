//! One connection: its session, then request after request, each passed on or failed.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::{Conduct, Fault, State, answers, counted::Counted, sealed};

/// Until what was written has reached the other side.
const A_MOMENT: Duration = Duration::from_millis(10);

pub(super) async fn serve(stream: TcpStream, conduct: Option<Conduct>, state: &State) {
    let fault = conduct.map(|conduct| conduct.fault);
    if matches!(
        fault,
        Some(Fault::ResetAtOnce | Fault::ResetInHandshake | Fault::ResetAfterRequest | Fault::ResetInBody)
    ) {
        // Closing it now resets it.
        stream.set_zero_linger().expect("a socket takes options");
    }
    // A connection that the other side ends is served.
    let _ended = match fault {
        Some(Fault::ResetAtOnce) => return,
        Some(Fault::SilentHandshake) => std::future::pending().await,
        Some(Fault::ResetInHandshake) => begun(stream).await,
        Some(Fault::PlainToTls) => plain(stream).await,
        _ if state.sealed => match sealed::by(fault).accept(stream).await {
            Ok(session) => requests(session, conduct, state).await,
            // The other side did not like what it was shown.
            Err(error) => Err(error),
        },
        _ => requests(stream, conduct, state).await,
    };
}

/// Reads the first part of a handshake.
async fn begun(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0; 16]).await.map(drop)
}

async fn plain(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(answers::PLAIN.as_bytes()).await?;
    stream.shutdown().await?;
    // What else comes is read, so that nothing is reset.
    while stream.read(&mut [0; 4_096]).await? > 0 {}
    Ok(())
}

async fn requests(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    conduct: Option<Conduct>,
    state: &State,
) -> io::Result<()> {
    loop {
        let request = Request::read(&mut stream).await?;
        match conduct.filter(|conduct| (conduct.picked)(&request.asked)) {
            None => request.passed_on(&mut stream, state).await?,
            Some(conduct) => {
                state.taken().push(request.asked);
                let counted = Counted::new(&mut stream, state);
                answers::give(conduct.fault, counted).await?;
                tokio::time::sleep(A_MOMENT).await;
                return Ok(());
            }
        }
    }
}

/// One request as it came.
struct Request {
    /// Method, path and query.
    asked: String,
    bytes: Vec<u8>,
}

impl Request {
    /// Reads a head, and as much of a body as it announces.
    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        while bytes.len() < head + length.unwrap_or(0) {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let asked = text.split(" HTTP/").next().unwrap_or_default().to_owned();
        Ok(Self { asked, bytes })
    }

    /// Has it answered by the server that behaves, over a connection of its own.
    async fn passed_on(self, stream: &mut (impl AsyncWrite + Unpin), state: &State) -> io::Result<()> {
        #[expect(clippy::disallowed_methods, reason = "this is the other side of the way out")]
        let mut upstream = TcpStream::connect((state.upstream)(&self.asked)).await?;
        // It then ends with the answer, and so does this one.
        let head = self.bytes.windows(2).position(|end| end == b"\r\n").unwrap_or(0);
        let (line, rest) = self.bytes.split_at(head);
        upstream.write_all(&[line, b"\r\nConnection: close", rest].concat()).await?;
        tokio::io::copy(&mut upstream, stream).await?;
        stream.shutdown().await?;
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
