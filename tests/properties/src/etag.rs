//! Preconditions mean what RFC 9110 says of a list of tags; what is no such list permits nothing that a list with the
//! record's own tag in it would not.

use model::etag::{ETag, Precondition};

/// Any text as the value of `If-Match` and `If-None-Match`.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = Precondition::parse(text);
    let listed = listed(text);
    for current in candidates(text) {
        let printed = current.to_string();
        let own = Precondition::parse(&printed);
        assert!(own.permits_write(current) && own.is_current(current), "{printed} is not read back");
        let (writes, is_current) = (parsed.permits_write(current), parsed.is_current(current));
        if let Some(tags) = &listed {
            assert_eq!(
                writes,
                any(tags, |weak, tag| !weak && version(tag) == Some(current.version)),
                "{text:?}"
            );
            assert_eq!(is_current, any(tags, |_, tag| is(tag, current)), "{text:?}");
        } else if text.trim() != "*" {
            let ETag { version, tests } = current;
            assert!(
                !writes
                    || text.contains(&format!("\"{version}\""))
                    || text.contains(&format!("\"{version}."))
            );
            let whole = text.contains(&format!("\"{version}.{tests}\""));
            assert!(!is_current || whole || (tests == 0 && text.contains(&format!("\"{version}\""))));
        }
    }
}

fn any(tags: &[Tag], fits: impl Fn(bool, &str) -> bool) -> bool {
    tags.iter().any(|(weak, tag)| fits(*weak, tag))
}

fn is(tag: &str, current: ETag) -> bool {
    let ETag { version, tests } = current;
    tag == format!("{version}.{tests}") || (tests == 0 && tag == version.to_string())
}

/// The version of a tag that we could have printed, or that has no tests in it.
fn version(tag: &str) -> Option<u64> {
    let numbers: Vec<u64> = tag.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let printed = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    let version = *numbers.first()?;
    (numbers.len() <= 2 && printed == tag).then_some(version)
}

/// Records whose tag the text may mean: each number in it as a version, each as the number of tests.
fn candidates(text: &str) -> Vec<ETag> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    let mut numbers: Vec<u64> = numbers.take(6).collect();
    numbers.extend([0, 1, u64::MAX]);
    let pairs = numbers.iter().flat_map(|version| numbers.iter().map(|tests| (*version, *tests)));
    pairs.map(|(version, tests)| ETag { version, tests }).collect()
}

/// Whether a tag is weak, and what stands between its quotes.
type Tag = (bool, String);

/// `1#entity-tag`, read character by character; nothing where the text is none.
fn listed(text: &str) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if let Some(behind) = rest.strip_prefix(',') {
            rest = behind;
            continue;
        }
        if rest.is_empty() {
            return Some(tags);
        }
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |rest| (true, rest));
        let inner = quoted.strip_prefix('"')?;
        let (tag, behind) = inner.split_once('"')?;
        if tag.chars().any(|c| c == ' ' || c.is_control()) {
            return None;
        }
        tags.push((weak, tag.to_owned()));
        rest = behind.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}
