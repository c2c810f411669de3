//! From a node of the file to a value, with variables in their places. The place decides the type: a text field
//! takes what was written (`tenant_id: 0042` stays `0042`), a number field what reads as a number.

use serde_json::{Map, Number, Value as Json};
use zeroize::Zeroizing;

use crate::{
    expand::{Variables, expand},
    fault::Path,
    yaml::{Flaw, Node, Scalar, Value},
};

/// Reads nodes and notes what is wrong with them.
pub(crate) struct Reader<'a> {
    pub(crate) variables: &'a Variables<'a>,
    pub(crate) flaws: Vec<Flaw>,
}

impl Reader<'_> {
    pub(crate) fn refuse<T>(&mut self, line: usize, path: &Path, why: impl Into<String>) -> Option<T> {
        self.flaws.push(Flaw { line, path: path.clone(), why: why.into() });
        None
    }

    fn expanded(&mut self, scalar: &Scalar, line: usize, path: &Path) -> Option<Zeroizing<String>> {
        match expand(&scalar.text, self.variables) {
            Ok(text) => Some(text),
            Err(why) => self.refuse(line, path, why),
        }
    }

    /// A text; what YAML would take for a number or a truth value is one too.
    pub(crate) fn text(&mut self, node: &Node, path: &Path) -> Option<Zeroizing<String>> {
        match &node.value {
            Value::Scalar(scalar) => self.expanded(scalar, node.line, path),
            Value::List(_) | Value::Map(_) => self.refuse(node.line, path, "must be a single value"),
        }
    }

    /// A value of any shape, as JSON. Unquoted words that JSON knows (numbers as it writes them, `true`, `false`,
    /// `null`) are what they are there, every other text is a string, and so is one with a variable in it: what a
    /// variable holds can't decide a type.
    pub(crate) fn json(&mut self, node: &Node, path: &Path) -> Option<Json> {
        match &node.value {
            _ if node.is_null() => Some(Json::Null),
            Value::Scalar(scalar) => match plain(scalar) {
                Some(value) => Some(value),
                None => self.expanded(scalar, node.line, path).map(|text| text.as_str().into()),
            },
            Value::List(items) => {
                let items = items.iter().enumerate();
                let read: Vec<_> =
                    items.map(|(at, item)| self.json(item, &path.child(&at.to_string()))).collect();
                read.into_iter().collect::<Option<Vec<_>>>().map(Json::Array)
            }
            Value::Map(entries) => {
                let read: Vec<_> = entries
                    .iter()
                    .map(|entry| {
                        let value = self.json(&entry.node, &path.child(&entry.key));
                        value.map(|value| (entry.key.clone(), value))
                    })
                    .collect();
                read.into_iter().collect::<Option<Map<_, _>>>().map(Json::Object)
            }
        }
    }
}

/// The number or truth value that an unquoted word is. Digits that 64 bits can't hold stay a text.
fn plain(scalar: &Scalar) -> Option<Json> {
    let text = scalar.text.as_str();
    match text {
        _ if !scalar.plain => None,
        "true" | "True" | "TRUE" => Some(true.into()),
        "false" | "False" | "FALSE" => Some(false.into()),
        _ => {
            let number: Number = text.parse().ok()?;
            let whole = !text.contains(['.', 'e', 'E']);
            (!whole || number.is_u64() || number.is_i64()).then_some(Json::Number(number))
        }
    }
}

/// The truth value that a text is; any other text goes to the record's rules, which refuse it.
pub(crate) fn boolean(text: &str) -> Json {
    match text.trim() {
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str, value: &str) -> Result<Json, String> {
        let variables = [("V", value)].into();
        let mut reader = Reader { variables: &variables, flaws: Vec::new() };
        let node = yaml::parse(text, &mut reader.flaws).unwrap();
        let json = reader.json(&node, &Path::default());
        json.ok_or_else(|| format!("{:?}", reader.flaws))
    }

    #[test]
    fn unquoted_words_are_what_json_makes_of_them() {
        for (text, expected) in [
            ("5", json!(5)),
            ("-5", json!(-5)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!("18446744073709551616")),
            ("1.50", json!(1.5)),
            ("1e400", json!("1e400")),
            ("0123", json!("0123")),
            ("0x1F", json!("0x1F")),
            ("1_000", json!("1_000")),
            (".inf", json!(".inf")),
            ("true", json!(true)),
            ("no", json!("no")),
            ("~", json!(null)),
            ("'5'", json!("5")),
            ("\"true\"", json!("true")),
            ("|\n  5\n", json!("5\n")),
            ("2026-11-23", json!("2026-11-23")),
            ("[1, {a: b}, ]", json!([1, {"a": "b"}])),
        ] {
            assert_eq!(read(text, "").unwrap(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_variable_changes_the_structure_or_a_type(value in "[ -~\n]{0,20}|true|5|~|\\[a\\]|\\{a: b\\}|\na: b") {
            let text = "a: ${V}\nb: [x, \"${V}\"]\n'${V}': {c: 'x ${V}'}\n";
            let expected = json!({"a": value, "b": ["x", value], "${V}": {"c": format!("x {value}")}});
            prop_assert_eq!(read(text, &value).unwrap(), expected);
        }
    }

    #[test]
    fn every_fault_of_a_value_is_noted() {
        let flaws = read("a: ${NO}\nb:\n  - x\n  - ${NOT}\n", "").unwrap_err();
        assert!(flaws.contains("line: 1") && flaws.contains("line: 4") && flaws.contains("b.1"), "{flaws}");
    }
}
