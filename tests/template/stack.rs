//! The template, and the questions that the tests ask of it.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use crate::yaml;

/// The template.
pub(crate) struct Stack(Value);

/// A function of the template.
pub(crate) struct Function<'a> {
    /// Its name among the template's resources.
    pub(crate) id: &'a str,
    /// The program that it runs, which is its name in the code.
    pub(crate) program: &'a str,
    /// What the template says of it.
    pub(crate) properties: &'a Value,
}

impl Stack {
    pub(crate) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
        Self(yaml::parse(&fs::read_to_string(path).unwrap()))
    }

    /// What stands at a place.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not there"))
    }

    /// One resource.
    pub(crate) fn resource(&self, id: &str) -> &Value {
        self.at(&format!("/Resources/{id}"))
    }

    /// The properties of every resource of a type, by its name.
    pub(crate) fn of_type(&self, wanted: &str) -> BTreeMap<&str, &Value> {
        let all = self.at("/Resources").as_object().unwrap().iter();
        let found = all.filter(|(_, resource)| resource["Type"] == wanted);
        found.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
    }

    /// Every function.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let functions = self.of_type("AWS::Serverless::Function").into_iter();
        functions
            .map(|(id, properties)| {
                let program = &self.resource(id)["Metadata"]["BuildProperties"]["Binary"];
                Function { id, program: program.as_str().unwrap(), properties }
            })
            .collect()
    }

    /// The function of a program.
    pub(crate) fn function(&self, program: &str) -> Function<'_> {
        let mut functions = self.functions().into_iter();
        functions.find(|function| function.program == program).unwrap_or_else(|| panic!("no {program}"))
    }

    /// What a function's role permits and forbids: its own statements and those of the policies attached to it, as if
    /// every condition of the deployment held.
    pub(crate) fn statements(&self, function: &Function<'_>) -> Vec<&Value> {
        let role = self.resource(referred(&function.properties["Role"]).unwrap());
        let own = list(&role["Properties"]["Policies"]).into_iter().map(|policy| &policy["PolicyDocument"]);
        let attached = list(&role["Properties"]["ManagedPolicyArns"]).into_iter().map(|policy| {
            let policy = referred(policy).expect("no policies but the template's");
            &self.resource(policy)["Properties"]["PolicyDocument"]
        });
        own.chain(attached).flat_map(|document| list(&document["Statement"])).map(where_it_holds).collect()
    }
}

/// The resource that a reference names.
pub(crate) fn referred(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())
}

/// The items of a list; of a single value, that one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    }
}

/// The first branch of a choice; what is none, itself.
pub(crate) fn where_it_holds(value: &Value) -> &Value {
    value.pointer("/Fn::If/1").unwrap_or(value)
}

/// `ConnectorsTable` holds `connectors`, `CacheStatsTable` `cache_stats`.
pub(crate) fn kind(table: &str) -> Option<String> {
    let mut kind = String::new();
    for letter in table.strip_suffix("Table")?.chars() {
        if letter.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('_');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    Some(kind)
}
