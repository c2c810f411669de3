//! What is answered to a request that is failed. All of it is what servers, proxies and attackers have been seen to send.

use std::{io, io::Write, sync::OnceLock, time::Duration};

use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};
use tokio::io::AsyncWrite;

use super::{CANARY, Fault, counted::Counted};

/// Between two bytes of what is slow.
const SLOWLY: Duration = Duration::from_millis(20);
/// What begins an answer in JSON.
const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
/// To who speaks TLS.
pub(super) const PLAIN: &str = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\
                                <html>CANARY-UPSTREAM: plain HTTP</html>";
/// How deep what is nested is.
const DEPTH: usize = 100_000;

/// Answers a request wrongly. What comes back is for the caller to close.
pub(super) async fn give(fault: Fault, mut to: Counted<'_, impl AsyncWrite + Unpin>) -> io::Result<()> {
    match fault {
        Fault::Silent => std::future::pending().await,
        Fault::ResetAfterRequest => Ok(()),
        Fault::UnsaidEnd => to.send(format!("{JSON}Connection: close\r\n\r\n{{\"{CANARY}\":1}}")).await,
        Fault::ResetInBody | Fault::CutByLength => {
            to.send(format!("{JSON}Content-Length: 1000\r\n\r\n{{\"{CANARY}\":")).await
        }
        Fault::CutInChunks => {
            to.send(format!("{JSON}Transfer-Encoding: chunked\r\n\r\n8\r\n{{\"half\":\r\n")).await
        }
        Fault::SlowHead => drip(to, &format!("HTTP/1.1 200 OK\r\nX-Slow: {CANARY}")).await,
        Fault::SlowBody => drip(to, &format!("{JSON}Content-Length: 60000\r\n\r\n[")).await,
        Fault::EndlessHead => {
            to.send("HTTP/1.1 200 OK\r\n").await?;
            endless(to, format!("X-Filler: {CANARY}\r\n").repeat(100)).await
        }
        Fault::EndlessInterim => endless(to, "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10)).await,
        Fault::HugeBody => {
            to.send(format!("{JSON}Connection: close\r\n\r\n[")).await?;
            endless(to, " ".repeat(64 * 1024)).await
        }
        Fault::HugeAnnounced => {
            to.send(format!("{JSON}Content-Length: {}\r\n\r\n", 1_u64 << 40)).await?;
            endless(to, " ".repeat(64 * 1024)).await
        }
        Fault::TinyChunks => {
            to.send(format!("{JSON}Transfer-Encoding: chunked\r\n\r\n")).await?;
            endless(to, "1\r\n \r\n".repeat(1_000)).await
        }
        Fault::Page => whole(to, "text/html", format!("<html><h1>Sign in</h1>{CANARY}</html>")).await,
        Fault::Empty => whole(to, "application/json", String::new()).await,
        Fault::Malformed => whole(to, "application/json", format!(r#"{{"{CANARY}": [1, 2"#)).await,
        Fault::Deep => {
            whole(to, "application/json", format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))).await
        }
        Fault::ShortLength => to.send(format!("{JSON}Content-Length: 5\r\n\r\n{{\"a\":\"{CANARY}\"}}")).await,
        Fault::NoLength => to.send(format!("{JSON}Content-Length: {CANARY}\r\n\r\n{{}}")).await,
        Fault::TwoLengths => {
            to.send(format!("{JSON}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}} ")).await
        }
        Fault::Garbage => {
            to.send([b"\x00\xff\x00SSH-2.0-".as_slice(), CANARY.as_bytes(), b"\r\n"].concat()).await
        }
        Fault::GzipBomb => {
            to.send(format!("{JSON}Content-Encoding: gzip\r\nConnection: close\r\n\r\n")).await?;
            to.send([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]).await?;
            for _ in 0..1_024 {
                to.send(mebibyte()).await?;
            }
            Ok(())
        }
        Fault::GzipHalf => {
            let packed = packed(b"[1, 2, 3, 4, 5, 6, 7, 8, 9]");
            let half = packed.get(..packed.len() / 2).unwrap_or_default();
            encoded(to, "gzip", half).await
        }
        Fault::GzipNot => encoded(to, "gzip", format!(r#"{{"{CANARY}":1}}"#).as_bytes()).await,
        Fault::GzipTwice => encoded(to, "gzip, gzip", &packed(&packed(b"{}"))).await,
        Fault::RedirectLoop => redirect(to, "?again").await,
        Fault::RedirectForbidden => {
            redirect(to, "http://169.254.169.254/latest/meta-data/CANARY-UPSTREAM").await
        }
        // They end before anything can be asked.
        Fault::Refused
        | Fault::ResetAtOnce
        | Fault::SilentHandshake
        | Fault::ResetInHandshake
        | Fault::PlainToTls
        | Fault::Expired
        | Fault::OtherName
        | Fault::UnknownIssuer => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// An answer that is whole as HTTP goes. The connection ends with it, and says so: one that ended without a word could
/// meet the repetition.
async fn whole(mut to: Counted<'_, impl AsyncWrite + Unpin>, kind: &str, body: String) -> io::Result<()> {
    let length = body.len();
    to.send(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"))
        .await
}

async fn encoded(mut to: Counted<'_, impl AsyncWrite + Unpin>, how: &str, body: &[u8]) -> io::Result<()> {
    let head = format!(
        "{JSON}Content-Encoding: {how}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    to.send([head.as_bytes(), body].concat()).await
}

async fn redirect(mut to: Counted<'_, impl AsyncWrite + Unpin>, location: &str) -> io::Result<()> {
    to.send(format!(
        "HTTP/1.1 302 Found\r\nLocation: {location}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    ))
    .await
}

/// The same again and again, until nobody takes it.
async fn endless(mut to: Counted<'_, impl AsyncWrite + Unpin>, part: String) -> io::Result<()> {
    loop {
        to.send(&part).await?;
    }
}

async fn drip(mut to: Counted<'_, impl AsyncWrite + Unpin>, beginning: &str) -> io::Result<()> {
    to.send(beginning).await?;
    loop {
        tokio::time::sleep(SLOWLY).await;
        to.send(b" ").await?;
    }
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

/// A part of a packed stream that unpacks to a mebibyte, and stands alone.
fn mebibyte() -> &'static [u8] {
    static PART: OnceLock<Vec<u8>> = OnceLock::new();
    PART.get_or_init(|| {
        let mut part = Vec::with_capacity(64 * 1024);
        let mut compress = Compress::new(Compression::fast(), false);
        compress
            .compress_vec(&vec![b' '; 1024 * 1024], &mut part, FlushCompress::Full)
            .expect("it is packed");
        part
    })
}
