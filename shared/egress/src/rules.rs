//! The judgement over one address and port. It is pure, so that HTTP, raw TCP and a driver that discovers
//! peers by itself all ask the same question.

use std::net::IpAddr;

use model::allow_list::AllowList;
use url::{Host, Url};

use crate::address::{Class, class, readings};
use crate::error::SetupError;

/// What this deployment may reach: the fixed table, what it lists itself, and its own internal endpoints.
#[derive(Clone, Debug)]
pub struct Rules {
    allow: AllowList,
    guarded: Vec<Guarded>,
}

/// Why an address is refused, in words that follow "its address is".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No list can open it.
    #[error("its address is {0}, which is never reached")]
    Never(&'static str),
    /// The deployment could list it and does not.
    #[error("its address is {0}, which EGRESS_ALLOW does not list")]
    NotListed(&'static str),
}

/// Where Lambda's runtime API listens, or a service of the local stack's own. Whoever reaches one can take and
/// answer other tenants' invocations, or read their records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Guarded {
    /// `None` stands for every loopback address.
    host: Option<IpAddr>,
    port: u16,
}

impl Rules {
    /// Rules from `EGRESS_ALLOW` and, inside Lambda, the value of `AWS_LAMBDA_RUNTIME_API`: one endpoint there,
    /// several with commas between them where a process has more to guard.
    pub fn new(allow: AllowList, runtime_api: Option<&str>) -> Result<Self, SetupError> {
        let entries = runtime_api.into_iter().flat_map(|list| list.split(','));
        let guarded = entries.map(|entry| Guarded::parse(entry.trim())).collect::<Result<_, _>>()?;
        Ok(Self { allow, guarded })
    }

    /// Judges one address in all its readings. `host_allowed` says that the deployment lists the host's
    /// name, which opens private ranges to it, and nothing more.
    pub fn judge(&self, address: IpAddr, port: u16, host_allowed: bool) -> Result<(), Refusal> {
        for reading in readings(address) {
            if self.guarded.iter().any(|guarded| guarded.is_at(reading, port)) {
                return Err(Refusal::Never("an internal endpoint of this service"));
            }
            match class(reading) {
                Class::Never(name) => return Err(Refusal::Never(name)),
                Class::Private(name) if !host_allowed && !self.allow.allows_address(reading) => {
                    return Err(Refusal::NotListed(name));
                }
                Class::Private(_) | Class::Public => {}
            }
        }
        Ok(())
    }

    /// Whether the deployment lists a host, by name or as a literal address.
    pub fn allows_host(&self, host: &str) -> bool {
        self.allow.allows_host(host)
    }
}

impl Guarded {
    /// Lambda gives `address:port`; emulators also give a URL with a path.
    fn parse(text: &str) -> Result<Self, SetupError> {
        let invalid = || SetupError::RuntimeApi(text.to_owned());
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        let url = url.map_err(|_| invalid())?;
        let host = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain("localhost")) => None,
            // A name could be resolved to anything later on: better not to start than not to guard it.
            Some(Host::Domain(_)) | None => return Err(invalid()),
        };
        let host = host.filter(|host| !host.is_loopback() && !host.is_unspecified());
        Ok(Self { host, port: url.port_or_known_default().ok_or_else(invalid)? })
    }

    fn is_at(self, address: IpAddr, port: u16) -> bool {
        port == self.port && self.host.map_or(address.is_loopback(), |host| host == address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &str, runtime_api: Option<&str>) -> Rules {
        Rules::new(AllowList::parse(allow).unwrap(), runtime_api).unwrap()
    }

    fn judge(rules: &Rules, address: &str, port: u16) -> Result<(), Refusal> {
        rules.judge(address.parse().unwrap(), port, false)
    }

    #[test]
    fn a_private_address_needs_its_network_or_its_host_listed() {
        let rules = rules("10.1.0.0/16", None);
        assert_eq!(judge(&rules, "10.1.2.3", 443), Ok(()));
        assert_eq!(judge(&rules, "10.2.2.3", 443), Err(Refusal::NotListed("a private address")));
        assert_eq!(rules.judge("10.2.2.3".parse().unwrap(), 443, true), Ok(()));
    }

    #[test]
    fn no_list_opens_what_is_never_reached() {
        let rules = rules("0.0.0.0/0,::/0", None);
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "0.0.0.0", "::"] {
            let refusal = rules.judge(address.parse().unwrap(), 80, true);
            assert!(matches!(refusal, Err(Refusal::Never(_))), "{address}: {refusal:?}");
        }
    }

    #[test]
    fn an_address_inside_another_is_judged_by_the_same_list() {
        let rules = rules("10.0.0.0/8", None);
        assert_eq!(judge(&rules, "::ffff:10.0.0.1", 443), Ok(()));
        assert!(judge(&rules, "::ffff:192.168.0.1", 443).is_err());
        // The tunnel's own range is not listed, whatever it carries.
        assert!(judge(&rules, "2002:a00:1::1", 443).is_err());
    }

    #[test]
    fn the_runtime_api_is_refused_at_its_port_in_every_spelling() {
        for api in
            ["127.0.0.1:9001", "localhost:9001", "[::1]:9001", "0.0.0.0:9001", "http://127.0.0.1:9001/f"]
        {
            let rules = rules("127.0.0.0/8,::1,0.0.0.0/0", Some(api));
            for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
                assert!(judge(&rules, address, 9001).is_err(), "{api} by {address}");
                assert_eq!(judge(&rules, address, 9002), Ok(()), "{api} by {address}");
            }
        }
    }

    #[test]
    fn a_runtime_api_elsewhere_is_one_address() {
        let rules = rules("10.0.0.0/8,127.0.0.1", Some("10.0.0.9:9001"));
        assert!(judge(&rules, "10.0.0.9", 9001).is_err());
        assert!(judge(&rules, "::ffff:10.0.0.9", 9001).is_err());
        assert_eq!(judge(&rules, "10.0.0.8", 9001), Ok(()));
        assert_eq!(judge(&rules, "127.0.0.1", 9001), Ok(()));
    }

    #[test]
    fn every_endpoint_of_a_list_is_guarded() {
        let rules =
            rules("127.0.0.0/8,10.0.0.0/8", Some("127.0.0.1:9001, localhost:9002,http://10.0.0.9:9003/x"));
        for (address, port) in [("127.0.0.2", 9001), ("127.0.0.1", 9002), ("10.0.0.9", 9003)] {
            assert!(judge(&rules, address, port).is_err(), "{address}:{port}");
        }
        for (address, port) in [("127.0.0.1", 9003), ("10.0.0.9", 9001), ("127.0.0.1", 9004)] {
            assert_eq!(judge(&rules, address, port), Ok(()), "{address}:{port}");
        }
    }

    #[test]
    fn a_runtime_api_that_cannot_be_guarded_stops_the_start() {
        for api in ["", "runtime.internal:9001", "127.0.0.1:99999", "http://", "127.0.0.1:1,", ",127.0.0.1:1"]
        {
            let error = Rules::new(AllowList::default(), Some(api)).unwrap_err();
            assert!(error.to_string().contains("AWS_LAMBDA_RUNTIME_API"), "{api}: {error}");
        }
    }
}
