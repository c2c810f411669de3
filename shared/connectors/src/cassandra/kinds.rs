//! Types as CQL spells them.

use scylla::frame::response::result::{CollectionType, ColumnType, NativeType};

/// The name of a type.
pub(super) fn name(kind: &ColumnType<'_>) -> String {
    match kind {
        ColumnType::Native(native) => self::native(native).to_owned(),
        ColumnType::Collection { typ: CollectionType::List(each), .. } => format!("list<{}>", name(each)),
        ColumnType::Collection { typ: CollectionType::Set(each), .. } => format!("set<{}>", name(each)),
        ColumnType::Collection { typ: CollectionType::Map(key, value), .. } => {
            format!("map<{}, {}>", name(key), name(value))
        }
        ColumnType::Vector { typ, dimensions } => format!("vector<{}, {dimensions}>", name(typ)),
        ColumnType::Tuple(kinds) => {
            format!("tuple<{}>", kinds.iter().map(name).collect::<Vec<_>>().join(", "))
        }
        ColumnType::UserDefinedType { definition, .. } => definition.name.to_string(),
        _ => "this type".to_owned(),
    }
}

fn native(kind: &NativeType) -> &'static str {
    match kind {
        NativeType::Ascii => "ascii",
        NativeType::Boolean => "boolean",
        NativeType::Blob => "blob",
        NativeType::Counter => "counter",
        NativeType::Date => "date",
        NativeType::Decimal => "decimal",
        NativeType::Double => "double",
        NativeType::Duration => "duration",
        NativeType::Float => "float",
        NativeType::Int => "int",
        NativeType::BigInt => "bigint",
        NativeType::Text => "text",
        NativeType::Timestamp => "timestamp",
        NativeType::Inet => "inet",
        NativeType::SmallInt => "smallint",
        NativeType::TinyInt => "tinyint",
        NativeType::Time => "time",
        NativeType::Timeuuid => "timeuuid",
        NativeType::Uuid => "uuid",
        NativeType::Varint => "varint",
        _ => "this type",
    }
}
