//! An ARN is taken as Amazon writes it, and shown without what names the secret.

use model::secret_arn::{SecretArn, SecretArnError};

/// Any text as an ARN.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match SecretArn::parse(text) {
        Ok(arn) => {
            assert!(!text.ends_with("...masked") && is_arn(text), "{text:?} is taken");
            assert_eq!(arn.expose(), text);
            assert_eq!(arn.region(), text.split(':').nth(3).unwrap());
            shown(&arn, text);
        }
        Err(SecretArnError::Masked) => assert!(text.ends_with("...masked"), "{text:?} is not masked"),
        Err(SecretArnError::Malformed) => assert!(!is_arn(text), "{text:?} is refused"),
    }
}

/// Masked, it shows its head and the first segment of a path, and can't be taken for an ARN.
fn shown(arn: &SecretArn, text: &str) {
    let masked = arn.masked();
    assert_eq!(SecretArn::parse(&masked), Err(SecretArnError::Masked));
    assert_eq!(format!("{arn:?}"), masked);
    let name = text.splitn(7, ':').last().unwrap();
    let head = text.strip_suffix(name).unwrap();
    let shown = masked.strip_prefix(head).unwrap().strip_suffix("...masked").unwrap();
    assert!(shown.is_empty() || shown.ends_with('/') && shown.matches('/').count() == 1, "{masked}");
    assert!(name.starts_with(shown), "{masked}");
}

/// The form, read part by part.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [arn, partition, service, region, account, resource, name] = parts[..] else { return false };
    let partition_ok = match partition {
        "aws-cn" => region.starts_with("cn-"),
        "aws-us-gov" => region.starts_with("us-gov-"),
        "aws" => !region.starts_with("cn-") && !region.starts_with("us-gov-"),
        _ => false,
    };
    let all = |text: &str, ok: fn(char) -> bool| !text.is_empty() && text.chars().all(ok);
    let words: Vec<&str> = region.split('-').collect();
    let region_ok = words.split_last().is_some_and(|(number, words)| {
        number.len() <= 2
            && all(number, |c| c.is_ascii_digit())
            && (2..=4).contains(&words.len())
            && words
                .iter()
                .all(|word| (2..=12).contains(&word.len()) && all(word, |c| c.is_ascii_lowercase()))
    });
    arn == "arn"
        && service == "secretsmanager"
        && resource == "secret"
        && partition_ok
        && region_ok
        && account.len() == 12
        && all(account, |c| c.is_ascii_digit())
        && name.len() <= 519
        && all(name, |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c))
}
