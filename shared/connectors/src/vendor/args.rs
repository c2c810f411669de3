//! The parameters of one call, with the statement as the parameter that it is.

use std::borrow::Cow;

use model::parameters::Parameters;
use serde_json::Value;

/// Checked parameters, each as its JSON text.
pub(crate) struct Args<'a>(Cow<'a, Parameters>);

impl<'a> Args<'a> {
    pub(crate) fn new(given: &'a Parameters) -> Self {
        Self(Cow::Borrowed(given))
    }

    /// The same, with one more.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        let mut all = self.0.into_owned();
        all.insert_text(name, text);
        Self(Cow::Owned(all))
    }

    pub(crate) fn all(&self) -> &Parameters {
        &self.0
    }

    /// The JSON text of a value; null is as good as nothing.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.0.raw(name).filter(|text| *text != "null")
    }

    /// Whether it is there, be it null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.raw(name).is_some()
    }

    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        self.raw(name).and_then(|_| self.0.value(name))
    }

    /// A value as it stands in a query or a form: text without its quotes, a list's elements with commas between.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(plain)
    }
}

/// JSON as it stands in a query, a path or a form. A list of plain values is joined with commas; what is nested stays
/// JSON.
pub(crate) fn plain(json: &str) -> String {
    match model::json::parse(json.as_bytes()) {
        Ok(Value::String(text)) => text,
        Ok(Value::Array(items)) if !items.iter().any(|item| item.is_object() || item.is_array()) => {
            let texts =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(",")
        }
        // Numbers and booleans as they were written, no digit lost.
        _ => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_nests_within_itself_stays_text() {
        let mut bomb = "1".to_owned();
        for _ in 0..6 {
            let escaped = bomb.replace('\\', "\\u005c").replace('"', "\\u0022");
            bomb = format!(r#"{{"$serde_json::private::RawValue":"{escaped}"}}"#);
        }
        assert_eq!(plain(&bomb), bomb);
        let list = format!("[{bomb}]");
        assert_eq!(plain(&list), list);
    }

    #[test]
    fn values_are_written_as_queries_have_them() {
        for (json, expected) in [
            (r#""a b""#, "a b"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1.10", "1.10"),
            ("true", "true"),
            (r#"["a",2]"#, "a,2"),
            (r#"[{"a":1}]"#, r#"[{"a":1}]"#),
        ] {
            assert_eq!(plain(json), expected, "{json}");
        }
    }
}
