//! Each function is given the variables that its code reads, and no other.

use std::collections::{BTreeMap, BTreeSet};

use boot::Settings;
use serde_json::{Map, Value};

use crate::{
    settings,
    stack::{Function, Stack, kind, referred},
};

fn variables<'a>(function: &Function<'a>) -> &'a Map<String, Value> {
    function.properties["Environment"]["Variables"].as_object().unwrap()
}

/// The value of a variable where the deployment gives its parameters these values, and the others their defaults.
fn value(stack: &Stack, value: &Value, given: &BTreeMap<&str, String>) -> String {
    let name = referred(value).or_else(|| referred(&value["Fn::Join"][1])).expect("a reference");
    if kind(name).is_some() {
        return format!("stack-{name}");
    }
    given.get(name).cloned().unwrap_or_else(|| match stack.at(&format!("/Parameters/{name}/Default")) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// What a function makes of its variables at its start.
fn start(stack: &Stack, function: &Function<'_>, given: &BTreeMap<&str, String>) -> Result<Settings, String> {
    let lookup = |name: &str| Some(value(stack, variables(function).get(name)?, given));
    Settings::from_lookup(lookup).map_err(|error| error.to_string())
}

#[test]
fn a_function_is_given_what_it_reads_and_nothing_else() {
    let stack = Stack::read();
    let mut wrong = Vec::new();
    for function in stack.functions() {
        let given: BTreeSet<_> = variables(&function).keys().cloned().collect();
        let read = settings::read_by(function.program);
        let program = function.program;
        wrong.extend(read.difference(&given).map(|name| format!("{program} reads {name}, which is not set")));
        wrong.extend(
            given.difference(&read).map(|name| format!("{name} is set, and {program} never reads it")),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_derivation_follows_settings_through_boot_and_local_values() {
    let agent = settings::read_by("agent-invoke");
    // Named in the function; in Boot; in the reading of the tiers; in a local value that the default depends on.
    for name in
        ["CONNECTOR_CACHE_TTL_MS", "EGRESS_CA_FILE", "AXONFLOW_CONFIG_FILE", "DEPLOYMENT_MODE", "LOG_LEVEL"]
    {
        assert!(agent.contains(name), "{name}: {agent:?}");
    }
    let refresh = settings::read_by("agent-refresh");
    let expected =
        ["CACHE_STATS_TABLE", "GENERATIONS_TABLE", "LICENSES_TABLE", "LICENSE_PUBLIC_KEYS", "LOG_LEVEL"];
    assert_eq!(refresh, expected.map(str::to_owned).into());
}

#[test]
fn a_tables_variable_names_the_table_of_its_kind() {
    let stack = Stack::read();
    for function in stack.functions() {
        for (name, value) in variables(&function) {
            if let Some(table) = name.strip_suffix("_TABLE") {
                let found = referred(value).and_then(kind);
                assert_eq!(found, Some(table.to_ascii_lowercase()), "{} {name}", function.program);
            }
        }
    }
}

#[test]
fn every_function_starts_with_the_defaults() {
    let stack = Stack::read();
    for function in stack.functions() {
        start(&stack, &function, &BTreeMap::new()).map(drop).unwrap();
    }
}

#[test]
fn a_parameter_takes_what_its_function_takes_and_no_more() {
    let stack = Stack::read();
    let agent = stack.function("agent-invoke");
    let takes =
        |name, value: &str| start(&stack, &agent, &BTreeMap::from([(name, value.to_owned())])).is_ok();
    for name in ["DeploymentMode", "LogLevel", "SecretTenantTag"] {
        for word in stack.at(&format!("/Parameters/{name}/AllowedValues")).as_array().unwrap() {
            assert!(takes(name, word.as_str().unwrap()), "{name} {word}");
        }
        assert!(!takes(name, "otherwise"), "{name}");
    }
    for name in ["CacheTtlMs", "CacheCapacity"] {
        let bound = |bound: &str| stack.at(&format!("/Parameters/{name}/{bound}")).as_i64().unwrap();
        let (least, most) = (bound("MinValue"), bound("MaxValue"));
        let answers = [least - 1, least, most, most + 1].map(|number| takes(name, &number.to_string()));
        assert_eq!(answers, [false, true, true, false], "{name}");
    }
}

#[test]
fn origins_are_the_same_for_the_browser_and_for_the_functions() {
    let stack = Stack::read();
    let cors = &stack.resource("PortalApi")["Properties"]["CorsConfiguration"]["Fn::If"];
    assert_eq!(cors[0], "HasOrigins");
    assert_eq!(referred(&cors[1]["AllowOrigins"]), Some("PortalAllowedOrigins"));
    assert_eq!(cors[1]["AllowCredentials"], true);
    for program in ["portal-connectors", "portal-test"] {
        let function = stack.function(program);
        let origins = &variables(&function)["PORTAL_ALLOWED_ORIGINS"]["Fn::Join"];
        assert_eq!((&origins[0], referred(&origins[1])), (&",".into(), Some("PortalAllowedOrigins")));
    }
    assert_eq!(stack.resource("AgentApi")["Properties"].get("CorsConfiguration"), None);
}
