//! TLS over a dialled connection, for drivers and probes.

use std::time::Duration;

use model::deadline::Deadline;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::EgressError;
use crate::failure;
use crate::http::Egress;
use crate::transport::CONNECT_TIMEOUT;

impl Egress {
    /// Seals a dialled connection; the server proves that it is the host. An IPv6 address may stand in brackets.
    pub async fn seal(
        &self,
        target: &str,
        host: &str,
        stream: TcpStream,
        deadline: Deadline,
    ) -> Result<TlsStream<TcpStream>, EgressError> {
        let name = server_name(host).ok_or_else(|| EgressError::Tls {
            target: target.to_owned(),
            reason: "its name fits no certificate",
        })?;
        let connector = TlsConnector::from(self.tls_config());
        let session = self.in_time(target, deadline, connector.connect(name, stream)).await?;
        session.map_err(|error| failure::handshake(target.to_owned(), &error))
    }

    /// A step of connecting, which may take as long as connecting may, and no longer than the call.
    pub(crate) async fn in_time<T>(
        &self,
        target: &str,
        deadline: Deadline,
        step: impl Future<Output = T>,
    ) -> Result<T, EgressError> {
        let late = || EgressError::Deadline { target: target.to_owned() };
        let left = deadline.left(self.clock.now()).ok_or_else(late)?;
        tokio::time::timeout(Duration::min(left, CONNECT_TIMEOUT), step).await.map_err(|_| {
            if left > CONNECT_TIMEOUT {
                EgressError::Connect { target: target.to_owned(), reason: "it did not answer in time" }
            } else {
                late()
            }
        })
    }
}

/// The name that a certificate must be for.
pub(crate) fn server_name(host: &str) -> Option<ServerName<'static>> {
    ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).ok()
}
