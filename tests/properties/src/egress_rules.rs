//! What may be dialled is an address that the name was resolved to, and none that nobody may reach.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use async_trait::async_trait;
use egress::{Egress, EgressError, Resolver, Rules, Tls};
use model::allow_list::AllowList;
use tokio::runtime::{Builder, Runtime};
use url::Host;

use crate::{
    address::{in_a_network, public, readings},
    fixed::{Still, late},
    said::modest,
};

pub(crate) use crate::address::never;

/// Where Lambda's runtime API listens here.
const GUARDED: (&str, u16) = ("127.0.0.1:9001", 9001);

/// The deployment's list in the first line, host and port in the second, and the addresses of the host, one a line.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let list = lines.next().unwrap_or_default();
    let allow = match AllowList::parse(list) {
        Ok(allow) => allow,
        Err(error) => {
            assert!(error.to_string().chars().count() <= list.chars().count() + 120);
            return;
        }
    };
    let Some((host, port)) = lines.next().and_then(|line| line.rsplit_once(' ')) else { return };
    let Ok(port) = port.parse::<u16>() else { return };
    let given: Vec<IpAddr> = lines.filter_map(|line| line.parse().ok()).collect();
    let named = allow.allows_host(host);
    assert_eq!(named, is_listed(list, host), "{list:?} and {host:?}");
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let addresses = literal.map_or_else(|| given.clone(), |own| vec![own]);
    match dialled(allow, host, port, given) {
        Ok(judged) => {
            assert!(!judged.is_empty(), "there is nothing to dial");
            for (address, at) in judged {
                assert!(at == port && addresses.contains(&address), "{address} is none of the host's");
                may_be_dialled(address, port, named, list);
            }
        }
        Err(EgressError::Refused { what, why }) => {
            modest(&why, text, 160);
            assert!(what.chars().count() <= spelled(host) + 16, "{what:?} of {host:?}");
            let open = |address: &IpAddr| readings(*address).into_iter().all(public);
            let all_open = !addresses.is_empty() && addresses.iter().all(open);
            assert!(!all_open || !why.starts_with("its address is"), "{addresses:?} are refused: {why}");
        }
        Err(EgressError::NameResolution { .. }) => assert!(addresses.is_empty()),
        Err(error) => panic!("{error}"),
    }
}

/// How long a host is as it is looked up: a name of other letters is longer in ASCII.
fn spelled(host: &str) -> usize {
    let looked_up = Host::parse(host).map_or_else(|_| host.to_owned(), |host| host.to_string());
    looked_up.chars().count().max(host.chars().count())
}

fn may_be_dialled(address: IpAddr, port: u16, named: bool, list: &str) {
    assert!(!never(address), "{address} is dialled");
    let guarded = port == GUARDED.1 && readings(address).iter().any(IpAddr::is_loopback);
    assert!(!guarded, "the runtime API is dialled at {address}");
    let closed = |one: &IpAddr| !public(*one) && !in_a_network(list, *one);
    let closed = readings(address).into_iter().find(closed);
    assert!(named || closed.is_none(), "{closed:?} is dialled, and {list:?} does not list it");
}

/// A name that has these addresses.
struct These(Vec<IpAddr>);

#[async_trait]
impl Resolver for These {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn dialled(
    allow: AllowList,
    host: &str,
    port: u16,
    given: Vec<IpAddr>,
) -> Result<Vec<(IpAddr, u16)>, EgressError> {
    static TLS: LazyLock<Tls> = LazyLock::new(|| Tls::new(None).expect("trust"));
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
    let rules = Rules::new(allow, Some(GUARDED.0)).expect("rules");
    let egress = Egress::new(rules, TLS.clone(), Arc::new(These(given)), Arc::new(Still));
    let judged = RUNTIME.block_on(egress.addresses(host, port, late()))?;
    Ok(judged.iter().map(|address| (address.ip(), address.port())).collect())
}

/// Whether a list names a host: exactly, below a star, or as an address.
fn is_listed(list: &str, host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return in_a_network(list, address);
    }
    let lower = bare.to_ascii_lowercase();
    let name: Vec<&str> = lower.strip_suffix('.').unwrap_or(&lower).split('.').collect();
    let entries = list.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    entries.filter(|entry| !entry.is_empty()).any(|entry| {
        let pattern: Vec<&str> = entry.split('.').collect();
        match pattern.split_first() {
            Some((&"*", suffix)) => name.len() > suffix.len() && name.ends_with(suffix),
            _ => name == pattern,
        }
    })
}
