//! `${NAME}` and `${NAME:-default}` inside one text. It is done once, from left to right, on a value that was
//! parsed before: what a variable holds is never read as YAML nor expanded again.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::fault::shown;

/// The environment: values by name.
pub(crate) type Variables<'v> = BTreeMap<&'v str, &'v str>;

/// The text with every variable in its place; an error names the variable, never a value.
///
/// As in a shell, the default stands in for a variable that is unset or empty. `$$` is a literal `$`, also in a
/// default; a `$` before anything else stands for itself.
pub(crate) fn expand(text: &str, variables: &Variables<'_>) -> Result<Zeroizing<String>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        pieces.push(before);
        rest = if let Some(after) = after.strip_prefix('$') {
            pieces.push("$");
            after
        } else if let Some(after) = after.strip_prefix('{') {
            reference(after, variables, &mut pieces)?
        } else {
            pieces.push("$");
            after
        };
    }
    pieces.push(rest);
    // Joined in one allocation: a text that grows leaves copies of itself behind.
    let mut whole = Zeroizing::new(String::with_capacity(pieces.iter().map(|piece| piece.len()).sum()));
    for piece in pieces {
        whole.push_str(piece);
    }
    Ok(whole)
}

/// Takes what follows `${` and returns what follows its `}`.
fn reference<'t>(
    text: &'t str,
    variables: &Variables<'t>,
    pieces: &mut Vec<&'t str>,
) -> Result<&'t str, String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("has a `${` that no variable's name follows; a literal `$` is written `$$`".into());
    }
    let value = variables.get(name).copied();
    if let Some(after) = after.strip_prefix('}') {
        pieces.push(value.ok_or_else(|| {
            let name = shown(name);
            format!("needs the variable {name}, which is not set; set it, or write ${{{name}:-default}}")
        })?);
        return Ok(after);
    }
    let Some(after) = after.strip_prefix(":-") else {
        let name = shown(name);
        return Err(format!(
            "must go on with `}}` or `:-` after ${{{name}: the forms are ${{NAME}} and ${{NAME:-default}}"
        ));
    };
    let mut default = Vec::new();
    let after =
        take_default(after, &mut default).map_err(|why| format!("{why} in ${{{}:-…}}", shown(name)))?;
    match value.filter(|value| !value.is_empty()) {
        Some(value) => pieces.push(value),
        None => pieces.append(&mut default),
    }
    Ok(after)
}

fn take_default<'t>(text: &'t str, pieces: &mut Vec<&'t str>) -> Result<&'t str, &'static str> {
    let mut rest = text;
    loop {
        let at = rest.find(['$', '}']).ok_or("has no closing `}`")?;
        let (before, after) = rest.split_at(at);
        pieces.push(before);
        if let Some(after) = after.strip_prefix('}') {
            return Ok(after);
        }
        if after.starts_with("${") {
            return Err("can't hold another variable in the default");
        }
        pieces.push("$");
        rest = after.strip_prefix("$$").or_else(|| after.strip_prefix('$')).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expanded(text: &str) -> Result<String, String> {
        let variables = [("HOST", "db.example.com"), ("EMPTY", ""), ("ODD", "${HOST} $$ }\n- a: b")];
        expand(text, &variables.into()).map(|text| text.to_string())
    }

    #[test]
    fn variables_defaults_and_literal_dollars_take_their_places() {
        for (text, expected) in [
            ("plain", "plain"),
            ("https://${HOST}/a", "https://db.example.com/a"),
            ("${HOST}${HOST}", "db.example.comdb.example.com"),
            ("${HOST:-other}", "db.example.com"),
            ("${NONE:-other}", "other"),
            ("${NONE:-}", ""),
            ("${NONE:-a:-b}", "a:-b"),
            ("[${EMPTY}]", "[]"),
            ("${EMPTY:-other}", "other"),
            ("$$", "$"),
            ("$${HOST}", "${HOST}"),
            ("$$$${HOST}", "$${HOST}"),
            ("$$${HOST}", "$db.example.com"),
            ("pa$word$", "pa$word$"),
            ("${NONE:-a$$b$c$}", "a$b$c$"),
            ("${NONE:-$${x}", "${x"),
            ("ä${NONE:-ö}ü", "äöü"),
        ] {
            assert_eq!(expanded(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_a_variable_holds_is_not_expanded_again() {
        assert_eq!(expanded("<${ODD}>").unwrap(), "<${HOST} $$ }\n- a: b>");
    }

    #[test]
    fn an_unset_variable_is_named() {
        let why = expanded("${NONE}").unwrap_err();
        assert!(why.contains("the variable NONE, which is not set"), "{why}");
    }

    #[test]
    fn every_other_form_is_refused() {
        for text in
            ["${", "${}", "${1A}", "${A-b}", "${A", "${A:-", "${A:-b", "${A:?b}", "${A:-${HOST}}", "${ A}"]
        {
            assert!(expanded(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_whose_dollars_are_doubled_reads_as_it_was(text in ".{0,24}") {
            let doubled = text.replace('$', "$$");
            prop_assert_eq!(expanded(&doubled).unwrap(), text);
        }

        #[test]
        fn any_value_arrives_whole(value in ".{0,24}", before in "[a-z ]{0,4}", after in "[a-z }]{0,4}") {
            let variables = [("V", value.as_str())].into();
            let text = format!("{before}${{V}}{after}");
            let whole = expand(&text, &variables).unwrap();
            prop_assert_eq!(whole.as_str(), format!("{before}{value}{after}"));
        }

        #[test]
        fn no_text_makes_it_panic(text in r"[${}:a-cA-C0-9_äß-]{0,24}") {
            let _ = expanded(&text);
        }
    }
}
