//! Names and ARNs. `SecretId` takes a name, an ARN, or an ARN without its six random characters.

use model::entropy::Entropy;

use super::fault::{Fault, check_length};

const MAX_NAME: usize = 512;
const MAX_ID: usize = 2048;
const SYMBOLS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The ARNs of one account in one region.
pub(super) struct ArnSpace {
    prefix: String,
}

impl ArnSpace {
    pub(super) fn new(region: &str, account: &str) -> Self {
        Self { prefix: format!("arn:aws:secretsmanager:{region}:{account}:secret:") }
    }

    /// The ARN that a name would have, less the characters only its secret could lend.
    pub(super) fn partial(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The ARN of a secret.
    pub(super) fn arn(&self, name: &str, suffix: &str) -> String {
        format!("{}{name}-{suffix}", self.prefix)
    }

    /// What a `SecretId` means here. An ARN of another account, region or service names no secret.
    pub(super) fn parse<'a>(&self, id: &'a str) -> Result<SecretId<'a>, Fault> {
        check_length("secretId", id, 1, MAX_ID)?;
        if id.starts_with("arn:") {
            return id.strip_prefix(&self.prefix).map(SecretId::Resource).ok_or_else(Fault::secret_not_found);
        }
        check_name_symbols(id)?;
        Ok(SecretId::Name(id))
    }
}

/// A `SecretId`, told apart by its form.
#[derive(Clone, Copy)]
pub(super) enum SecretId<'a> {
    /// The name itself.
    Name(&'a str),
    /// An ARN's last part: a name, with or without its suffix.
    Resource(&'a str),
}

impl<'a> SecretId<'a> {
    /// The part that says which secret of the account and region is meant.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Name(text) | Self::Resource(text) => text,
        }
    }
}

/// Refuses a name that `CreateSecret` may not give.
pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    check_length("name", name, 1, MAX_NAME)?;
    check_name_symbols(name)
}

fn check_name_symbols(name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    if name.bytes().all(allowed) { Ok(()) } else { Err(Fault::invalid_name()) }
}

/// Six random characters, which keep the ARN of a secret from meaning a later one of the same name.
pub(super) fn random_suffix(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    let number = u64::from_le_bytes(bytes);
    (0..6).filter_map(|place| digit(number, place)).collect()
}

/// One digit of a number written in base 62.
fn digit(number: u64, place: u32) -> Option<char> {
    let digit = usize::try_from(number / 62_u64.pow(place) % 62).ok()?;
    SYMBOLS.get(digit).copied().map(char::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::testing::Bench, *};

    struct Fixed(u64);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0.to_le_bytes());
        }
    }

    #[test]
    fn a_suffix_is_six_letters_and_digits_for_any_entropy() {
        assert_eq!(random_suffix(&Fixed(0)), "000000");
        assert_eq!(random_suffix(&Fixed(61)), "z00000");
        for number in [1, u64::MAX, 1 << 40] {
            let suffix = random_suffix(&Fixed(number));
            assert!(suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{suffix}");
        }
    }

    #[test]
    fn a_secret_is_found_by_its_name_its_arn_and_its_arn_without_the_suffix() {
        let bench = Bench::new();
        let arn = bench.create("tenant-a/db", 1, "one");
        assert!(
            arn.starts_with("arn:aws:secretsmanager:eu-west-1:111122223333:secret:tenant-a/db-"),
            "{arn}"
        );
        let (partial, suffix) = arn.rsplit_once('-').unwrap();
        assert_eq!(suffix.len(), 6);
        for id in ["tenant-a/db", &arn, partial] {
            assert_eq!(bench.ok("GetSecretValue", &json!({ "SecretId": id }))["ARN"], arn);
        }
    }

    #[test]
    fn an_arn_of_another_suffix_account_region_or_service_names_nothing() {
        let bench = Bench::new();
        let arn = bench.create("db", 1, "one");
        let (partial, _) = arn.rsplit_once('-').unwrap();
        for other in [
            format!("{partial}-AAAAAA"),
            arn.replace("111122223333", "444455556666"),
            arn.replace("eu-west-1", "eu-west-2"),
            arn.replace("secretsmanager", "ssm"),
            format!("{partial}-"),
            "arn:".to_owned(),
        ] {
            let body = json!({ "SecretId": other });
            let missing = "Secrets Manager can't find the specified secret.";
            bench.refuses("GetSecretValue", &body, "ResourceNotFoundException", missing);
        }
    }

    #[test]
    fn a_name_that_looks_like_a_suffixed_one_keeps_its_own_arn() {
        let bench = Bench::new();
        let short = bench.create("db", 1, "short");
        let long = bench.create("db-backup", 2, "long");
        let prefix = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:";
        for (id, arn) in
            [(format!("{prefix}db"), &short), (format!("{prefix}db-backup"), &long), (long.clone(), &long)]
        {
            assert_eq!(&bench.ok("DescribeSecret", &json!({ "SecretId": id }))["ARN"], arn);
        }
    }

    #[test]
    fn a_secret_created_anew_does_not_answer_to_its_former_arn() {
        let bench = Bench::new();
        let former = bench.create("db", 1, "one");
        bench.ok("DeleteSecret", &json!({"SecretId": "db", "ForceDeleteWithoutRecovery": true}));
        bench.create("db", 2, "two");
        bench.refuses(
            "GetSecretValue",
            &json!({ "SecretId": former }),
            "ResourceNotFoundException",
            "specified",
        );
    }

    #[test]
    fn names_have_the_service_s_symbols_and_length() {
        let longest = "n".repeat(MAX_NAME);
        for name in ["a", "Az09/_+=.@-", &longest] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a!b", "ä", "a\0", "a:b", "a\\b", &"n".repeat(MAX_NAME + 1)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_bad_secret_id_is_a_validation_error() {
        let bench = Bench::new();
        for (id, part) in [
            (json!(null), "Value at 'secretId' failed to satisfy constraint: Member must not be null"),
            (json!(""), "Member must have length greater than or equal to 1"),
            (json!("n".repeat(MAX_ID + 1)), "Member must have length less than or equal to 2048"),
            (json!("a b"), "Invalid name. Must be a valid name containing alphanumeric characters"),
        ] {
            bench.refuses("GetSecretValue", &json!({ "SecretId": id }), "ValidationException", part);
        }
    }
}
