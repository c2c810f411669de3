//! The body of a test: absent, or an object that names the mode.

use model::{
    fault::{Fault, Pointer},
    health::TestMode,
    problem::Problem,
};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, Ref, RefOr, Type,
        schema::{AdditionalProperties, Schema},
    },
};

/// The body in the OpenAPI document.
pub(crate) struct TestRequest;

impl PartialSchema for TestRequest {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("How to test; simulated unless given."))
            .property("mode", Ref::from_schema_name(TestMode::name()))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .into()
    }
}

impl ToSchema for TestRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((TestMode::name().into_owned(), TestMode::schema()));
    }
}

/// The mode that a body asks for; `simulated` where it says nothing.
pub(crate) fn mode(body: Option<&Value>) -> Result<TestMode, Problem> {
    let Some(body) = body else { return Ok(TestMode::default()) };
    let Value::Object(fields) = body else {
        return Err(Problem::invalid(vec![Fault::at(Pointer::root(), "must be a JSON object")]));
    };
    let mut mode = TestMode::default();
    let mut faults = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value.as_str()) {
            ("mode", Some("simulated")) => mode = TestMode::Simulated,
            ("mode", Some("live")) => mode = TestMode::Live,
            ("mode", _) => faults.push(Fault::at(Pointer::field(name), "must be \"simulated\" or \"live\"")),
            _ => faults.push(Fault::at(Pointer::field(name), "is not a known field; known is mode")),
        }
    }
    if faults.is_empty() { Ok(mode) } else { Err(Problem::invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_mode_is_simulated_unless_the_body_says_live() {
        assert_eq!(mode(None).unwrap(), TestMode::Simulated);
        assert_eq!(mode(Some(&json!({}))).unwrap(), TestMode::Simulated);
        assert_eq!(mode(Some(&json!({"mode": "live"}))).unwrap(), TestMode::Live);
    }

    #[test]
    fn every_fault_of_the_body_is_named() {
        let problem = mode(Some(&json!({"mode": "quick", "depth": 1}))).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.to_string()).collect();
        assert_eq!(pointers, ["/depth", "/mode"]);
    }
}
