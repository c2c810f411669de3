//! `EGRESS_ALLOW`: what this deployment lists as its own, so that private addresses and plain HTTP are
//! permitted there and nowhere else. The ranges that no list can open are judged in `egress`.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// The networks and host names that a deployment opens, from a comma-separated list.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    networks: Vec<IpNet>,
    hosts: Vec<HostPattern>,
}

/// An entry of the list that is neither a CIDR, an address nor a host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a CIDR (10.0.0.0/8), an address (10.1.2.3) nor a host pattern (*.corp.example)")]
pub struct AllowListError(String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Exact(String),
    /// `*.suffix`: any name below the suffix, never the suffix itself.
    Below(String),
}

impl AllowList {
    /// Parses `10.0.0.0/8, db.corp.example, *.svc.example`; the empty string allows nothing.
    pub fn parse(text: &str) -> Result<Self, AllowListError> {
        let mut list = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if let Some(network) = network(entry) {
                list.networks.push(network.trunc());
            } else if let Ok(address) = entry.parse::<IpAddr>() {
                list.networks.push(address.into());
            } else {
                list.hosts.push(HostPattern::parse(entry).ok_or_else(|| AllowListError(entry.into()))?);
            }
        }
        Ok(list)
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.hosts.is_empty()
    }

    /// Whether an address lies in a listed network.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether a host, as a URL spells it, is listed: a literal address by network, a name by pattern.
    pub fn allows_host(&self, host: &str) -> bool {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.allows_address(address);
        }
        let name = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
        self.hosts.iter().any(|pattern| pattern.matches(&name))
    }
}

/// A CIDR, its numbers spelt as everybody reads them: the library takes `010.0.0.0/8` too, which to others is octal.
fn network(entry: &str) -> Option<IpNet> {
    let (address, prefix) = entry.split_once('/')?;
    let length: u8 = prefix.parse().ok().filter(|length: &u8| length.to_string() == prefix)?;
    IpNet::new(address.parse().ok()?, length).ok()
}

impl FromStr for AllowList {
    type Err = AllowListError;

    fn from_str(text: &str) -> Result<Self, AllowListError> {
        Self::parse(text)
    }
}

impl HostPattern {
    fn parse(entry: &str) -> Option<Self> {
        let lower = entry.to_ascii_lowercase();
        let (name, below) = match lower.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (lower.as_str(), false),
        };
        let label = |label: &str| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        // A name made of digits alone is a mistyped address, not a host.
        let numeric = name.chars().all(|c| c.is_ascii_digit() || c == '.');
        if numeric || !name.split('.').all(label) {
            return None;
        }
        Some(if below { Self::Below(format!(".{name}")) } else { Self::Exact(name.to_owned()) })
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Below(suffix) => name.len() > suffix.len() && name.ends_with(suffix.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_s_numbers_are_spelt_in_one_way() {
        for text in ["010.0.0.0/8", "10.0.0.00/8", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/33", "10.0.0.0/"] {
            assert!(AllowList::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn networks_addresses_and_patterns_are_told_apart() {
        let list = AllowList::parse("10.0.0.0/8, 192.168.1.7,::1, localhost, *.Corp.Example").unwrap();
        for host in ["10.255.0.1", "192.168.1.7", "[::1]", "localhost", "LOCALHOST.", "db.corp.example"] {
            assert!(list.allows_host(host), "{host}");
        }
        for host in
            ["11.0.0.1", "192.168.1.8", "corp.example", ".corp.example", "evilcorp.example", "localhost.evil"]
        {
            assert!(!list.allows_host(host), "{host}");
        }
    }

    #[test]
    fn a_host_s_name_may_hold_hyphens_and_underscores() {
        for name in ["crm-db.internal", "crm_db.internal"] {
            assert!(AllowList::parse(name).unwrap().allows_host(name), "{name}");
        }
    }

    #[test]
    fn nothing_is_allowed_by_an_empty_list() {
        let list: AllowList = " , ".parse().unwrap();
        assert!(list.is_empty() && !list.allows_host("localhost"));
        for text in ["localhost", "10.0.0.0/8"] {
            let list: AllowList = text.parse().unwrap();
            assert!(!list.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_mistyped_entry_is_named() {
        for entry in ["10.0.0.0/33", "10.0.0", "*", "a..b", "http://x", "ex ample"] {
            let error = AllowList::parse(&format!("localhost,{entry}")).unwrap_err();
            assert!(error.to_string().contains(entry), "{error}");
        }
    }
}
