//! The body that creates a connector: one form a type, told apart by `connector_type`.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Discriminator, ObjectBuilder, OneOfBuilder, Ref, RefOr, Type,
        schema::{AdditionalProperties, Schema},
    },
};

use super::{
    collect,
    ids::MaskedSecretArn,
    nullable,
    options::{self, CassandraOptions, CustomOptions, PostgresOptions, SnowflakeOptions},
    or_null, refer,
    urls::{self, BaseUrl, CassandraUrl, PostgresUrl, SnowflakeUrl},
};
use crate::{
    connector_type::ConnectorType,
    draft::Draft,
    fields::{DESCRIPTION_CHARS, DISPLAY_NAME_CHARS, MAX_RETRIES, TIMEOUT_MS},
    ids::{ConnectorName, TenantId},
    options::Options,
    record::{DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT_MS},
    secret_arn::SecretArn,
    vendor_options,
};

impl PartialSchema for Draft {
    fn schema() -> RefOr<Schema> {
        let mut one = OneOfBuilder::new().description(Some(
            "A connector to create, by its type. `hubspot`, `jira` and `servicenow` are taken only where the \
             deployment's `PORTAL_EXTRA_CONNECTOR_TYPES` lists them.",
        ));
        let mut types = Discriminator::new("connector_type");
        for kind in ConnectorType::ALL {
            let form = form(kind);
            types.mapping.insert(kind.to_string(), form.ref_location.clone());
            one = one.item(form);
        }
        one.discriminator(Some(types)).into()
    }
}

impl ToSchema for Draft {
    fn name() -> std::borrow::Cow<'static, str> {
        "ConnectorDraft".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(ConnectorType::ALL.map(|kind| (form_name(kind), of(kind).into())));
        let vendors = ConnectorType::ALL.into_iter().filter(|kind| !vendor_options::of(*kind).is_empty());
        schemas.extend(vendors.map(|kind| (options::vendor_name(kind), options::vendor(kind).into())));
        collect::<TenantId>(schemas);
        collect::<ConnectorName>(schemas);
        collect::<BaseUrl>(schemas);
        collect::<PostgresUrl>(schemas);
        collect::<CassandraUrl>(schemas);
        collect::<SnowflakeUrl>(schemas);
        collect::<Options>(schemas);
        collect::<CustomOptions>(schemas);
        collect::<CassandraOptions>(schemas);
        collect::<PostgresOptions>(schemas);
        collect::<SnowflakeOptions>(schemas);
        collect::<SecretArn>(schemas);
        collect::<MaskedSecretArn>(schemas);
    }
}

fn form_name(kind: ConnectorType) -> String {
    format!("{kind:?}Draft")
}

fn form(kind: ConnectorType) -> Ref {
    Ref::from_schema_name(form_name(kind))
}

fn of(kind: ConnectorType) -> ObjectBuilder {
    let url = urls::of(kind);
    let required = kind.requires_connection_url();
    let url = if required {
        RefOr::Ref(url)
    } else {
        or_null(url, "The vendor's own host, or the one that the secret names, unless given.")
    };
    let object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(format!("A `{kind}` connector.")))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .property(
            "tenant_id",
            or_null(
                refer::<TenantId>(),
                "Whose it is: only in `invpc`, the session's tenant unless given. In `saas` the field is refused.",
            ),
        )
        .property("connector_name", refer::<ConnectorName>())
        .property("connector_type", ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind.as_str()])));
    let object =
        settings(object, url, or_null(options::of(kind), "Settings of the type; none unless given."))
            .property("credentials_secret_arn", or_null(refer::<SecretArn>(), "Where the credentials lie."))
            .required("connector_name")
            .required("connector_type");
    if required { object.required("connection_url") } else { object }
}

/// The settings that creating and updating share.
pub(super) fn settings(object: ObjectBuilder, url: RefOr<Schema>, options: RefOr<Schema>) -> ObjectBuilder {
    let display_name = nullable(Type::String)
        .max_length(Some(DISPLAY_NAME_CHARS))
        .pattern(Some(r"\S"))
        .description(Some("For people; the connector's name unless given."))
        .examples(["Finance Snowflake"]);
    let description = nullable(Type::String)
        .max_length(Some(DESCRIPTION_CHARS))
        .description(Some("For people."))
        .examples(["Governed analytics access"]);
    let timeout = nullable(Type::Integer)
        .minimum(Some(*TIMEOUT_MS.start()))
        .maximum(Some(*TIMEOUT_MS.end()))
        .default(Some(DEFAULT_TIMEOUT_MS.into()))
        .description(Some(
            "The longest a call to the upstream may take, in milliseconds. Behind API Gateway no call lasts longer than \
             about 29 seconds.",
        ));
    let retries = nullable(Type::Integer)
        .minimum(Some(*MAX_RETRIES.start()))
        .maximum(Some(*MAX_RETRIES.end()))
        .default(Some(DEFAULT_MAX_RETRIES.into()))
        .description(Some("How often a call that may be repeated is repeated."));
    let enabled =
        nullable(Type::Boolean).default(Some(true.into())).description(Some("Whether agents may use it."));
    object
        .property("display_name", display_name)
        .property("description", description)
        .property("connection_url", url)
        .property("options", options)
        .property("timeout_ms", timeout)
        .property("max_retries", retries)
        .property("enabled", enabled)
}
