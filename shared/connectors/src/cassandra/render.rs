//! CQL values as JSON, without loss: what JSON's own numbers can't hold is a string.

use std::fmt::Write;

use jiff::{Timestamp, civil};
use scylla::value::{CqlDate, CqlTime, CqlTimestamp, CqlValue};

use super::{decimal, duration};

/// Days from the smallest date that Cassandra can hold to 1970-01-01.
pub(super) const EPOCH_DAY: i64 = 1 << 31;
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Writes a value, or null.
pub(super) fn write(value: Option<&CqlValue>, out: &mut String) {
    use CqlValue::{
        Ascii, BigInt, Blob, Boolean, Counter, Date, Decimal, Double, Duration, Empty, Float, Inet, Int,
        List, Map, Set, SmallInt, Text, Time, Timestamp, Timeuuid, TinyInt, Tuple, UserDefinedType, Uuid,
        Varint, Vector,
    };
    let Some(value) = value else {
        out.push_str("null");
        return;
    };
    match value {
        Boolean(flag) => show(out, flag),
        TinyInt(number) => show(out, number),
        SmallInt(number) => show(out, number),
        Int(number) => show(out, number),
        BigInt(number) => show(out, number),
        Counter(counter) => show(out, counter.0),
        Float(number) => float(serde_json::to_string(number), f64::from(*number), out),
        Double(number) => float(serde_json::to_string(number), *number, out),
        Ascii(text) | Text(text) => string(text, out),
        Date(date) => write_date(*date, out),
        Timestamp(timestamp) => write_timestamp(*timestamp, out),
        Time(time) => write_time(*time, out),
        Duration(length) => {
            out.push('"');
            duration::write(*length, out);
            out.push('"');
        }
        Blob(bytes) => show(out, format_args!("\"0x{}\"", hex::encode(bytes))),
        Inet(address) => show(out, format_args!("\"{address}\"")),
        Uuid(uuid) => show(out, format_args!("\"{uuid}\"")),
        Timeuuid(uuid) => show(out, format_args!("\"{uuid}\"")),
        Varint(number) => string(&decimal::integer(number.as_signed_bytes_be_slice()), out),
        Decimal(number) => {
            let (unscaled, scale) = number.as_signed_be_bytes_slice_and_exponent();
            string(&decimal::decimal(unscaled, scale), out);
        }
        // Told apart from null: an old form of a value without bytes.
        Empty => out.push_str("\"\""),
        List(items) | Set(items) | Vector(items) => array(items.iter().map(Some), out),
        Tuple(items) => array(items.iter().map(Option::as_ref), out),
        Map(entries) => object(entries.iter().map(|(key, value)| (key_text(key), Some(value))), out),
        UserDefinedType { fields, .. } => {
            object(fields.iter().map(|(name, value)| (name.clone(), value.as_ref())), out);
        }
        // A kind that a newer driver knows.
        other => string(&format!("{other:?}"), out),
    }
}

/// Writing into a string can't fail.
fn show(out: &mut String, shown: impl std::fmt::Display) {
    let _ = write!(out, "{shown}");
}

/// Writes a JSON string.
pub(super) fn string(text: &str, out: &mut String) {
    show(out, serde_json::Value::from(text));
}

fn float(finite: serde_json::Result<String>, number: f64, out: &mut String) {
    match finite {
        Ok(text) if number.is_finite() => out.push_str(&text),
        _ if number.is_nan() => out.push_str("\"NaN\""),
        _ if number > 0.0 => out.push_str("\"Infinity\""),
        _ => out.push_str("\"-Infinity\""),
    }
}

