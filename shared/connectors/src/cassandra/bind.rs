//! JSON as CQL values, by the types that the server found for the parameters: a number keeps every digit, and what
//! does not fit its type is refused before anything is sent.

use std::{collections::BTreeMap, net::IpAddr, str::FromStr};

use jiff::{Timestamp, civil};
use num_bigint::BigInt;
use scylla::{
    frame::response::result::{CollectionType, ColumnType, NativeType, UserDefinedType},
    value::{Counter, CqlDate, CqlDecimal, CqlTime, CqlTimestamp, CqlTimeuuid, CqlValue, CqlVarint},
};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{decimal, duration, kinds::name, render::EPOCH_DAY};

/// What a type takes, for the type that a part of the value did not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    kind: String,
    takes: String,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} takes {}", self.kind, self.takes)
    }
}

/// Where a text comes from, which decides what it may stand for.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// A JSON string.
    Quoted,
    /// A number, true or false.
    Bare,
    /// The key of an object, where nothing but strings can stand.
    Key,
}

/// The value of a JSON text for a type; `None` is null.
pub(super) fn value(json: &str, kind: &ColumnType<'_>) -> Result<Option<CqlValue>, Misfit> {
    if json == "null" {
        return Ok(None);
    }
    match kind {
        ColumnType::Native(native) => {
            let misfit = || misfit(kind, takes(native));
            let found = if json.starts_with('"') {
                let text: String = serde_json::from_str(json).map_err(|_| misfit())?;
                scalar(&text, native, Source::Quoted)
            } else {
                scalar(json, native, Source::Bare)
            };
            found.map(Some).ok_or_else(misfit)
        }
        ColumnType::Collection { typ: CollectionType::List(each), .. } => {
            elements(json, kind, each).map(CqlValue::List).map(Some)
        }
        ColumnType::Collection { typ: CollectionType::Set(each), .. } => {
            elements(json, kind, each).map(CqlValue::Set).map(Some)
        }
        ColumnType::Vector { typ, dimensions } => {
            let items = elements(json, kind, typ)?;
            if items.len() != usize::from(*dimensions) {
                return Err(misfit(kind, format!("a list of exactly {dimensions} elements")));
            }
            Ok(Some(CqlValue::Vector(items)))
        }
        ColumnType::Collection { typ: CollectionType::Map(keys, values), .. } => {
            map(json, kind, keys, values).map(Some)
        }
        ColumnType::Tuple(kinds) => tuple(json, kind, kinds).map(Some),
        ColumnType::UserDefinedType { definition, .. } => udt(json, kind, definition).map(Some),
        _ => Err(misfit(kind, "no value from here; write it into the statement")),
    }
}

fn misfit(kind: &ColumnType<'_>, takes: impl Into<String>) -> Misfit {
    Misfit { kind: name(kind), takes: takes.into() }
}

fn elements(json: &str, kind: &ColumnType<'_>, each: &ColumnType<'_>) -> Result<Vec<CqlValue>, Misfit> {
    let whole = || misfit(kind, "a list without nulls");
    let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| whole())?;
    items.into_iter().map(|item| value(item.get(), each)?.ok_or_else(whole)).collect()
}

fn entries<'j>(
    json: &'j str,
    kind: &ColumnType<'_>,
    takes: &str,
) -> Result<BTreeMap<String, &'j RawValue>, Misfit> {
    serde_json::from_str(json).map_err(|_| misfit(kind, takes))
}

fn map(
    json: &str,
    kind: &ColumnType<'_>,
    keys: &ColumnType<'_>,
    values: &ColumnType<'_>,
) -> Result<CqlValue, Misfit> {
    let takes = "an object without nulls, whose keys are the map's keys as text";
    let pairs = entries(json, kind, takes)?.into_iter().map(|(key, json)| {
        let key = match keys {
            ColumnType::Native(native) => scalar(&key, native, Source::Key),
            composite => value(&key, composite)?,
        };
        let key =
            key.ok_or_else(|| misfit(keys, "as the key of an object what it takes as a value, as text"))?;
        let value = value(json.get(), values)?.ok_or_else(|| misfit(kind, takes))?;
        Ok((key, value))
    });
    pairs.collect::<Result<_, _>>().map(CqlValue::Map)
}

