//! The one origin that a client is bound to, judged as far as that goes without resolving a name.
//!
//! It is read from text and not from a `Url`, because a `Url` has forgotten how its host was spelled:
//! `http://2130706433/` is already `http://127.0.0.1/` there. Nobody writes an address like that by accident.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Origin, Url};

use crate::error::EgressError;
use crate::rules::Rules;

#[derive(Clone, Debug)]
pub(crate) struct Target {
    origin: Origin,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
}

impl Target {
    pub(crate) fn parse(base_url: &str, rules: &Rules) -> Result<Self, EgressError> {
        let invalid = |_| EgressError::refused("the base URL", "it is not a valid URL");
        let url = Url::parse(base_url).map_err(invalid)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(EgressError::refused("the base URL", "its scheme is not https"));
        }
        let Origin::Tuple(_, host, port) = url.origin() else {
            return Err(EgressError::refused("the base URL", "it names no host"));
        };
        let target = Self { origin: url.origin(), host, port };
        target.judge(base_url, &url, rules).map_err(|why| EgressError::refused(target.to_string(), why))?;
        Ok(target)
    }

    /// Whether a request's URL goes to this origin, and carries no credentials of its own.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        url.origin() == self.origin && !has_userinfo(url)
    }

    /// The address, where the host is one.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        matches!(&self.origin, Origin::Tuple(scheme, ..) if scheme == "https")
    }

    fn judge(&self, text: &str, url: &Url, rules: &Rules) -> Result<(), String> {
        if has_userinfo(url) {
            return Err("a URL must not carry a user or password".to_owned());
        }
        if let Host::Ipv4(address) = self.host
            && !is_spelled(text, &format!("{}://{address}", url.scheme()))
        {
            return Err("an address must be spelled as four decimal numbers".to_owned());
        }
        let listed = rules.allows_host(&self.host.to_string());
        if let Some(address) = self.literal() {
            rules.judge(address, self.port, listed).map_err(|refusal| refusal.to_string())?;
        }
        if url.scheme() == "http" && !listed {
            return Err("plain HTTP is only for hosts that EGRESS_ALLOW lists".to_owned());
        }
        Ok(())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Whether a URL's text begins with this scheme and host, and the host ends there.
fn is_spelled(text: &str, prefix: &str) -> bool {
    text.split_at_checked(prefix.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with([':', '/', '?', '#']))
    })
}

#[cfg(test)]
mod tests {
    use model::allow_list::AllowList;

    use super::*;

    fn parse(text: &str) -> Result<Target, EgressError> {
        Target::parse(text, &Rules::new(AllowList::parse("10.0.0.0/8").unwrap(), None).unwrap())
    }

    #[test]
    fn an_address_is_accepted_in_its_one_spelling() {
        for text in ["https://10.0.0.1", "HTTP://10.0.0.1:80/x", "http://10.0.0.1?q", "https://8.8.8.8/"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in
            ["https://10.1", "https://0xa.0.0.1", "https://10.0.0.1.", " https://10.0.0.1", "https:10.0.0.1"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_its_own_origin_is_covered() {
        let target = parse("https://api.example.com/v1").unwrap();
        let covers = |text: &str| target.covers(&Url::parse(text).unwrap());
        assert!(covers("https://API.example.com:443/other?q"));
        for other in [
            "http://api.example.com/",
            "https://api.example.com:444/",
            "https://api.example.com.evil.com/",
            "https://api.example.com./",
            "https://user@api.example.com/",
            "https://evil.com\\@api.example.com/",
        ] {
            assert!(!covers(other), "{other}");
        }
    }

    #[test]
    fn a_refusal_names_host_and_port_and_nothing_secret() {
        let error = parse("https://user:hunter2@example.com/secret?token=1").unwrap_err();
        assert_eq!(error.to_string(), "example.com:443 is refused: a URL must not carry a user or password");
    }
}
