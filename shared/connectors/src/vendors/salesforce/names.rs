//! What paths are made of: names of objects and fields, and ids. Anything else between the slashes could be another
//! resource than the operation says, such as `listviews` where an id should be.

use crate::{
    ConnectorError,
    vendor::{args::Args, draft::Draft},
};

/// Whether a text is an API name: `Account`, `Invoice__c`, `ns__Thing__c`.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

/// Whether a text is a record's id: 15 characters, or 18 of which the last three say what is upper case.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// Refuses names and ids that are none.
pub(super) fn check(args: &Args<'_>, _: &mut Draft, _: Option<usize>) -> Result<(), ConnectorError> {
    let refused =
        |name: &str, is: &str| Err(ConnectorError::Invalid(format!("the parameter {name} must be {is}")));
    for name in ["object", "field"] {
        if args.text(name).is_some_and(|text| !is_name(&text)) {
            return refused(name, "an API name, such as Account or Invoice__c");
        }
    }
    // Behind a record's id a path leads on to a record that it refers to.
    if args.text("field").is_some_and(|text| is_id(&text)) {
        return refused("field", "a field's name, and not an id");
    }
    for name in ["id", "ids"] {
        if args.text(name).is_some_and(|text| !text.split(',').all(is_id)) {
            return refused(name, "made of ids of 15 or 18 letters and digits");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_told_from_other_parts_of_paths() {
        for name in ["Account", "Invoice__c", "ns__Thing__c", "a1"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["", "_a", "1a", "a.b", "a/b", "..", "é", "a b", "@{a.id}"] {
            assert!(!is_name(other), "{other}");
        }
        assert!(is_id("001D000000IqhSL") && is_id("001D000000IqhSLIAZ"));
        for other in [
            "",
            "listviews",
            "001D000000IqhS",
            "001D000000IqhSLI",
            "001D000000Iqh.L",
            "001D000000IqhSL%41%41",
        ] {
            assert!(!is_id(other), "{other}");
        }
    }
}
