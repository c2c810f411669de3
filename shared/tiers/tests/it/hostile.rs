//! Files that no one writes by accident: each is refused with a place, and none ends the process.

use super::support::{connectors, faults, read};
use proptest::prelude::*;

#[test]
fn one_mebibyte_is_read_and_one_more_byte_is_not() {
    let file = |size: usize| {
        let head = connectors("  a: {type: slack}\n#");
        format!("{head}{}", "x".repeat(size - head.len()))
    };
    assert!(read(file(tiers::MAX_BYTES), &[]).is_ok());
    assert_eq!(faults(file(tiers::MAX_BYTES + 1), &[]), ["axonflow.yaml: is larger than 1048576 bytes"]);
}

#[test]
fn text_that_is_not_utf_8_is_refused_with_its_line() {
    assert_eq!(faults(b"version: '1.0'\nconnectors:\n  # \xff\n", &[]), ["axonflow.yaml:3: is not UTF-8"]);
}

#[test]
fn tabs_bombs_and_nesting_are_refused_with_their_lines() {
    for (text, expected) in [
        ("  a:\n\ttype: slack\n", "axonflow.yaml:4: connectors"),
        ("  a: {type: slack\n", "is not valid YAML"),
        ("  a: &a [*a]\n", "axonflow.yaml:3: connectors.a.0 repeats a value that is not complete"),
        ("  a: *nobody\n", "is not valid YAML"),
        ("  a: !exec rm\n", "axonflow.yaml:3: connectors.a has a tag"),
        ("  <<: {type: slack}\n", "axonflow.yaml:3: connectors.\"<<\" must be 1 to 63"),
    ] {
        let found = faults(connectors(text), &[]);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{text}: {found:?}");
    }
    let deep = format!("  a: {{type: slack, options: {}1{}}}\n", "{a: ".repeat(40), "}".repeat(40));
    let found = faults(connectors(&deep), &[]);
    assert!(found[0].contains("is nested deeper than 32 levels"), "{found:?}");
}

#[test]
fn a_huge_key_is_refused_and_not_repeated() {
    let found = faults(connectors(&format!("  ? {}\n  : {{type: slack}}\n", "k".repeat(100_000))), &[]);
    assert!(found[0].contains("must be 1 to 63") && found[0].len() < 300, "{found:?}");
    let found =
        faults(connectors(&format!("  a:\n    ? {}\n    : 1\n    type: slack\n", "k".repeat(100_000))), &[]);
    assert!(found[0].contains("is not a known key") && found[0].len() < 500, "{found:?}");
}

#[test]
fn a_key_can_not_forge_a_line_of_the_log() {
    let found = faults("version: '1.0'\n\"x\\nERROR forged\": 1\n", &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(r#""x\nERROR forged""#), "{found:?}");
}

#[test]
fn ten_thousand_faults_are_all_told() {
    let entries: Vec<_> = (0..10_000).map(|n| format!("  c{n}: {{type: oracle}}\n")).collect();
    assert_eq!(faults(connectors(&entries.concat()), &[]).len(), 10_000);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r#"[-:{}\[\]&*!|>'"%@`#?,~${}a-z0-9 \n\t]{0,80}"#) {
        let _ = faults(connectors(&text), &[]);
        let _ = faults(&text, &[]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = faults(&bytes, &[]);
    }
}
