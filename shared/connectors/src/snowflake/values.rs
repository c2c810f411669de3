//! From a column's type and the text that the vendor sends to JSON. Digits stay as they were sent; a text that is not
//! what its type promises, as where the account sets an output format of its own, stays a string.

use serde_json::value::RawValue;

use super::{times, wire::Column};

/// What becomes of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A number where it fits 64 bits.
    Integer,
    /// A number, where it is one: `NaN` and infinities are none.
    Real,
    Boolean,
    Date,
    Time,
    Timestamp,
    TimestampUtc,
    TimestampOffset,
    /// JSON as it is.
    Json,
    /// The same, where it is an object or a list: other notations are text.
    Structure,
    Text,
}

impl Shape {
    pub(super) fn of(column: &Column) -> Self {
        match column.kind.to_ascii_uppercase().as_str() {
            "FIXED" | "NUMBER" | "INT" | "INTEGER" if column.scale.unwrap_or(0) == 0 => Self::Integer,
            "REAL" | "FLOAT" | "DOUBLE" => Self::Real,
            "BOOLEAN" => Self::Boolean,
            "DATE" => Self::Date,
            "TIME" => Self::Time,
            "TIMESTAMP_NTZ" | "TIMESTAMP" | "DATETIME" => Self::Timestamp,
            "TIMESTAMP_LTZ" => Self::TimestampUtc,
            "TIMESTAMP_TZ" => Self::TimestampOffset,
            "VARIANT" => Self::Json,
            "OBJECT" | "ARRAY" | "MAP" | "VECTOR" | "GEOGRAPHY" | "GEOMETRY" => Self::Structure,
            // Also FIXED with a scale, DECFLOAT and BINARY, which comes in hexadecimal.
            _ => Self::Text,
        }
    }

    /// Appends a value in our form.
    pub(super) fn write(self, text: &str, row: &mut String) {
        let clock = |written: Option<String>, row: &mut String| match written {
            Some(written) => push_text(&written, row),
            None => push_text(text, row),
        };
        match self {
            Self::Integer if is_integer(text) => row.push_str(text),
            Self::Real if is_number(text) => row.push_str(text),
            Self::Boolean if matches!(text, "true" | "false") => row.push_str(text),
            Self::Boolean if matches!(text, "1" | "TRUE") => row.push_str("true"),
            Self::Boolean if matches!(text, "0" | "FALSE") => row.push_str("false"),
            Self::Date => clock(times::date(text), row),
            Self::Time => clock(times::time(text), row),
            Self::Timestamp => clock(times::timestamp(text), row),
            Self::TimestampUtc => clock(times::timestamp_utc(text), row),
            Self::TimestampOffset => clock(times::timestamp_with_offset(text), row),
            Self::Json if is_json(text) => row.push_str(text),
            Self::Structure if text.trim_start().starts_with(['{', '[']) && is_json(text) => {
                row.push_str(text);
            }
            _ => push_text(text, row),
        }
    }
}

/// Whether it is an integer of up to 64 bits in JSON's own spelling.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|c| c.is_ascii_digit()));
    plain && text != "-0" && (text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok())
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && is_json(text)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn push_text(text: &str, row: &mut String) {
    row.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: &str, scale: Option<i64>, text: &str) -> String {
        let column = Column { name: "c".into(), kind: kind.into(), scale };
        let mut row = String::new();
        Shape::of(&column).write(text, &mut row);
        row
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (kind, scale, text, expected) in [
            ("fixed", Some(0), "9223372036854775807", "9223372036854775807"),
            ("FIXED", None, "-9223372036854775808", "-9223372036854775808"),
            ("FIXED", Some(0), "18446744073709551615", "18446744073709551615"),
            ("FIXED", Some(0), "18446744073709551616", r#""18446744073709551616""#),
            ("FIXED", Some(0), "-9223372036854775809", r#""-9223372036854775809""#),
            ("FIXED", Some(0), "007", r#""007""#),
            ("FIXED", Some(0), "-0", r#""-0""#),
            ("FIXED", Some(0), "", r#""""#),
            ("FIXED", Some(2), "1.10", r#""1.10""#),
            ("FIXED", Some(2), "5", r#""5""#),
            ("DECFLOAT", None, "1.5e-300", r#""1.5e-300""#),
            ("REAL", None, "1.5e-300", "1.5e-300"),
            ("REAL", None, "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
            ("REAL", None, "NaN", r#""NaN""#),
            ("REAL", None, "-inf", r#""-inf""#),
            ("REAL", None, ".5", r#"".5""#),
        ] {
            assert_eq!(written(kind, scale, text), expected, "{kind} {text}");
        }
    }

    #[test]
    fn what_is_not_what_its_type_says_stays_text() {
        for (kind, text, expected) in [
            ("BOOLEAN", "true", "true"),
            ("BOOLEAN", "maybe", r#""maybe""#),
            ("DATE", "01/02/2020", r#""01/02/2020""#),
            ("VARIANT", r#"{"a":1.10}"#, r#"{"a":1.10}"#),
            ("VARIANT", r#""x""#, r#""x""#),
            ("VARIANT", "undefined", r#""undefined""#),
            ("VARIANT", "{", r#""{""#),
            ("VARIANT", "1 2", r#""1 2""#),
            ("GEOGRAPHY", "POINT(1 2)", r#""POINT(1 2)""#),
            ("GEOGRAPHY", r#"{"type":"Point"}"#, r#"{"type":"Point"}"#),
            ("VECTOR", "[1.0,2.5]", "[1.0,2.5]"),
            ("BINARY", "00ff", r#""00ff""#),
            ("TEXT", "a\"\\\n\u{1}", r#""a\"\\\n\u0001""#),
            ("NEW_KIND", "x", r#""x""#),
        ] {
            assert_eq!(written(kind, None, text), expected, "{kind} {text}");
        }
    }
}
