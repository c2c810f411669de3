//! One secret: its versions, and how staging labels move between them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// The label of the version that is read when none is named.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was current before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// The most labels a secret may have, over all its versions.
pub(super) const MAX_STAGES: usize = 20;

/// A secret as it is held and stored. It holds values, hence no `Debug`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secret {
    pub(super) name: String,
    /// The six random characters that end its ARN.
    pub(super) suffix: String,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    /// When it goes for good, once its deletion is scheduled.
    pub(super) deletion: Option<Timestamp>,
    /// Oldest first. Every version has a label: one without is dropped.
    pub(super) versions: Vec<Version>,
}

/// One value of a secret. No `Debug`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) stages: BTreeSet<String>,
    pub(super) value: SecretValue,
}

/// The value itself, spelled as in answers. No `Debug`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum SecretValue {
    #[serde(rename = "SecretString")]
    Text(String),
    /// In padded base64, its one canonical form, so that equal bytes are equal text.
    #[serde(rename = "SecretBinary")]
    Binary(String),
}

impl Secret {
    /// Refuses a secret whose deletion is scheduled.
    pub(super) fn check_live(&self) -> Result<(), Fault> {
        if self.deletion.is_some() { Err(Fault::marked_for_deletion()) } else { Ok(()) }
    }

    /// The version of that id.
    pub(super) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The version with that label: a label is on one version at most.
    pub(super) fn version_at(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.contains(stage))
    }

    /// Version ids with their labels.
    pub(super) fn stages(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.versions.iter().map(|version| (version.id.clone(), version.stages.clone())).collect()
    }

    /// Adds a version, to which its labels move from the versions that have them. `AWSPREVIOUS` follows: it
    /// goes to the version that loses `AWSCURRENT`, unless the new version asks for it too. A secret's first
    /// version is current whatever it asks for. Versions left without a label are dropped.
    pub(super) fn add_version(&mut self, mut version: Version) -> Result<(), Fault> {
        if self.versions.is_empty() {
            version.stages.insert(CURRENT.to_owned());
        }
        let becomes_current = version.stages.contains(CURRENT);
        for held in &mut self.versions {
            if becomes_current {
                held.stages.remove(PREVIOUS);
                if held.stages.contains(CURRENT) {
                    held.stages.insert(PREVIOUS.to_owned());
                }
            }
            held.stages.retain(|stage| !version.stages.contains(stage));
        }
        self.versions.retain(|held| !held.stages.is_empty());
        self.versions.push(version);
        let labels: usize = self.versions.iter().map(|version| version.stages.len()).sum();
        if labels > MAX_STAGES { Err(Fault::too_many_stages()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Secret {
        Secret {
            name: "db".to_owned(),
            suffix: "aaaaaa".to_owned(),
            description: None,
            kms_key_id: None,
            tags: BTreeMap::new(),
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            deletion: None,
            versions: Vec::new(),
        }
    }

    fn add(secret: &mut Secret, id: &str, stages: &[&str]) {
        let stages = stages.iter().copied().map(str::to_owned).collect();
        let value = SecretValue::Text(id.to_owned());
        let version = Version { id: id.to_owned(), created: Timestamp::UNIX_EPOCH, stages, value };
        assert!(secret.add_version(version).is_ok());
    }

    fn labels(secret: &Secret) -> Vec<(&str, Vec<&str>)> {
        secret
            .versions
            .iter()
            .map(|version| (version.id.as_str(), version.stages.iter().map(String::as_str).collect()))
            .collect()
    }

    #[test]
    fn three_puts_move_current_and_previous_and_drop_the_oldest() {
        let mut secret = empty();
        add(&mut secret, "v1", &[CURRENT]);
        assert_eq!(labels(&secret), [("v1", vec![CURRENT])]);
        add(&mut secret, "v2", &[CURRENT]);
        assert_eq!(labels(&secret), [("v1", vec![PREVIOUS]), ("v2", vec![CURRENT])]);
        add(&mut secret, "v3", &[CURRENT]);
        assert_eq!(labels(&secret), [("v2", vec![PREVIOUS]), ("v3", vec![CURRENT])]);
    }

    #[test]
    fn a_first_version_is_current_whatever_it_asks_for() {
        let mut secret = empty();
        add(&mut secret, "v1", &["AWSPENDING"]);
        assert_eq!(labels(&secret), [("v1", vec![CURRENT, "AWSPENDING"])]);
    }

    #[test]
    fn a_custom_label_moves_alone_and_keeps_its_version() {
        let mut secret = empty();
        add(&mut secret, "v1", &[CURRENT, "blue"]);
        add(&mut secret, "v2", &["green"]);
        add(&mut secret, "v3", &["green"]);
        assert_eq!(labels(&secret), [("v1", vec![CURRENT, "blue"]), ("v3", vec!["green"])]);
        add(&mut secret, "v4", &[CURRENT]);
        add(&mut secret, "v5", &[CURRENT]);
        let expected =
            [("v1", vec!["blue"]), ("v3", vec!["green"]), ("v4", vec![PREVIOUS]), ("v5", vec![CURRENT])];
        assert_eq!(labels(&secret), expected);
    }

    #[test]
    fn a_version_that_asks_for_both_service_labels_gets_both() {
        let mut secret = empty();
        add(&mut secret, "v1", &[CURRENT]);
        add(&mut secret, "v2", &[CURRENT, PREVIOUS]);
        assert_eq!(labels(&secret), [("v2", vec![CURRENT, PREVIOUS])]);
    }

    #[test]
    fn a_version_put_as_previous_takes_only_that_label() {
        let mut secret = empty();
        add(&mut secret, "v1", &[CURRENT]);
        add(&mut secret, "v2", &[CURRENT]);
        add(&mut secret, "v3", &[PREVIOUS]);
        assert_eq!(labels(&secret), [("v2", vec![CURRENT]), ("v3", vec![PREVIOUS])]);
    }
}
