//! The body that updates a connector. What fits the stored record's type only the server knows, so the forms of every
//! type are taken here, and what the server owns is taken in the form in which it was read.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Type,
        schema::{AdditionalProperties, AnyOfBuilder, KnownFormat, Object, Schema, SchemaFormat},
    },
};

use super::{
    draft::settings,
    ids::MaskedSecretArn,
    nullable, or_null, refer,
    urls::{BaseUrl, CassandraUrl, PostgresUrl, SnowflakeUrl},
};
use crate::{
    connector_type::ConnectorType,
    draft::Draft,
    health::HealthStatus,
    ids::{ConnectorName, TenantId},
    options::Options,
    patch::Patch,
    secret_arn::SecretArn,
};

impl PartialSchema for Patch {
    fn schema() -> RefOr<Schema> {
        let url = AnyOfBuilder::new()
            .item(refer::<BaseUrl>())
            .item(refer::<PostgresUrl>())
            .item(refer::<CassandraUrl>())
            .item(refer::<SnowflakeUrl>())
            .item(Object::with_type(Type::Null))
            .description(Some(
                "In the form of the record's type; null clears it where the type does not need it.",
            ));
        let options = or_null(
            refer::<Options>(),
            "Replaces the options whole; they must be what the record's type takes. Null means none.",
        );
        let arn = AnyOfBuilder::new()
            .item(refer::<SecretArn>())
            .item(refer::<MaskedSecretArn>())
            .item(Object::with_type(Type::Null))
            .description(Some(
                "The record's own ARN, masked as it was read, means to keep it; null clears it.",
            ));
        let object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "What to change. Fields that are absent stay as they are; null clears an optional field, or restores \
                 its default. Fields that can't be changed are taken where they equal what is stored, so that a record \
                 can be read, edited and sent back whole.",
            ))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        fixed(settings(object, url.into(), options).property("credentials_secret_arn", arn)).into()
    }
}

impl ToSchema for Patch {
    fn name() -> std::borrow::Cow<'static, str> {
        "ConnectorChange".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        // It refers to nothing that a draft does not.
        Draft::schemas(schemas);
    }
}

/// What must equal the stored record.
fn fixed(object: ObjectBuilder) -> ObjectBuilder {
    let moment = |kind: ObjectBuilder| kind.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    let stored = |schema: ObjectBuilder| schema.description(Some("As stored."));
    let text = || ObjectBuilder::new().schema_type(Type::String);
    object
        .property("id", stored(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))))
        .property("tenant_id", refer::<TenantId>())
        .property("connector_name", refer::<ConnectorName>())
        .property("connector_type", refer::<ConnectorType>())
        .property("health_status", refer::<HealthStatus>())
        .property("last_health_check", stored(moment(nullable(Type::String))))
        .property("last_error", stored(nullable(Type::String)))
        .property("created_at", stored(moment(text())))
        .property("updated_at", stored(moment(text())))
        .property("version", stored(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1))))
}