fn tuple(json: &str, kind: &ColumnType<'_>, kinds: &[ColumnType<'_>]) -> Result<CqlValue, Misfit> {
    let whole = || misfit(kind, format!("a list of exactly {} values", kinds.len()));
    let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| whole())?;
    if items.len() != kinds.len() {
        return Err(whole());
    }
    let items = items.into_iter().zip(kinds).map(|(item, kind)| value(item.get(), kind));
    items.collect::<Result<_, _>>().map(CqlValue::Tuple)
}

/// A field that is not given is null.
fn udt(json: &str, kind: &ColumnType<'_>, definition: &UserDefinedType<'_>) -> Result<CqlValue, Misfit> {
    let known = || definition.field_types.iter().map(|(name, _)| name.as_ref());
    let takes = format!("an object with the fields {}", known().collect::<Vec<_>>().join(", "));
    let given = entries(json, kind, &takes)?;
    if given.keys().any(|name| !known().any(|known| known == name)) {
        return Err(misfit(kind, takes));
    }
    let fields = definition.field_types.iter().map(|(name, kind)| {
        let field = given.get(name.as_ref()).map_or(Ok(None), |json| value(json.get(), kind));
        field.map(|field| (name.to_string(), field))
    });
    Ok(CqlValue::UserDefinedType {
        keyspace: definition.keyspace.to_string(),
        name: definition.name.to_string(),
        fields: fields.collect::<Result<_, _>>()?,
    })
}

fn scalar(text: &str, kind: &NativeType, source: Source) -> Option<CqlValue> {
    let whole = || decimal::parse_whole(text);
    Some(match kind {
        NativeType::Text if source != Source::Bare => CqlValue::Text(text.to_owned()),
        NativeType::Ascii if source != Source::Bare && text.is_ascii() => CqlValue::Ascii(text.to_owned()),
        NativeType::Boolean if source != Source::Quoted => CqlValue::Boolean(text.parse().ok()?),
        NativeType::TinyInt => CqlValue::TinyInt(whole()?.try_into().ok()?),
        NativeType::SmallInt => CqlValue::SmallInt(whole()?.try_into().ok()?),
        NativeType::Int => CqlValue::Int(whole()?.try_into().ok()?),
        NativeType::BigInt => CqlValue::BigInt(whole()?.try_into().ok()?),
        NativeType::Counter => CqlValue::Counter(Counter(whole()?.try_into().ok()?)),
        NativeType::Varint => {
            CqlValue::Varint(CqlVarint::from_signed_bytes_be(whole()?.to_signed_bytes_be()))
        }
        NativeType::Decimal => {
            let number = decimal::parse(text)?;
            CqlValue::Decimal(CqlDecimal::from_signed_be_bytes_and_exponent(number.unscaled, number.scale))
        }
        NativeType::Float => CqlValue::Float(float(text, f32::is_finite)?),
        NativeType::Double => CqlValue::Double(float(text, f64::is_finite)?),
        NativeType::Blob => CqlValue::Blob(hex::decode(text.strip_prefix("0x")?).ok()?),
        NativeType::Uuid => CqlValue::Uuid(Uuid::try_parse(text).ok()?),
        NativeType::Timeuuid => {
            let uuid = Uuid::try_parse(text).ok().filter(|uuid| uuid.get_version_num() == 1)?;
            CqlValue::Timeuuid(CqlTimeuuid::from(uuid))
        }
        NativeType::Inet => CqlValue::Inet(text.parse::<IpAddr>().ok()?),
        NativeType::Duration => CqlValue::Duration(duration::parse(text)?),
        NativeType::Date => CqlValue::Date(CqlDate(date(text)?)),
        NativeType::Time => CqlValue::Time(CqlTime(time(text)?)),
        NativeType::Timestamp => CqlValue::Timestamp(CqlTimestamp(timestamp(text)?)),
        _ => return None,
    })
}

