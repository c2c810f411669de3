//! The settings of a deployment that decide which records the portal accepts.

use crate::{allow_list::AllowList, connector_type::ConnectorType};

/// Who sees and manages what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentMode {
    /// Many customers: a session sees and touches its own tenant only.
    Saas,
    /// One customer's own deployment: platform-wide visibility and management.
    Invpc,
}

impl DeploymentMode {
    /// The mode that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "saas" => Some(Self::Saas),
            "invpc" => Some(Self::Invpc),
            _ => None,
        }
    }

    /// The word for the mode.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saas => "saas",
            Self::Invpc => "invpc",
        }
    }
}

/// Whether a secret must say by its tag whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretTag {
    /// An untagged secret is refused.
    Required,
    /// An untagged secret may be used by any tenant.
    Optional,
}

/// What the portal checks a body against.
#[derive(Clone, Debug)]
pub struct PortalRules {
    /// Whether a body may name a tenant.
    pub mode: DeploymentMode,
    /// Hosts to which plain HTTP and unverified databases are permitted.
    pub allow: AllowList,
    /// Runtime types that this deployment opens to the portal.
    pub extra_types: Vec<ConnectorType>,
}

impl PortalRules {
    /// The type that a body's word stands for, where the portal manages it.
    pub fn portal_type(&self, word: &str) -> Result<ConnectorType, String> {
        let managed = |kind: &ConnectorType| kind.portal_managed() || self.extra_types.contains(kind);
        let list = || {
            let words: Vec<_> =
                ConnectorType::ALL.iter().filter(|k| managed(k)).map(|k| k.as_str()).collect();
            words.join(", ")
        };
        match ConnectorType::parse(word) {
            Some(kind) if managed(&kind) => Ok(kind),
            Some(kind) => Err(format!(
                "{kind} is runtime-supported but not portal-managed; the portal manages {}; \
                 PORTAL_EXTRA_CONNECTOR_TYPES opens it to the portal, and the configuration file may declare it",
                list()
            )),
            None => Err(format!("must be one of {}", list())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_named_by_its_word_alone() {
        for (word, mode) in [("saas", DeploymentMode::Saas), ("invpc", DeploymentMode::Invpc)] {
            assert_eq!((DeploymentMode::parse(word), mode.as_str()), (Some(mode), word));
        }
        for word in ["", "SaaS", "in-vpc"] {
            assert_eq!(DeploymentMode::parse(word), None, "{word}");
        }
    }
}
