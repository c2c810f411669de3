//! Raw TCP for databases, under the same judgement as HTTP. The driver gets a connected socket and no chance to
//! dial by itself.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::deadline::Deadline;
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::error::EgressError;
use crate::http::Egress;
use crate::resolve::judged_addresses;

/// TCP alone; a call's own deadline may cut it shorter.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Egress {
    /// Resolves a host once and judges every address it has; what it gives may be connected to.
    pub async fn addresses(
        &self,
        host: &str,
        port: u16,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        let target = format!("{host}:{port}");
        if let Some(address) = literal(host, &target)? {
            self.rules
                .judge(address, port, self.rules.allows_host(host))
                .map_err(|refusal| EgressError::refused(target, refusal.to_string()))?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let late = || EgressError::Deadline { target: target.clone() };
        let left = deadline.left(self.clock.now()).ok_or_else(late)?;
        let judged = judged_addresses(&self.rules, &*self.resolver, host, port);
        tokio::time::timeout(left, judged).await.unwrap_or_else(|_| Err(late()))
    }

    /// Connects to the first of the judged addresses that answers.
    pub async fn dial(
        &self,
        target: &str,
        addresses: &[SocketAddr],
        deadline: Deadline,
    ) -> Result<TcpStream, EgressError> {
        let mut reason = "it has no address";
        for address in addresses {
            let late = || EgressError::Deadline { target: target.to_owned() };
            let left = deadline.left(self.clock.now()).ok_or_else(late)?.min(CONNECT_TIMEOUT);
            #[expect(clippy::disallowed_methods, reason = "the one place that dials, after the judgement")]
            match tokio::time::timeout(left, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => reason = crate::failure::connect_reason(Some(error.kind())),
                Err(_) => reason = "it did not answer in time",
            }
        }
        Err(EgressError::Connect { target: target.to_owned(), reason })
    }

    /// The TLS configuration for drivers that make their own sessions over a dialled socket.
    pub fn tls_config(&self) -> Arc<rustls::ClientConfig> {
        self.tls.config()
    }
}

/// The address that a host spells, if it spells one. A number that is read as an address only by some is refused:
/// nobody writes one so by accident.
fn literal(host: &str, target: &str) -> Result<Option<IpAddr>, EgressError> {
    let refused = |why: &str| EgressError::refused(target, why);
    let invalid = |_| refused("it is not a valid host");
    let url = Url::parse(&format!("https://{host}/")).map_err(invalid)?;
    if !url.username().is_empty() || url.password().is_some() || url.port().is_some() || url.path() != "/" {
        return Err(refused("it is not a host"));
    }
    match url.host() {
        Some(Host::Ipv4(address)) if host == address.to_string() => Ok(Some(IpAddr::V4(address))),
        Some(Host::Ipv4(_)) => Err(refused("an address must be spelled as four decimal numbers")),
        Some(Host::Ipv6(address)) => Ok(Some(IpAddr::V6(address))),
        Some(Host::Domain(_)) => Ok(None),
        None => Err(refused("it is not a host")),
    }
}
