//! A connection URL names the host that a reader of the record sees, and the way out reads it in the same way.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use async_trait::async_trait;
use egress::{Egress, EgressError, Resolver, Rules, Tls};
use model::{allow_list::AllowList, connection_url, connector_type::ConnectorType};
use url::Url;

use crate::{
    egress_rules::never,
    fixed::{Still, first_line},
    said::modest,
};

/// What the deployment of these properties lists.
const LISTED: &str = "127.0.0.0/8, *.corp.example";

/// A type in the first line, and any text as its connection URL.
pub fn check(data: &[u8]) {
    let (kind, text) = first_line(data);
    let (Ok(kind), Ok(text)) = (std::str::from_utf8(kind), std::str::from_utf8(text)) else { return };
    let Some(kind) = ConnectorType::ALL.into_iter().find(|known| known.as_str() == kind) else { return };
    let allow = AllowList::parse(LISTED).expect("a list");
    match connection_url::check(kind, text, &allow) {
        Ok(()) => accepted(kind, text, &allow),
        Err(why) => modest(&why, text, 300),
    }
}

fn accepted(kind: ConnectorType, text: &str, allow: &AllowList) {
    assert!(text.chars().count() <= 500);
    assert!(!text.contains(|c: char| c.is_whitespace() || c.is_control()));
    let full = match kind {
        ConnectorType::Snowflake if !text.contains("://") => format!("https://{text}"),
        _ => text.to_owned(),
    };
    let (scheme, rest) = full.split_once("://").expect("a URL has a scheme");
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    assert!(!authority.contains('@'), "{text:?} carries a user");
    match kind {
        ConnectorType::Postgres => {
            assert!(matches!(scheme, "postgres" | "postgresql"));
            let plain = rest.ends_with("?sslmode=disable");
            assert!(!plain || allow.allows_host(host(authority)), "{text:?} is plain");
            same_host(&full, authority);
        }
        ConnectorType::Cassandra => {
            assert_eq!(scheme, "cassandra");
            authority.split(',').for_each(|node| same_host(&format!("cql://{node}"), node));
        }
        _ => {
            let listed = allow.allows_host(host(authority));
            assert!(scheme == "https" || (scheme == "http" && listed), "{text:?}");
            same_host(&full, authority);
            dialled(&full, host(authority));
        }
    }
}

/// The host of an authority, without its port and with its brackets.
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// What the eye takes for host and port is what the parser takes for them.
fn same_host(text: &str, authority: &str) {
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{text:?} is no URL: {error}"));
    let (seen, found) = (host(authority), url.host_str().unwrap_or_default());
    let address = |text: &str| text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let same =
        seen.eq_ignore_ascii_case(found) || (address(seen).is_some() && address(seen) == address(found));
    assert!(same, "{text:?} names {seen:?} to people and {found:?} to the parser");
    let port = authority.get(seen.len() + 1..).map(|port| port.parse::<u16>().expect("a port"));
    assert!(port.is_none() || url.port_or_known_default() == port, "{text:?}");
    assert!(port != Some(0), "{text:?} has no port that anybody listens at");
}

/// No name has an address here: nothing is ever dialled.
struct Nowhere;

#[async_trait]
impl Resolver for Nowhere {
    async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(Vec::new())
    }
}

/// The way out takes the URL, unless it refuses the address; it never takes a forbidden one.
fn dialled(text: &str, host: &str) {
    static EGRESS: LazyLock<Egress> = LazyLock::new(|| {
        let rules = Rules::new(AllowList::parse(LISTED).expect("a list"), Some("127.0.0.1:9001"));
        let tls = Tls::new(None).expect("trust");
        Egress::new(rules.expect("rules"), tls, Arc::new(Nowhere), Arc::new(Still))
    });
    let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    match EGRESS.http(text) {
        Ok(_) => assert!(literal.is_none_or(|address| !never(address)), "{text:?} is dialled"),
        Err(EgressError::Refused { why, .. }) => {
            assert!(literal.is_some() && why.starts_with("its address is"), "{text:?}: {why}");
        }
        Err(error) => panic!("{text:?}: {error}"),
    }
}
