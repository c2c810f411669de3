//! What an error may say: little of what it was given, and nothing of what is secret.

/// The longest run of a foreign text that an error may repeat, in characters: what `model::fault::shortened` leaves.
pub(crate) const REPEATED: usize = 64;

/// An error's text is short, stands on its own, and repeats no long run of the input.
pub(crate) fn modest(said: &str, input: &str, longest: usize) {
    bounded(said, longest);
    let said: Vec<char> = said.chars().collect();
    for run in said.windows(REPEATED + 1) {
        let run: String = run.iter().collect();
        assert!(!input.contains(&run), "an error repeats {run:?}");
    }
}

/// An error's text has an end and no character that could forge a line of a log.
pub(crate) fn bounded(said: &str, longest: usize) {
    let length = said.chars().count();
    assert!(length <= longest, "an error has {length} characters: {said:?}");
    assert!(!said.contains(char::is_control), "an error holds a control character: {said:?}");
}

/// None of the secrets shows.
pub(crate) fn without(said: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!said.contains(secret), "a secret shows in {said:?}");
    }
}
