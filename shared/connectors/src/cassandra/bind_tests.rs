use std::sync::Arc;

use super::*;
use crate::cassandra::render;

fn native(kind: NativeType) -> ColumnType<'static> {
    ColumnType::Native(kind)
}

fn list(each: ColumnType<'static>) -> ColumnType<'static> {
    ColumnType::Collection { frozen: true, typ: CollectionType::List(Box::new(each)) }
}

fn map_of(key: ColumnType<'static>, value: ColumnType<'static>) -> ColumnType<'static> {
    ColumnType::Collection { frozen: true, typ: CollectionType::Map(Box::new(key), Box::new(value)) }
}

fn address() -> ColumnType<'static> {
    let field_types =
        vec![("street".into(), native(NativeType::Text)), ("zip".into(), native(NativeType::Int))];
    let definition = UserDefinedType { name: "address".into(), keyspace: "ks".into(), field_types };
    ColumnType::UserDefinedType { frozen: true, definition: Arc::new(definition) }
}

/// What comes back of a value that was bound.
fn back(json: &str, kind: &ColumnType<'_>) -> String {
    let bound = value(json, kind).unwrap_or_else(|misfit| panic!("{json}: {misfit}"));
    let mut out = String::new();
    render::write(bound.as_ref(), &mut out);
    out
}

