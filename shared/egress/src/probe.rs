//! The way to an upstream one step at a time, so that a live test can say how far it got: name, rules, connection,
//! TLS. It is the way that calls go, with the same judgement and trust; the connection is dropped at its end.

use std::net::IpAddr;

use model::deadline::Deadline;
use rustls::ProtocolVersion;
use tokio::net::TcpStream;

use crate::error::EgressError;
use crate::http::HttpClient;
use crate::resolve::{Judged, judge, lookup};

/// A step on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStage {
    /// The name has addresses.
    NameResolution,
    /// The rules permit every one.
    Egress,
    /// One of them took a connection.
    Connect,
    /// The server proved who it is; left out for plain HTTP.
    Tls,
}

/// One probe of one client's origin.
pub struct Probe<'c> {
    client: &'c HttpClient,
    deadline: Deadline,
    state: State,
}

enum State {
    Begun,
    Resolved(Vec<IpAddr>),
    Judged(Judged),
    Connected(TcpStream),
    Done,
}

impl HttpClient {
    /// A probe that has taken no step yet.
    pub fn probe(&self, deadline: Deadline) -> Probe<'_> {
        Probe { client: self, deadline, state: State::Begun }
    }
}

impl Probe<'_> {
    /// Takes the next step and says what was seen, for people; `None` when there is none left.
    pub async fn step(&mut self) -> Result<Option<(ProbeStage, String)>, EgressError> {
        let target = &self.client.target;
        let (next, passed) = match std::mem::replace(&mut self.state, State::Done) {
            State::Begun => {
                let (addresses, seen) = self.resolve().await?;
                (State::Resolved(addresses), (ProbeStage::NameResolution, seen))
            }
            State::Resolved(addresses) => {
                let host = target.host.to_string();
                let judged = judge(&self.client.egress.rules, &host, target.port, addresses)?;
                (State::Judged(judged), (ProbeStage::Egress, format!("the rules permit {target}")))
            }
            State::Judged(judged) => {
                let stream = self.client.egress.dial(&target.to_string(), &judged, self.deadline).await?;
                let next = if target.is_https() { State::Connected(stream) } else { State::Done };
                (next, (ProbeStage::Connect, format!("{target} takes connections")))
            }
            State::Connected(stream) => (State::Done, (ProbeStage::Tls, self.handshake(stream).await?)),
            State::Done => return Ok(None),
        };
        self.state = next;
        Ok(Some(passed))
    }

    async fn resolve(&self) -> Result<(Vec<IpAddr>, String), EgressError> {
        let target = &self.client.target;
        if let Some(address) = target.literal() {
            return Ok((vec![address], format!("{} is an address", target.host)));
        }
        let host = target.host.to_string();
        let addresses = self.in_time(lookup(&*self.client.egress.resolver, &host)).await??;
        let seen = match addresses.len() {
            1 => format!("{host} has 1 address"),
            count => format!("{host} has {count} addresses"),
        };
        Ok((addresses, seen))
    }

    async fn handshake(&self, stream: TcpStream) -> Result<String, EgressError> {
        let target = self.client.target.to_string();
        let host = self.client.target.host.to_string();
        let session = self.client.egress.seal(&target, &host, stream, self.deadline).await?;
        let version = match session.get_ref().1.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        };
        Ok(format!("{version}, {host} proved its name"))
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, EgressError> {
        self.client.egress.in_time(&self.client.target.to_string(), self.deadline, step).await
    }
}
