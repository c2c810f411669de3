//! The functions: that all are there, how they are built, and what surrounds them.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::{
    source::{self, path},
    stack::{Stack, referred},
};

fn calls_upstreams(program: &str) -> bool {
    source::traits(program).contains("SecretReader")
}

#[test]
fn every_function_of_the_workspace_is_deployed() {
    let folders = fs::read_dir(path("functions")).unwrap().map(|entry| entry.unwrap());
    let names: BTreeSet<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let stack = Stack::read();
    assert_eq!(
        stack.functions().iter().map(|function| function.program.to_owned()).collect::<BTreeSet<_>>(),
        names
    );
}

#[test]
fn functions_are_built_each_from_its_own_package_for_the_chosen_architecture() {
    let stack = Stack::read();
    for function in stack.functions() {
        assert_eq!(stack.resource(function.id)["Metadata"]["BuildMethod"], "rust-cargolambda");
        // Not from the root, where a function gets the features that the local stack asks of the same libraries.
        assert_eq!(function.properties["CodeUri"], format!("../functions/{}", function.program));
    }
    let all = stack.at("/Globals/Function");
    assert_eq!((&all["Runtime"], &all["Handler"]), (&json!("provided.al2023"), &json!("bootstrap")));
    assert_eq!(all["Architectures"], json!([{"Ref": "Architecture"}]));
    assert_eq!(stack.at("/Parameters/Architecture/Default"), "arm64");
}

/// API Gateway waits 30 seconds, and a call ends by itself half a second before its function does.
#[test]
fn functions_that_call_upstreams_have_the_time_that_the_gateway_leaves_and_no_other_has_more() {
    let stack = Stack::read();
    for function in stack.functions() {
        let timeout = function.properties["Timeout"].as_u64().unwrap();
        assert_eq!(timeout == 30, calls_upstreams(function.program), "{}", function.program);
        assert!(timeout <= 30, "{}", function.program);
    }
}

#[test]
fn the_vpc_and_the_layer_are_for_functions_that_call_upstreams() {
    let stack = Stack::read();
    for function in stack.functions() {
        for property in ["VpcConfig", "Layers"] {
            let given = function.properties.get(property).is_some();
            assert_eq!(given, calls_upstreams(function.program), "{} {property}", function.program);
        }
    }
}

/// Where Lambda reads lines as JSON it drops those below its own level, and metrics have none.
#[test]
fn lambda_takes_the_lines_as_they_are() {
    for function in Stack::read().functions() {
        assert_eq!(function.properties["LoggingConfig"]["LogFormat"], "Text", "{}", function.program);
    }
}

#[test]
fn logs_are_encrypted_outlive_the_stack_and_end() {
    let stack = Stack::read();
    for (id, group) in stack.of_type("AWS::Logs::LogGroup") {
        assert_eq!(stack.resource(id)["DeletionPolicy"], "Retain", "{id}");
        assert_eq!(referred(&group["KmsKeyId"]), Some("Key"), "{id}");
        assert_eq!(referred(&group["RetentionInDays"]), Some("LogRetentionDays"), "{id}");
    }
}

#[test]
fn every_parameter_has_its_place_in_the_console() {
    let stack = Stack::read();
    let groups = stack.at("/Metadata/AWS::CloudFormation::Interface/ParameterGroups").as_array().unwrap();
    let shown = groups.iter().flat_map(|group| group["Parameters"].as_array().unwrap());
    let mut shown: Vec<_> = shown.map(|name| name.as_str().unwrap()).collect();
    let parameters = stack.at("/Parameters").as_object().unwrap();
    let mut declared: Vec<_> = parameters.keys().map(String::as_str).collect();
    shown.sort_unstable();
    declared.sort_unstable();
    assert_eq!(shown, declared);
    assert!(
        parameters.values().all(|parameter| !matches!(parameter.get("Default"), None | Some(Value::Null)))
    );
}

#[test]
fn outputs_tell_urls_functions_and_tables() {
    let stack = Stack::read();
    let outputs = stack.at("/Outputs").as_object().unwrap();
    let told: BTreeSet<_> = outputs.values().map(|output| referred(&output["Value"]).unwrap()).collect();
    for kind in ["AWS::ApiGatewayV2::Api", "AWS::Serverless::Function", "AWS::DynamoDB::Table"] {
        for id in stack.of_type(kind).into_keys() {
            assert!(told.contains(id), "{id}");
        }
    }
}
