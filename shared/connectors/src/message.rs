//! An upstream's own words on a refusal, as far as they may be passed on.

use zeroize::Zeroizing;

/// The longest part that is passed on, in characters.
const MAX_CHARS: usize = 300;
/// The shortest value that is taken out: shorter ones are parts of ordinary words.
const HIDDEN_BYTES: usize = 4;

/// The words without control characters and secrets, with a colon before them; nothing where there are none. Some
/// services repeat the credentials that they refuse.
pub(crate) fn passed_on(words: &str, secrets: &[&str]) -> String {
    // Cut last: half a secret would not be found.
    let clean: String = without(printable(words), secrets).chars().take(MAX_CHARS).collect();
    if clean.is_empty() { clean } else { format!(": {clean}") }
}

/// The text without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The text with each secret replaced, the longest first: one may hold another. A private key has line breaks, which
/// the text has lost.
fn without(text: String, secrets: &[&str]) -> String {
    let mut secrets: Vec<Zeroizing<String>> = secrets
        .iter()
        .map(|secret| Zeroizing::new(printable(secret)))
        .filter(|secret| secret.len() >= HIDDEN_BYTES)
        .collect();
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_before_the_words_are_cut() {
        let words = format!("{} longer-secret, secret, no", "x".repeat(MAX_CHARS - 8));
        let clean = passed_on(&words, &["secret", "longer-secret", "no"]);
        assert!(clean.ends_with(" ***, **"), "{clean}");
        assert_eq!(clean.len(), MAX_CHARS + 2);
    }

    #[test]
    fn a_secret_of_several_lines_is_taken_out_however_it_is_repeated() {
        let key = "-----BEGIN KEY-----\nabcd\n-----END KEY-----\n";
        assert_eq!(passed_on(&format!("bad key {key}."), &[key]), ": bad key ***.");
        assert_eq!(passed_on(&key.replace('\n', "\r\n"), &[key]), ": ***");
    }

    #[test]
    fn words_hold_no_control_characters_and_nothing_is_no_message() {
        assert_eq!(passed_on("a\r\nb\u{1b}[2J", &[]), ": ab[2J");
        assert_eq!(passed_on("\n", &[]), "");
    }
}
