//! The forms of `options`.

use serde_json::json;
use utoipa::openapi::{
    AllOfBuilder, Array, ArrayBuilder, Object, ObjectBuilder, Ref, Type,
    schema::{AnyOfBuilder, SchemaType},
};

use super::{any_case, forbidden, named, not, refer, text};
use crate::{
    cassandra_options::{CONSISTENCIES, SERIAL_CONSISTENCIES},
    connector_type::ConnectorType,
    credential_names::{CREDENTIAL_HEADERS, CREDENTIAL_KEYS},
    custom_options::{AUTH_TYPES, CLIENT_AUTHS},
    data_path,
    options::Options,
    postgres_options::POOL_SIZES,
    snowflake_options,
    vendor_options::{self, Rule},
};

const COMMON: &str = "Up to 16 KiB of compact JSON, nested up to 8 levels. Keys that name a credential are refused at \
                      any depth, and in `headers` also `Cookie` and `X-API-Key`: credentials belong in Secrets \
                      Manager. A key that is one or two slips away from an option of the type is refused with what \
                      was meant; other keys are notes of your own.";

pub(crate) struct OptionName;

named!(
    OptionName,
    "OptionName",
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("A key that names no credential, whatever its case, `-` taken as `_`."))
        .extensions(Some(forbidden(any_case(CREDENTIAL_KEYS))))
);

pub(crate) struct OptionValue;

named!(
    OptionValue,
    "OptionValue",
    AnyOfBuilder::new()
        .description(Some("Any JSON whose keys name no credential."))
        .item(ObjectBuilder::new().schema_type(SchemaType::from_iter([
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Null
        ])))
        .item(Array::new(refer::<OptionValue>()))
        .item(free_form())
);

/// An object of notes.
fn free_form() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(AllOfBuilder::new().item(refer::<OptionName>()).build()))
        .additional_properties(Some(refer::<OptionValue>()))
}

fn operations(description: &str) -> Array {
    let name = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    ArrayBuilder::new().items(Object::from(name)).description(Some(description)).build()
}

/// What every type knows. The blocked operations of databases are fixed.
fn governed(description: &str, fixed_list: bool) -> ObjectBuilder {
    let read_only =
        ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Refuses every execute."));
    let allowed = operations("The only operations that are taken, on both routes; `*` may stand at an end.");
    let object = free_form()
        .description(Some(format!("{description} {COMMON}")))
        .property("read_only", read_only)
        .property("allowed_operations", allowed);
    if fixed_list {
        let never = ObjectBuilder::new()
            .description(Some("Not taken: a database's list of blocked operations is fixed."))
            .extensions(Some(not(json!({}))));
        object.property("blocked_operations", never)
    } else {
        object.property(
            "blocked_operations",
            operations("What `execute` refuses, instead of the list of the type."),
        )
    }
}

fn certificate() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(
        "The certificate of a private authority, in PEM, that the server's is verified by.",
    ))
}

named!(Options, "Options", governed("Settings of the connector.", false), OptionValue, OptionName);

pub(crate) struct CassandraOptions;

named!(
    CassandraOptions,
    "CassandraOptions",
    governed("Settings of a `cassandra` connector.", true)
        .property("ca_pem", certificate())
        .property(
            "consistency",
            word(&CONSISTENCIES, "How many replicas must have answered; `LOCAL_QUORUM` unless given.")
        )
        .property(
            "local_dc",
            text(r"\S").description(Some("The data centre whose nodes are asked first, as `nodetool status` shows it."))
        )
        .property(
            "serial_consistency",
            word(&SERIAL_CONSISTENCIES, "How far lightweight transactions agree; `LOCAL_SERIAL` unless given.")
        )
        .property(
            "tls",
            ObjectBuilder::new().schema_type(Type::Boolean).description(Some(
                "Whether the nodes are reached by TLS, which is so unless it is `false`; that is only for hosts that \
                 `EGRESS_ALLOW` lists."
            ))
        )
);

pub(crate) struct PostgresOptions;

named!(
    PostgresOptions,
    "PostgresOptions",
    governed("Settings of a `postgres` connector.", true).property("ca_pem", certificate()).property(
        "pool_size",
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(*POOL_SIZES.start()))
            .maximum(Some(*POOL_SIZES.end()))
            .description(Some("How many sessions one instance may hold."))
    )
);

pub(crate) struct SnowflakeOptions;

