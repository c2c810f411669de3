//! Raw TCP for databases, under the same judgement as HTTP. The driver gets a connected socket and no chance to
//! dial by itself.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use model::deadline::Deadline;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use url::Host;

use crate::error::EgressError;
use crate::failure::connect_reason;
use crate::http::Egress;
use crate::resolve::{Judged, judge, lookup};
use crate::transport::{CONNECT_TIMEOUT, KEEPALIVE};

impl Egress {
    /// Resolves a host once and judges every address it has; what it gives may be dialled. An IPv6 address may stand
    /// in brackets or not.
    pub async fn addresses(&self, host: &str, port: u16, deadline: Deadline) -> Result<Judged, EgressError> {
        let host = spelled(host).map_err(|why| EgressError::refused(format!("{host}:{port}"), why))?;
        let name = host.to_string();
        let addresses = match host {
            Host::Ipv4(address) => vec![IpAddr::V4(address)],
            Host::Ipv6(address) => vec![IpAddr::V6(address)],
            Host::Domain(_) => {
                let late = || EgressError::Deadline { target: format!("{name}:{port}") };
                let left = deadline.left(self.clock.now()).ok_or_else(late)?;
                let found = tokio::time::timeout(left, lookup(&*self.resolver, &name)).await;
                found.unwrap_or_else(|_| Err(late()))?
            }
        };
        judge(&self.rules, &name, port, addresses)
    }

    /// Connects to the first of the judged addresses that answers. None of them can use up the others' time.
    pub async fn dial(
        &self,
        target: &str,
        addresses: &Judged,
        deadline: Deadline,
    ) -> Result<TcpStream, EgressError> {
        let late = || EgressError::Deadline { target: target.to_owned() };
        let mut reason = "it has no address";
        for (index, address) in addresses.iter().enumerate() {
            let left = deadline.left(self.clock.now()).ok_or_else(late)?;
            let share = left / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            match tokio::time::timeout(share.min(CONNECT_TIMEOUT), connect(*address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => reason = connect_reason(Some(error.kind())),
                Err(_) => reason = "it did not answer in time",
            }
        }
        deadline.left(self.clock.now()).ok_or_else(late)?;
        Err(EgressError::Connect { target: target.to_owned(), reason })
    }

    /// Whether an address that a driver discovered by itself may be dialled: it has no name that could be listed.
    pub fn permits(&self, address: SocketAddr) -> Result<(), EgressError> {
        self.rules
            .judge(address.ip(), address.port(), false)
            .map_err(|refusal| EgressError::refused(address.to_string(), refusal.to_string()))
    }

    /// The TLS configuration for drivers that make their own sessions over a dialled socket.
    pub fn tls_config(&self) -> Arc<rustls::ClientConfig> {
        self.tls.config()
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    #[expect(clippy::disallowed_methods, reason = "the one place that dials, after the judgement")]
    let stream = TcpStream::connect(address).await?;
    // Requests are written whole; waiting for more to send with them only delays them.
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}

/// The host that a text spells. A number that is read as an address only by some is refused: nobody writes one so by
/// accident.
fn spelled(text: &str) -> Result<Host, &'static str> {
    if let Ok(address) = text.parse() {
        return Ok(Host::Ipv6(address));
    }
    match Host::parse(text).map_err(|_| "it is not a host")? {
        Host::Ipv4(address) if text != address.to_string() => {
            Err("an address must be spelled as four decimal numbers")
        }
        host => Ok(host),
    }
}
