//! Each role permits what its function's code calls in DynamoDB and Secrets Manager: the traits of the store that its
//! `App` holds say what that is.

use std::collections::BTreeSet;

use serde_json::Value;
use store::schema::TABLES;

use crate::{
    source,
    stack::{Function, Stack, kind, list, referred},
};

/// What a role permits of the two services, in the words of `store::access`.
fn granted(stack: &Stack, function: &Function<'_>) -> BTreeSet<String> {
    let mut granted = BTreeSet::new();
    for statement in stack.statements(function) {
        assert_eq!(statement.get("NotAction").or(statement.get("NotResource")), None, "{}", function.program);
        for action in list(&statement["Action"]) {
            let action = action.as_str().unwrap();
            if statement["Effect"] == "Allow"
                && (action.starts_with("dynamodb:") || action.starts_with("secretsmanager:"))
            {
                for resource in list(&statement["Resource"]) {
                    let new = granted.insert(format!("{action} on {}", said(resource)));
                    assert!(new, "{} may {action} on {} twice", function.program, said(resource));
                }
            }
        }
    }
    granted
}

/// A resource of a policy in the words of `store::access`.
fn said(resource: &Value) -> String {
    const SECRETS: &str =
        "arn:${AWS::Partition}:secretsmanager:*:${AWS::AccountId}:secret:${SecretNamePrefix}*";
    if let Some(table) = referred(resource) {
        return kind(table).unwrap_or_else(|| panic!("{table} is no table"));
    }
    match resource["Fn::Sub"].as_str() {
        Some(SECRETS) => "secrets".to_owned(),
        Some(text) => {
            let index = text.strip_prefix("${").and_then(|text| text.split_once(".Arn}/index/"));
            let (table, index) = index.unwrap_or_else(|| panic!("{text} is no index of a table"));
            format!("{}/index/{index}", kind(table).unwrap())
        }
        None => panic!("{resource} is no table, index or secret of the template"),
    }
}

#[test]
fn a_role_permits_what_the_code_calls_and_no_more() {
    let stack = Stack::read();
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let needed: BTreeSet<_> =
            source::permissions(function.program).iter().map(ToString::to_string).collect();
        let granted = granted(&stack, &function);
        let program = function.program;
        wrong.extend(needed.difference(&granted).map(|call| format!("{program} calls {call}, and may not")));
        wrong.extend(
            granted.difference(&needed).map(|call| format!("{program} may {call}, and never calls it")),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_functions_that_call_upstreams_read_secrets() {
    let stack = Stack::read();
    let readers = stack.functions().into_iter();
    let readers =
        readers.filter(|function| granted(&stack, function).iter().any(|call| call.ends_with("secrets")));
    assert_eq!(readers.map(|function| function.program).collect::<Vec<_>>(), ["agent-invoke", "portal-test"]);
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let stack = Stack::read();
    let roles: BTreeSet<_> =
        stack.functions().iter().map(|function| referred(&function.properties["Role"]).unwrap()).collect();
    assert_eq!(roles.len(), stack.functions().len());
    assert_eq!(roles, stack.of_type("AWS::IAM::Role").into_keys().collect());
}

#[test]
fn the_derivation_sees_traits_in_fields_of_the_registry_and_those_that_they_join() {
    let agent = source::traits("agent-invoke");
    for (name, from) in [
        ("MarkerReader", "Runtime"),
        ("SecretReader", "Loader, in Runtime"),
        ("StatisticsWriter", "Statistics, in an Arc in Runtime"),
    ] {
        assert!(agent.contains(name), "{name} of {from}");
    }
    let portal = source::traits("portal-connectors");
    assert!(portal.contains("ConnectorStore") && portal.contains("ConnectorWriter"), "{portal:?}");
    assert!(!portal.contains("TestRecorder") && !portal.contains("SecretReader"), "{portal:?}");
}

#[test]
fn a_table_that_a_function_may_use_exists() {
    for function in Stack::read().functions() {
        for permission in source::permissions(function.program) {
            if let store::access::Resource::Table(kind) | store::access::Resource::Index(kind, _) =
                permission.resource
            {
                assert!(TABLES.iter().any(|table| table.kind == kind), "{permission}");
            }
        }
    }
}