/// A number that its type can hold, or one of those that JSON has no spelling for. What else the parser takes is not
/// meant.
fn float<F: FromStr + Copy>(text: &str, is_finite: fn(F) -> bool) -> Option<F> {
    let special = matches!(text, "NaN" | "Infinity" | "-Infinity");
    let numeric = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let number = text.parse().ok().filter(|_| special || text.bytes().all(numeric))?;
    (special || is_finite(number)).then_some(number)
}

fn count(text: &str) -> Option<i64> {
    decimal::parse_whole(text).and_then(|whole: BigInt| whole.try_into().ok())
}

fn date(text: &str) -> Option<u32> {
    let written = || {
        let date: civil::Date = text.parse().ok().filter(|_| !text.contains(['T', ' ']))?;
        Some(i64::from((date - civil::date(1970, 1, 1)).get_days()))
    };
    u32::try_from(count(text).or_else(written)?.checked_add(EPOCH_DAY)?).ok()
}

fn time(text: &str) -> Option<i64> {
    let written = || {
        let time: civil::Time =
            text.parse().ok().filter(|_| text.len() >= 8 && !text.contains(['T', ' ']))?;
        time.duration_since(civil::Time::midnight()).as_nanos().try_into().ok()
    };
    count(text).or_else(written).filter(|nanos| (0..86_400_000_000_000).contains(nanos))
}

fn timestamp(text: &str) -> Option<i64> {
    if let Some(millis) = count(text) {
        return Some(millis);
    }
    let timestamp: Timestamp = text.parse().ok()?;
    // Finer than the type is not rounded in silence.
    (timestamp.subsec_nanosecond() % 1_000_000 == 0).then(|| timestamp.as_millisecond())
}

fn takes(kind: &NativeType) -> &'static str {
    match kind {
        NativeType::Text => "a string",
        NativeType::Ascii => "a string of ASCII characters",
        NativeType::Boolean => "true or false",
        NativeType::TinyInt => "a whole number from -128 to 127",
        NativeType::SmallInt => "a whole number from -32768 to 32767",
        NativeType::Int => "a whole number from -2147483648 to 2147483647",
        NativeType::BigInt | NativeType::Counter => {
            "a whole number from -9223372036854775808 to 9223372036854775807"
        }
        NativeType::Varint => "a whole number of up to 9,864 digits, as number or string",
        NativeType::Decimal => "a number of up to 9,864 digits, as number or string",
        NativeType::Float | NativeType::Double => {
            "a number that it can hold, \"NaN\", \"Infinity\" or \"-Infinity\""
        }
        NativeType::Blob => "a string of bytes in hexadecimal such as \"0xca4e\"",
        NativeType::Uuid => "a string with a UUID",
        NativeType::Timeuuid => "a string with a UUID of version 1",
        NativeType::Inet => "a string with an IPv4 or IPv6 address",
        NativeType::Duration => "a string such as \"1y2mo3d4h5m6s\" or \"P1Y2M3DT4H5M6S\"",
        NativeType::Date => "a string such as \"2026-07-10\", or the days since 1970-01-01",
        NativeType::Time => "a string such as \"19:30:00.123456789\", or the nanoseconds since midnight",
        NativeType::Timestamp => {
            "a string such as \"2026-07-10T19:30:00.123Z\", with an offset and no more than milliseconds, or the \
             milliseconds since 1970"
        }
        _ => "no value from here; write it into the statement",
    }
}

#[cfg(test)]
#[path = "bind_tests.rs"]
mod tests;
