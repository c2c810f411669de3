//! What clients may send, as JSON Schema for the OpenAPI document. The parsers decide; what is written here is held
//! to them by `infra/openapi/tests/bodies.rs`, in both directions, as far as JSON Schema can say it.
//!
//! A schema describes the widest deployment. What one deployment narrows (its mode, `EGRESS_ALLOW`,
//! `PORTAL_EXTRA_CONNECTOR_TYPES`) stands in the descriptions.

mod change;
mod draft;
mod ids;
mod options;
mod urls;

use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        Object, ObjectBuilder, Ref, RefOr, Type,
        extensions::Extensions,
        schema::{OneOfBuilder, Schema, SchemaType},
    },
};

/// Gives a type a schema under a name, and says which other named schemas it refers to.
macro_rules! named {
    ($type:ty, $name:literal, $schema:expr $(, $needs:ty)* $(,)?) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                ($schema).into()
            }
        }
        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
            fn schemas(_schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
                $($crate::schemas::collect::<$needs>(_schemas);)*
            }
        }
    };
}
use named;

pub(crate) use ids::MaskedSecretArn;

/// Adds a type's schema, and those that it refers to.
fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// A reference to a named schema.
fn refer<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

/// A text of a pattern.
fn text(pattern: impl Into<String>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// What a named schema takes, or null, with the meaning of both.
fn or_null(schema: impl Into<RefOr<Schema>>, description: &str) -> RefOr<Schema> {
    OneOfBuilder::new().item(schema).item(Object::with_type(Type::Null)).description(Some(description)).into()
}

/// A type, or null.
fn nullable(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

/// The keyword `not`, which the builders lack. One such keyword a schema: several would be written in any order.
fn not(schema: Value) -> Extensions {
    Extensions::from_iter([("not", schema)])
}

/// A pattern that finds any of these words whole, with case ignored and `-` taken as `_`. JSON Schema's patterns have
/// no flag for it.
fn any_case<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let letter = |c: char| match c {
        '_' => "[-_]".to_owned(),
        c => format!("[{}{c}]", c.to_ascii_uppercase()),
    };
    let words: Vec<String> = words.into_iter().map(|word| word.chars().map(letter).collect()).collect();
    format!("^(?:{})$", words.join("|"))
}

/// The schema of a text that must not match.
fn forbidden(pattern: String) -> Extensions {
    not(json!({ "pattern": pattern }))
}
