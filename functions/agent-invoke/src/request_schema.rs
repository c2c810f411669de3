//! The bodies of a query and of an execute as the document describes them: the rules of [`crate::request`], with its
//! own limits.

use model::ids::{ConnectorName, TenantId};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, RefOr, Schema, Type,
        schema::{AdditionalProperties, SchemaType},
    },
};

use crate::request::{OPERATION_CHARS, STATEMENT_CHARS};

/// Durations that are taken, largest unit first. Others are, too; these are what clients of several languages write.
const TIMEOUT: &str = concat!(
    r"^(?=.*[1-9])([0-9]{1,6}h)?([0-9]{1,6}m)?",
    r"([0-9]{1,6}(\.[0-9]{1,9})?s|[0-9]{1,6}(\.[0-9]{1,6})?ms)?$"
);

/// What a query asks.
pub(crate) struct QueryRequest;
/// What an execute asks.
pub(crate) struct ExecuteRequest;

impl PartialSchema for QueryRequest {
    fn schema() -> RefOr<Schema> {
        let about = "For a vendor one of its operations, such as `get_incident`; for `custom` a method, `GET` unless \
                     given. A query takes reading operations only. Not looked at for databases.";
        body("operation", about)
    }
}

impl PartialSchema for ExecuteRequest {
    fn schema() -> RefOr<Schema> {
        let about = "For a vendor one of its operations, such as `create_incident`; for `custom` a method. Either must \
                     be given. Not looked at for databases: the statement decides.";
        body("action", about)
    }
}

impl ToSchema for QueryRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ids(schemas);
    }
}

impl ToSchema for ExecuteRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ids(schemas);
    }
}

fn ids(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((ConnectorName::name().into(), ConnectorName::schema()));
    schemas.push((TenantId::name().into(), TenantId::schema()));
}

fn body(operation: &str, about_operation: &str) -> RefOr<Schema> {
    let statement = "For databases one statement in SQL or CQL; for `custom` a path below the base URL; for \
                     `salesforce` SOQL or SOSL, for `jira` JQL, for `servicenow` an encoded query. For any vendor it \
                     may name the operation.";
    let parameters = "For a vendor what the operation takes: `GET /mcp/connectors` has the schema of each, and every \
                      fault is told at once. For `custom` query parameters or the JSON body; for databases the values of `:name`, by `name`, \
                      and by `1` those of `$1` (`postgres`, `snowflake`) or of the first `?` (`cassandra`, \
                      `snowflake`). A number keeps every digit. No name comes up twice in one object.";
    let limit = "The most rows that are wanted. 10,000 rows and 5 MiB are given at most.";
    let timeout =
        "How long to wait at most, such as `5s`, `1500ms` or `1m30s`; about 29 s are the most in any case.";
    let object = ObjectBuilder::new()
        .description(Some("Other fields are ignored; an optional one may be null."))
        .property("connector", utoipa::openapi::Ref::from_schema_name(ConnectorName::name()))
        .required("connector")
        .property("statement", optional(Type::String, statement).max_length(Some(STATEMENT_CHARS)))
        .property(operation, optional(Type::String, about_operation).max_length(Some(OPERATION_CHARS)))
        .property(
            "parameters",
            optional(Type::Object, parameters)
                .additional_properties(Some(AdditionalProperties::FreeForm(true))),
        )
        .property("limit", optional(Type::Integer, limit).minimum(Some(1)))
        .property("timeout", optional(Type::String, timeout).pattern(Some(TIMEOUT)))
        .property("tenant_id", tenant())
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    object.into()
}

fn optional(kind: Type, description: &str) -> ObjectBuilder {
    let kinds = SchemaType::from_iter([kind, Type::Null]);
    ObjectBuilder::new().schema_type(kinds).description(Some(description))
}

fn tenant() -> OneOfBuilder {
    OneOfBuilder::new()
        .description(Some("The tenant, where the license covers several; `X-Tenant-ID` names it as well."))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(utoipa::openapi::Ref::from_schema_name(TenantId::name()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::request::CallRequest;

    /// The pattern without what the generator of texts can't read, each part with whether it is one.
    fn durations() -> impl Strategy<Value = String> {
        let (ahead, rest) = TIMEOUT.split_at("^(?=.*[1-9])".len());
        assert_eq!(ahead, "^(?=.*[1-9])");
        let texts = proptest::string::string_regex(rest.trim_end_matches('$')).unwrap();
        texts.prop_filter("has a digit other than 0", |text| text.contains(|c| ('1'..='9').contains(&c)))
    }

    proptest! {
        #[test]
        fn every_duration_of_the_pattern_is_taken(timeout in durations()) {
            let body = json!({"connector": "crm", "timeout": timeout});
            prop_assert!(CallRequest::parse(&body, body.to_string().as_bytes(), "operation").is_ok());
        }
    }

    #[test]
    fn the_schema_has_the_fields_that_are_read_and_its_own_name_for_the_operation() {
        for (schema, operation) in
            [(QueryRequest::schema(), "operation"), (ExecuteRequest::schema(), "action")]
        {
            let schema = serde_json::to_value(schema).unwrap();
            let mut body = json!({});
            for name in schema["properties"].as_object().unwrap().keys() {
                body[name] = json!(["never this"]);
            }
            // A list is nothing that any of them takes, so each that is read is a fault.
            let problem = CallRequest::parse(&body, body.to_string().as_bytes(), operation).unwrap_err();
            assert_eq!(problem.errors.len(), body.as_object().unwrap().len(), "{:?}", problem.errors);
        }
    }
}
