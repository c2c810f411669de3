//! Names to addresses. A name is as good as the worst address it has: were one of several skipped, an
//! attacker would answer with a good one beside it and wait for the moment that it fails.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::error::EgressError;
use crate::rules::Rules;

/// A source of addresses for names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of a name, in the order in which to try them.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The addresses of one host, every one of them judged. There is no other way to make one, so that nothing else is
/// ever dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged(Vec<SocketAddr>);

impl Deref for Judged {
    type Target = [SocketAddr];

    fn deref(&self) -> &[SocketAddr] {
        &self.0
    }
}

/// All addresses of a name; never none.
pub(crate) async fn lookup(resolver: &dyn Resolver, host: &str) -> Result<Vec<IpAddr>, EgressError> {
    let unresolved = || EgressError::NameResolution { host: host.to_owned() };
    let addresses = resolver.lookup(host).await.map_err(|_| unresolved())?;
    if addresses.is_empty() { Err(unresolved()) } else { Ok(addresses) }
}

/// Judges every address of a host.
pub(crate) fn judge(
    rules: &Rules,
    host: &str,
    port: u16,
    addresses: Vec<IpAddr>,
) -> Result<Judged, EgressError> {
    let listed = rules.allows_host(host);
    for &address in &addresses {
        rules
            .judge(address, port, listed)
            .map_err(|refusal| EgressError::refused(format!("{host}:{port}"), refusal.to_string()))?;
    }
    Ok(Judged(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()))
}

/// The resolver of one client. The HTTP library asks it for every new connection and gives it the name
/// alone, so it keeps the port, without which a rule about one port could not be applied.
pub(crate) struct OriginResolver {
    pub(crate) rules: Arc<Rules>,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) port: u16,
}

impl Resolve for OriginResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, resolver, port) = (Arc::clone(&self.rules), Arc::clone(&self.resolver), self.port);
        Box::pin(async move {
            let addresses = lookup(&*resolver, name.as_str()).await?;
            let judged = judge(&rules, name.as_str(), port, addresses)?;
            Ok(Box::new(judged.0.into_iter()) as Addrs)
        })
    }
}