named!(
    SnowflakeOptions,
    "SnowflakeOptions",
    governed("Settings of a `snowflake` connector.", true)
        .property(
            "auth_type",
            word(
                &snowflake_options::AUTH_TYPES,
                "How Snowflake is told who calls; what the secret holds says it otherwise."
            )
        )
        .property(
            "oauth2_client_auth",
            word(&CLIENT_AUTHS, "How the client proves itself to the token endpoint.")
        )
        .property("ca_pem", certificate())
        .property("warehouse", context("The warehouse that statements run on"))
        .property("database", context("The database that they begin in"))
        .property("schema", context("The schema that they begin in"))
        .property("role", context("The role that they run with"))
);

/// A part of the context of statements.
fn context(what: &str) -> ObjectBuilder {
    text(r"^[^\x00-\x1f\x7f]*$")
        .min_length(Some(1))
        .max_length(Some(snowflake_options::NAME_CHARS))
        .description(Some(format!(
            "{what}, in the case that it has in Snowflake; the user's default unless given."
        )))
}

/// A header name (RFC 9110, 5.6.2).
const TOKEN: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
/// No climbing, no host, no backslash; the query without a fragment.
const HEALTH_PATH: &str =
    r"^(?!//)(?![^/?]*:)(?!(?:[^?]*/)?\s*\.\.\s*(?:[;/?]|$))[^?#\\\x00-\x1f\x7f-\x9f]*(?:\?[^#]*)?$";

pub(crate) struct CustomOptions;

named!(
    CustomOptions,
    "CustomOptions",
    governed("Settings of a `custom` connector.", false)
        .property("auth_type", word(&AUTH_TYPES, "How the service is told who calls."))
        .property("oauth2_client_auth", word(&CLIENT_AUTHS, "How the client proves itself to the token endpoint."))
        .property(
            "api_key_header",
            text(TOKEN).description(Some("The header that carries the key where `auth_type` is `api_key`."))
        )
        .property("ca_pem", certificate())
        .property(
            "data_path",
            text(format!("^(?:/[^/]*){{0,{}}}$", data_path::MAX_STEPS))
                .max_length(Some(data_path::MAX_CHARS))
                .description(Some("A JSON Pointer (RFC 6901) to the rows in an answer."))
        )
        .property("headers", headers())
        .property(
            "health_path",
            text(HEALTH_PATH).description(Some(
                "The path below the base URL that tells whether the service is well. It may not climb, name a host, \
                 or carry a credential in its query."
            ))
        )
);

fn word(words: &[&str], description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
        .description(Some(description))
}

fn headers() -> ObjectBuilder {
    let refused = CREDENTIAL_KEYS.into_iter().chain(CREDENTIAL_HEADERS);
    let name = text(TOKEN).extensions(Some(forbidden(any_case(refused))));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Headers of every request; none may carry a credential."))
        .property_names(Some(Object::from(name)))
        .additional_properties(Some(text(r"^[\t\x20-\x7e]*$")))
}

/// The name of the form of a vendor's options.
pub(super) fn vendor_name(kind: ConnectorType) -> String {
    format!("{kind:?}Options")
}

/// The form of a vendor's options.
pub(super) fn vendor(kind: ConnectorType) -> ObjectBuilder {
    let object = governed(&format!("Settings of a `{kind}` connector."), false);
    vendor_options::of(kind).iter().fold(object, |object, option| {
        let value = match option.rule {
            Rule::OneOf(words) => word(words, option.about),
            Rule::Text => text(r"^[^\x00-\x1f\x7f]*$")
                .min_length(Some(1))
                .max_length(Some(vendor_options::TEXT_CHARS))
                .description(Some(option.about)),
            Rule::Word => text("^[A-Za-z0-9_-][A-Za-z0-9._-]*$")
                .max_length(Some(vendor_options::WORD_BYTES))
                .description(Some(option.about)),
            Rule::Certificate => certificate(),
        };
        object.property(option.name, value)
    })
}

/// The form of a type's options.
pub(super) fn of(kind: ConnectorType) -> Ref {
    match kind {
        ConnectorType::Custom => refer::<CustomOptions>(),
        ConnectorType::Postgres => refer::<PostgresOptions>(),
        ConnectorType::Snowflake => refer::<SnowflakeOptions>(),
        ConnectorType::Cassandra => refer::<CassandraOptions>(),
        vendor => Ref::from_schema_name(vendor_name(vendor)),
    }
}
