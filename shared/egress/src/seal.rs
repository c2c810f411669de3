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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::allow_list::AllowList;
    use model::clock::{Clock, Moment, SystemClock};

    use super::*;
    use crate::resolve::SystemResolver;
    use crate::rules::Rules;
    use crate::tls::Tls;

    /// A clock that stands still, so that what is left is exact.
    struct Still(Moment);

    impl Clock for Still {
        fn now(&self) -> Moment {
            self.0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_upstream_is_told_from_a_call_that_had_no_more_time() {
        let now = SystemClock.now();
        let rules = Rules::new(AllowList::parse("").unwrap(), None).unwrap();
        let (tls, resolver) = (Tls::new(None).unwrap(), Arc::new(SystemResolver));
        let egress = Egress::new(rules, tls, resolver, Arc::new(Still(now)));
        for (left, stage) in
            [(9_999, "deadline"), (10_000, "deadline"), (10_001, "connect"), (60_000, "connect")]
        {
            let deadline = Deadline::after(now, Duration::from_millis(left));
            let ended = egress.in_time("db:1", deadline, std::future::pending::<()>()).await;
            assert_eq!(ended.unwrap_err().stage(), stage, "{left} ms");
        }
    }
}