fn array<'v>(items: impl Iterator<Item = Option<&'v CqlValue>>, out: &mut String) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn object<'v>(entries: impl Iterator<Item = (String, Option<&'v CqlValue>)>, out: &mut String) {
    out.push('{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.push(',');
        }
        string(&key, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// The key of an object for the key of a map: what is a string in JSON as it is, anything else as its JSON text.
fn key_text(key: &CqlValue) -> String {
    let mut text = String::new();
    write(Some(key), &mut text);
    serde_json::from_str(&text).unwrap_or(text)
}

/// Beyond the years that have a spelling, the days since 1970-01-01.
fn write_date(CqlDate(day): CqlDate, out: &mut String) {
    let days = i64::from(day) - EPOCH_DAY;
    let epoch = civil::date(1970, 1, 1);
    match epoch.checked_add(jiff::Span::new().try_days(days).unwrap_or_default()) {
        Ok(date) if days == 0 || date != epoch => show(out, format_args!("\"{date}\"")),
        _ => show(out, days),
    }
}

/// Beyond the years that have a spelling, the milliseconds since 1970.
fn write_timestamp(CqlTimestamp(millis): CqlTimestamp, out: &mut String) {
    match Timestamp::from_millisecond(millis) {
        Ok(timestamp) => show(out, format_args!("\"{timestamp:.3}\"")),
        Err(_) => show(out, millis),
    }
}

fn write_time(CqlTime(nanos): CqlTime, out: &mut String) {
    if !(0..DAY).contains(&nanos) {
        show(out, nanos);
        return;
    }
    let (seconds, fraction) = (nanos / SECOND, nanos % SECOND);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    show(out, format_args!("\"{hours:02}:{minutes:02}:{seconds:02}.{fraction:09}\""));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: CqlValue) -> String {
        let mut out = String::new();
        write(Some(&value), &mut out);
        out
    }

    #[test]
    fn moments_beyond_every_calendar_are_numbers() {
        let day = |days: i64| shown(CqlValue::Date(CqlDate(u32::try_from(days + EPOCH_DAY).unwrap())));
        assert_eq!(day(0), "\"1970-01-01\"");
        assert_eq!(day(-1), "\"1969-12-31\"");
        assert_eq!(day(2_932_896), "\"9999-12-31\"");
        assert_eq!(day(2_932_897), "2932897");
        assert_eq!(day(-EPOCH_DAY), "-2147483648");
        let at = |millis| shown(CqlValue::Timestamp(CqlTimestamp(millis)));
        assert_eq!(at(0), "\"1970-01-01T00:00:00.000Z\"");
        assert_eq!(at(-1), "\"1969-12-31T23:59:59.999Z\"");
        assert_eq!(at(i64::MAX), "9223372036854775807");
        assert_eq!(shown(CqlValue::Time(CqlTime(DAY - 1))), "\"23:59:59.999999999\"");
        assert_eq!(shown(CqlValue::Time(CqlTime(DAY))), "86400000000000");
    }

    #[test]
    fn numbers_keep_every_digit_and_the_others_are_strings() {
        assert_eq!(shown(CqlValue::BigInt(i64::MIN)), "-9223372036854775808");
        assert_eq!(shown(CqlValue::Float(0.1)), "0.1");
        assert_eq!(shown(CqlValue::Double(-0.0)), "-0.0");
        assert_eq!(shown(CqlValue::Double(f64::NEG_INFINITY)), "\"-Infinity\"");
        assert_eq!(shown(CqlValue::Float(f32::NAN)), "\"NaN\"");
        assert_eq!(shown(CqlValue::Empty), "\"\"");
    }

    #[test]
    fn a_map_is_an_object_whatever_its_keys_are() {
        let entry = |key| shown(CqlValue::Map(vec![(key, CqlValue::Int(1))]));
        assert_eq!(entry(CqlValue::Text("a\"b".into())), r#"{"a\"b":1}"#);
        assert_eq!(entry(CqlValue::Int(-3)), r#"{"-3":1}"#);
        assert_eq!(entry(CqlValue::Blob(vec![0xca])), r#"{"0xca":1}"#);
        assert_eq!(entry(CqlValue::List(vec![CqlValue::Text("x".into())])), r#"{"[\"x\"]":1}"#);
    }
}
