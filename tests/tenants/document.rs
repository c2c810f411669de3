//! The operations of a served document, and every place of them in which a request can say something.

use std::collections::BTreeSet;

use api::Host;
use end_to_end::World;
use serde_json::{Map, Value};

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) host: Host,
    /// Its identifier in the document.
    pub(crate) id: String,
    pub(crate) method: String,
    /// Its path, with its parameters in braces.
    pub(crate) path: String,
    /// Where a request can say something: `path:name`, `query:cursor`, `header:If-Match`, `body:tenant_id`.
    pub(crate) places: BTreeSet<String>,
    /// The names of the ways to sign in.
    pub(crate) security: BTreeSet<String>,
}

/// The operations that both APIs of a world say they have.
pub(crate) async fn operations(world: &World) -> Vec<Operation> {
    let portal = world.anonymous_portal("GET", "/openapi.json").send().await.expect(200).json();
    let agent = world.agent("GET", "/openapi.json").send().await.expect(200).json();
    let mut operations = of(Host::Portal, &portal);
    operations.extend(of(Host::Agent, &agent));
    operations
}

fn of(host: Host, document: &Value) -> Vec<Operation> {
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation.get("security").or(document.get("security"));
            let security = security.and_then(Value::as_array).unwrap();
            let security = security.iter().flat_map(|scheme| scheme.as_object().unwrap().keys().cloned());
            let security: BTreeSet<String> = security.collect();
            assert!(security.iter().all(|scheme| schemes.contains_key(scheme)), "{method} {path}");
            operations.push(Operation {
                host,
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                places: places(document, operation),
                security,
            });
        }
    }
    operations
}

fn places(document: &Value, operation: &Value) -> BTreeSet<String> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let parameters = parameters.iter().map(|parameter| {
        let parameter = resolved(document, parameter);
        format!("{}:{}", parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
    });
    let mut fields = BTreeSet::new();
    for content in operation["requestBody"]["content"].as_object().unwrap_or(&Map::new()).values() {
        members(document, &content["schema"], &mut fields);
    }
    parameters.chain(fields.into_iter().map(|field| format!("body:{field}"))).collect()
}

/// The members that an object of a schema can have.
fn members(document: &Value, schema: &Value, found: &mut BTreeSet<String>) {
    let schema = resolved(document, schema);
    found.extend(schema["properties"].as_object().into_iter().flat_map(|members| members.keys().cloned()));
    for together in ["oneOf", "anyOf", "allOf"] {
        for part in schema[together].as_array().into_iter().flatten() {
            members(document, part, found);
        }
    }
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