#[test]
fn a_value_comes_back_as_it_was_given() {
    use NativeType::{
        Ascii, BigInt, Blob, Boolean, Counter, Date, Decimal, Double, Duration, Float, Inet, Int, SmallInt,
        Text, Time, Timestamp, Timeuuid, TinyInt, Uuid, Varint,
    };
    for (kind, values) in [
        (Ascii, &[r#""a""#, r#""""#][..]),
        (Text, &[r#""é\"\n""#, r#""\u0000""#]),
        (Boolean, &["true", "false"]),
        (TinyInt, &["-128", "127"]),
        (SmallInt, &["-32768", "32767"]),
        (Int, &["-2147483648", "2147483647"]),
        (BigInt, &["-9223372036854775808", "9223372036854775807"]),
        (Counter, &["-1"]),
        (Varint, &[r#""170141183460469231731687303715884105728""#, r#""-1""#, r#""0""#]),
        (Decimal, &[r#""1.10""#, r#""-0.00""#, r#""1E-45""#, r#""123456789012345678901234567890.12""#]),
        (Float, &["0.1", "3.4028235e+38", r#""NaN""#, r#""-Infinity""#]),
        (Double, &["0.1", "5e-324", "-0.0", r#""Infinity""#]),
        (Blob, &[r#""0x""#, r#""0x00ff""#]),
        (Uuid, &[r#""123e4567-e89b-42d3-a456-426614174000""#]),
        (Timeuuid, &[r#""50554d6e-29bb-11e5-b345-feff819cdc9f""#]),
        (Inet, &[r#""127.0.0.1""#, r#""2001:db8::1""#]),
        (Duration, &[r#""1y2mo3d4h5m6s7ms8us9ns""#, r#""-1d""#]),
        (Date, &[r#""2026-07-10""#, r#""0000-01-01""#, "-2147483648", "2147483647"]),
        (Time, &[r#""19:30:00.000000001""#, r#""00:00:00.000000000""#]),
        (Timestamp, &[r#""2026-07-10T19:30:00.123Z""#, "9223372036854775807"]),
    ] {
        for json in values {
            // A negative zero has no sign in a decimal.
            assert_eq!(back(json, &native(kind.clone())), json.replace("-0.00", "0.00"), "{kind:?}");
        }
        assert_eq!(back("null", &native(kind)), "null");
    }
}

#[test]
fn a_value_that_does_not_fit_says_what_would() {
    use NativeType::{
        Ascii, BigInt, Blob, Boolean, Date, Decimal, Double, Duration, Float, Inet, Int, Text, Time,
        Timestamp, Timeuuid, TinyInt, Uuid, Varint,
    };
    for (kind, values) in [
        (Ascii, &[r#""é""#, "1"][..]),
        (Text, &["1", "true", "[]", "{}"]),
        (Boolean, &[r#""true""#, "1"]),
        (TinyInt, &["128", "-129", "1.5", r#""x""#, "true", "[1]"]),
        (Int, &["2147483648", r#""""#]),
        (BigInt, &["9223372036854775808", "1e1000000"]),
        (Varint, &["1.5", r#""0x1""#]),
        (Decimal, &[r#""1,5""#, r#""NaN""#, "1e99999999999"]),
        (Float, &["3.5e38", r#""inf""#, r#""0x1""#]),
        (Double, &["1e309", r#""nan""#]),
        (Blob, &[r#""ff""#, r#""0xf""#, r#""0xzz""#, "1"]),
        (Uuid, &[r#""123""#, "1"]),
        (Timeuuid, &[r#""123e4567-e89b-42d3-a456-426614174000""#]),
        (Inet, &[r#""localhost""#, r#""127.1""#]),
        (Duration, &["1", r#""1 day""#]),
        (Date, &[r#""2026-02-30""#, r#""2026-07-10T00:00:00""#, "2147483648", "-2147483649"]),
        (Time, &[r#""24:00:00""#, r#""19:30""#, "-1", "86400000000000"]),
        (Timestamp, &[r#""2026-07-10T19:30:00""#, r#""2026-07-10T19:30:00.0001Z""#, r#""2026-07-10""#]),
    ] {
        for json in values {
            let misfit = value(json, &native(kind.clone())).expect_err(json).to_string();
            let named = misfit.starts_with(&name(&native(kind.clone())));
            assert!(named && misfit.contains(" takes ") && !misfit.contains("write it"), "{json}: {misfit}");
        }
    }
}

#[test]
fn collections_tuples_and_types_of_ones_own_come_back() {
    let vector = ColumnType::Vector { typ: Box::new(native(NativeType::Float)), dimensions: 3 };
    let tuple = ColumnType::Tuple(vec![native(NativeType::Int), native(NativeType::Text)]);
    for (kind, json) in [
        (list(native(NativeType::Int)), "[1,2,2]"),
        (list(list(native(NativeType::Text))), r#"[["a"],[]]"#),
        (vector, "[0.1,-2.0,3.5]"),
        (tuple, r#"[null,"a"]"#),
        (map_of(native(NativeType::Text), native(NativeType::Varint)), r#"{"a":"1","b\"":"-2"}"#),
        (map_of(native(NativeType::Int), native(NativeType::Text)), r#"{"-3":"x"}"#),
        (map_of(native(NativeType::Boolean), native(NativeType::Int)), r#"{"false":0}"#),
        (map_of(native(NativeType::Double), native(NativeType::Int)), r#"{"NaN":0}"#),
        (map_of(native(NativeType::Timestamp), native(NativeType::Int)), r#"{"2026-07-10T19:30:00.123Z":0}"#),
        (map_of(list(native(NativeType::Text)), native(NativeType::Int)), r#"{"[\"x\"]":1}"#),
        (address(), r#"{"street":"x","zip":null}"#),
    ] {
        assert_eq!(back(json, &kind), json);
    }
    assert_eq!(back(r#"{"zip":1}"#, &address()), r#"{"street":null,"zip":1}"#);
}

#[test]
fn what_is_wrong_inside_names_the_inner_type() {
    let vector = ColumnType::Vector { typ: Box::new(native(NativeType::Float)), dimensions: 3 };
    let tuple = ColumnType::Tuple(vec![native(NativeType::Int), native(NativeType::Text)]);
    for (kind, json, expected) in [
        (list(native(NativeType::TinyInt)), "[1,128]", "tinyint takes a whole number from -128 to 127"),
        (list(native(NativeType::Int)), "[null]", "list<int> takes a list without nulls"),
        (list(native(NativeType::Int)), "1", "list<int> takes a list without nulls"),
        (vector, "[1,2]", "vector<float, 3> takes a list of exactly 3 elements"),
        (tuple, "[1]", "tuple<int, text> takes a list of exactly 2 values"),
        (
            map_of(native(NativeType::Int), native(NativeType::Int)),
            r#"{"a":1}"#,
            "int takes as the key of an object",
        ),
        (
            map_of(native(NativeType::Int), native(NativeType::Int)),
            r#"{"1":null}"#,
            "map<int, int> takes an object",
        ),
        (address(), r#"{"street":"x","town":"y"}"#, "address takes an object with the fields street, zip"),
    ] {
        let misfit = value(json, &kind).expect_err(json).to_string();
        assert!(misfit.starts_with(expected), "{misfit}");
    }
}
