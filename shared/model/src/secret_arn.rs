//! Where a connector's credentials lie. An ARN tells an attacker account, region and naming scheme, so it is
//! shown masked everywhere: `Debug` masks, there is no `Display`, and the full text takes [`SecretArn::expose`].

use std::fmt;

/// The ARN of a Secrets Manager secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretArn {
    text: String,
    region: std::ops::Range<usize>,
    name: usize,
}

/// Why a text is not a usable ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretArnError {
    /// Not of the documented form.
    #[error("must be a Secrets Manager ARN: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")]
    Malformed,
    /// A masked ARN, which names no secret.
    #[error("is a masked ARN, which only means \"keep\" where it is the record's own; send the full ARN")]
    Masked,
}

const MASK: &str = "...masked";

impl SecretArn {
    /// Checks and takes an ARN of the partitions `aws`, `aws-cn` and `aws-us-gov`.
    pub fn parse(text: &str) -> Result<Self, SecretArnError> {
        if Self::is_masked(text) {
            return Err(SecretArnError::Masked);
        }
        Self::split(text).ok_or(SecretArnError::Malformed)
    }

    /// Whether a text ends as masked ARNs end.
    pub fn is_masked(text: &str) -> bool {
        text.ends_with(MASK)
    }

    fn split(text: &str) -> Option<Self> {
        let mut parts = text.splitn(7, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, resource, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let partition_of_region = match region {
            _ if region.starts_with("cn-") => "aws-cn",
            _ if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let account_ok = account.len() == 12 && account.bytes().all(|c| c.is_ascii_digit());
        // A secret's name has up to 512 characters; its ARN adds a dash and six random ones.
        let name_ok = (1..=519).contains(&name.len())
            && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"/_+=.@-".contains(&c));
        let fixed_ok = arn == "arn" && service == "secretsmanager" && resource == "secret";
        if !(fixed_ok && partition == partition_of_region && is_region(region) && account_ok && name_ok) {
            return None;
        }
        let start = arn.len() + partition.len() + service.len() + 3;
        let region = start..start + region.len();
        Some(Self { text: text.to_owned(), region, name: text.len() - name.len() })
    }

    /// The whole ARN, for the store and for Secrets Manager; never for an answer or a log.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The region whose Secrets Manager holds the secret.
    pub fn region(&self) -> &str {
        self.text.get(self.region.clone()).unwrap_or_default()
    }

    /// The ARN with everything behind the first path segment of the name hidden, and the whole name where it
    /// has no path: `arn:aws:secretsmanager:REGION:ACCOUNT:secret:axonflow/...masked`.
    pub fn masked(&self) -> String {
        let (head, name) = self.text.split_at(self.name);
        // Where nothing is behind it, the segment is the name.
        let path = name.split_once('/').filter(|(_, behind)| !behind.is_empty());
        let shown = path.map(|(first, _)| format!("{first}/")).unwrap_or_default();
        format!("{head}{shown}{MASK}")
    }
}

/// Words with dashes and a number, such as `eu-central-1` or `us-gov-west-1`: the region becomes part of a host
/// name.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number =
        parts.next().is_some_and(|n| (1..=2).contains(&n.len()) && n.bytes().all(|c| c.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    let word = |word: &&str| (2..=12).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_lowercase());
    number && (2..=4).contains(&words.len()) && words.iter().all(word)
}

impl fmt::Debug for SecretArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

    proptest! {
        #[test]
        fn parsing_keeps_every_character(
            name in "[A-Za-z0-9/_+=.@-]{1,60}",
            (partition, region) in prop_oneof![
                Just(("aws", "eu-central-1")), Just(("aws-cn", "cn-north-1")), Just(("aws-us-gov", "us-gov-west-1"))
            ],
            account in "[0-9]{12}",
        ) {
            prop_assume!(!SecretArn::is_masked(&name));
            let text = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}");
            let arn = SecretArn::parse(&text).unwrap();
            prop_assert_eq!(arn.expose(), text);
            prop_assert_eq!(arn.region(), region);
        }

        #[test]
        fn masking_never_leaks_past_the_first_path_segment(
            first in "[a-z]{0,8}", rest in "CANARY[A-Za-z0-9/_+=.@-]{0,30}x", path in any::<bool>(),
        ) {
            let name = if path { format!("{first}/{rest}") } else { rest.replace('/', "-") };
            let masked = SecretArn::parse(&format!("{HEAD}{name}")).unwrap().masked();
            let shown = if path { format!("{first}/") } else { String::new() };
            prop_assert_eq!(masked.as_str(), format!("{HEAD}{shown}...masked"));
            prop_assert!(SecretArn::parse(&masked).is_err());
        }
    }

    #[test]
    fn a_segment_with_nothing_behind_it_is_the_name() {
        let arn = SecretArn::parse("arn:aws:secretsmanager:us-east-1:123456789012:secret:db/").unwrap();
        assert_eq!(arn.masked(), "arn:aws:secretsmanager:us-east-1:123456789012:secret:...masked");
    }

    #[test]
    fn debug_output_is_masked() {
        let arn = SecretArn::parse(&format!("{HEAD}axonflow/tenant-a/crm-AbCdEf")).unwrap();
        assert_eq!(format!("{arn:?}"), format!("{HEAD}axonflow/...masked"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "axonflow/crm",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:",
            "arn:aws:s3:us-east-1:123456789012:secret:a",
            "arn:aws-iso:secretsmanager:us-east-1:123456789012:secret:a",
            "arn:aws:secretsmanager:cn-north-1:123456789012:secret:a",
            "arn:aws:secretsmanager:us-east-1:12345678901:secret:a",
            "arn:aws:secretsmanager::123456789012:secret:a",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:a b",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:a:b",
            "arn:aws:secretsmanager:us-east-1.evil.example:123456789012:secret:a",
            "arn:aws:secretsmanager:us-east-one:123456789012:secret:a",
            "arn:aws:secretsmanager:localhost:123456789012:secret:a",
            "arn:aws:secretsmanager:us-1:123456789012:secret:a",
            "arn:aws:secretsmanager:us-east-x:123456789012:secret:a",
            "arn:aws:secretsmanager:us-east-123:123456789012:secret:a",
            "arn:aws:secretsmanager:us-EAST-1:123456789012:secret:a",
            "arn:aws:secretsmanager:us-e-1:123456789012:secret:a",
            "arn:aws:secretsmanager:us-northnortheast-1:123456789012:secret:a",
        ] {
            assert_eq!(SecretArn::parse(text), Err(SecretArnError::Malformed), "{text}");
        }
        assert!(SecretArn::parse(&format!("{HEAD}{}", "n".repeat(519))).is_ok());
        assert!(SecretArn::parse(&format!("{HEAD}{}", "n".repeat(520))).is_err());
    }
}
