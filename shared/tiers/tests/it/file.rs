use super::support::{connectors, faults, find, read};
use proptest::prelude::*;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/db-AbCdEf";

#[test]
fn every_setting_arrives_in_the_record() {
    let file = connectors(&format!(
        "  db:\n    type: postgres\n    enabled: true\n    display_name: 2024\n    description: |\n      two\n      lines\n\
         \x20   connection_url: postgres://db.example.com/app\n    credentials_secret_arn: {ARN}\n\
         \x20   options: {{pool: 3, note: '3'}}\n    timeout_ms: 5000\n    max_retries: 0\n    tenant_id: 0042\n"
    ));
    let entry = find(&read(file, &[]).unwrap_or_default(), "0042", "db").unwrap();
    let record = entry.record;
    assert_eq!((record.tenant_id.as_str(), record.connector_name.as_str()), ("0042", "db"));
    assert_eq!((record.display_name.as_str(), record.description.as_deref()), ("2024", Some("two\nlines\n")));
    assert_eq!(record.connection_url.as_deref(), Some("postgres://db.example.com/app"));
    assert_eq!(record.credentials_secret_arn.unwrap().expose(), ARN);
    assert_eq!(serde_json::to_value(&record.options).unwrap(), json!({"pool": 3, "note": "3"}));
    assert_eq!((record.timeout_ms, record.max_retries, record.enabled, record.version), (5_000, 0, true, 1));
    assert!(entry.credentials.is_none() && record.id.is_nil());
}

#[test]
fn a_type_is_enough_and_leaves_the_connector_disabled() {
    let tiers = read(connectors("  chat: {type: hubspot}\n"), &[]).unwrap_or_default();
    let record = find(&tiers, "anyone", "chat").unwrap().record;
    assert!(!record.enabled);
    assert_eq!((record.timeout_ms, record.max_retries, record.display_name.as_str()), (30_000, 3, "chat"));
}

#[test]
fn all_ten_types_are_taken() {
    let entries: Vec<_> = model::connector_type::ConnectorType::ALL
        .iter()
        .map(|kind| {
            let url = match kind.as_str() {
                "postgres" => "postgres://h/d",
                "cassandra" => "cassandra://h/k",
                _ => "https://h.example.com",
            };
            format!("  c-{kind}: {{type: {kind}, connection_url: '{url}'}}\n")
        })
        .collect();
    assert_eq!(
        read(connectors(&entries.concat()), &[]).unwrap_or_default().of_tenant(&"t".parse().unwrap()).len(),
        10
    );
}

#[test]
fn credentials_become_the_json_of_a_secret_as_they_were_written() {
    let file = connectors(
        "  db:\n    type: custom\n    connection_url: https://h.example.com\n    credentials:\n      token: ${T}\n\
         \x20     port: 05432\n      flag: true\n      pem: |\n        a\n        b\n      none: ''\n",
    );
    let entry = find(&read(file, &[("T", "a\"$$b")]).unwrap_or_default(), "t", "db").unwrap();
    let json: Value = serde_json::from_str(&entry.credentials.unwrap()).unwrap();
    let expected = json!({"token": "a\"$$b", "port": "05432", "flag": "true", "pem": "a\nb\n", "none": ""});
    assert_eq!(json, expected);
}

#[test]
fn a_variable_fills_numbers_and_truth_values_too() {
    let file = connectors(
        "  a:\n    type: slack\n    enabled: ${ON}\n    timeout_ms: \"${T:-5000}\"\n    max_retries: ${R:-2}\n",
    );
    let record =
        find(&read(file, &[("ON", "true"), ("R", "7")]).unwrap_or_default(), "t", "a").unwrap().record;
    assert_eq!((record.enabled, record.timeout_ms, record.max_retries), (true, 5_000, 7));
}

#[test]
fn a_missing_or_foreign_version_is_said() {
    assert_eq!(
        faults("connectors:\n", &[]),
        ["axonflow.yaml:1: version is required: write version: \"1.0\""]
    );
    assert_eq!(faults("# nothing\n", &[]), ["axonflow.yaml:1: version is required: write version: \"1.0\""]);
    assert_eq!(faults("\nversion: 2\n", &[]), ["axonflow.yaml:2: version must be \"1.0\""]);
    for version in ["1.0", "'1.0'", "\"1.0\""] {
        assert!(read(format!("version: {version}\n"), &[]).is_ok());
    }
    assert_eq!(faults("- a\n", &[]), ["axonflow.yaml:1: must be a map with `version` and `connectors`"]);
}

/// What a connector's lines lead to; its first line is the third of the file.
fn faults_of(lines: &str) -> Vec<String> {
    let file =
        connectors(&format!("  a:\n    type: slack\n{}", lines.replace('|', "\n").replace('~', "    ")));
    faults(file, &[]).into_iter().map(|line| line.replace("axonflow.yaml:", "")).collect()
}

#[test]
fn each_fault_names_its_line_and_key() {
    for (lines, expected) in [
        ("~enabled: yes", "5: connectors.a.enabled must be true or false"),
        ("~timeout_ms: 99", "5: connectors.a.timeout_ms must be an integer from 100 to 120000"),
        ("~timeout_ms: 5s", "5: connectors.a.timeout_ms must be an integer from 100 to 120000"),
        ("~max_retries: 11", "5: connectors.a.max_retries must be an integer from 0 to 10"),
        ("~timout_ms: 100", "5: connectors.a.timout_ms is not a known key; did you mean `timeout_ms`?"),
        ("~tenant_id: a/b", "5: connectors.a.tenant_id must be 1 to 100"),
        ("~name: A", "5: connectors.a.name must be 1 to 63"),
        ("~name: refresh", "5: connectors.a.name is reserved"),
        ("~display_name: ''", "5: connectors.a.display_name must not be blank"),
        ("~display_name: [a]", "5: connectors.a.display_name must be a single value"),
        ("~connection_url: http://h.example.com", "5: connectors.a.connection_url must use https://"),
        ("~description: ${NOPE}", "5: connectors.a.description needs the variable NOPE, which is not set"),
        (
            "~credentials_secret_arn: x",
            "5: connectors.a.credentials_secret_arn must be a Secrets Manager ARN",
        ),
        ("~credentials: x", "5: connectors.a.credentials must map names to values"),
        ("~credentials:|~  k: [v]", "6: connectors.a.credentials.k must be a single value"),
        ("~credentials:|~  k:", "6: connectors.a.credentials.k has no value"),
        ("~credentials:|~  k: ${NOPE}", "6: connectors.a.credentials.k needs the variable NOPE"),
        (
            "~credentials:|~  k: v|~  k: w",
            "7: connectors.a.credentials.k stands twice; the first is on line 6",
        ),
        ("~options: []", "5: connectors.a.options must be an object"),
        ("~options:|~  b: {Token: x}", "6: connectors.a.options.b.Token names a credential"),
        ("~options:|~  b:|~    - 1|~    - {pwd: x}", "8: connectors.a.options.b.1.pwd names a credential"),
        ("~options:|~  c: ${NOPE}", "6: connectors.a.options.c needs the variable NOPE"),
        ("~options: {read_only: ${NOPE:-true}}", "is not valid YAML"),
        ("~options:|~  read_only: ${NOPE:-true}", "6: connectors.a.options.read_only must be true or false"),
        ("~type: jira", "5: connectors.a.type stands twice; the first is on line 4"),
        ("  a: {type: jira}", "5: connectors.a stands twice; the first is on line 3"),
        ("  b: {type: oracle}", "5: connectors.b.type must be one of postgres, cassandra"),
        ("  b: {enabled: true}", "5: connectors.b.type is required"),
        ("  b: slack", "5: connectors.b must be a map of settings"),
        ("  b: {type: postgres}", "5: connectors.b.connection_url is required for postgres"),
        ("  Beta: {type: slack}", "5: connectors.Beta must be 1 to 63"),
        ("  b: {type: slack, name: a}", "5: connectors.b declares the connector of line 3 once more"),
        ("connector: {}", "5: connector is not a known key; did you mean `connectors`?"),
        ("metadata: {}", "5: metadata is not a known key; known are version, connectors"),
    ] {
        let found = faults_of(lines);
        assert!(found.len() == 1 && found[0].contains(expected), "{lines}: {found:?}");
    }
}

#[test]
fn a_credential_in_the_wrong_place_is_pointed_to_the_right_ones() {
    let found = faults_of("~options: {token: x}");
    assert!(
        found[0].ends_with("set `credentials_secret_arn`, or write it under `credentials` of this file"),
        "{found:?}"
    );
}

#[test]
fn credentials_have_one_place() {
    let found = faults_of(&format!("~credentials: {{bot_token: x}}|~credentials_secret_arn: {ARN}"));
    assert_eq!(
        found,
        ["6: connectors.a.credentials_secret_arn stands beside `credentials`; a connector has one of them"]
    );
}

#[test]
fn a_credential_field_larger_than_a_secret_is_refused() {
    let found =
        |n: usize| faults_of(&format!("~credentials: {{k: {}}}", "x".repeat(n - r#"{"k":""}"#.len())));
    assert!(found(65_536).is_empty());
    assert_eq!(found(65_537), ["5: connectors.a.credentials are more than 65536 bytes as JSON"]);
}

#[test]
fn every_fault_is_named_at_once_in_the_order_of_the_file() {
    let file = "version: '9'\nconnectors:\n  b: {type: nope, colour: red}\n  a:\n    type: jira\n    timeout_ms: 1\n\
                    \x20   description: ${NOPE}\nextra: 1\n";
    let found = faults(file, &[("MCP_X_TYPE", "nope")]);
    let places: Vec<_> =
        found.iter().map(|fault| fault.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        places,
        [
            "axonflow.yaml:1: version",
            "axonflow.yaml:3: connectors.b.colour",
            "axonflow.yaml:3: connectors.b.type",
            "axonflow.yaml:4: connectors.a.connection_url",
            "axonflow.yaml:6: connectors.a.timeout_ms",
            "axonflow.yaml:7: connectors.a.description",
            "axonflow.yaml:8: extra",
            "MCP_X_TYPE must",
        ]
    );
}

#[test]
fn two_tenants_and_everyone_can_each_have_a_connector_of_one_name() {
    let file = connectors(
        "  x: {name: crm, tenant_id: acme, type: slack, display_name: A}\n  y: {name: crm, tenant_id: globex, type: slack, \
         display_name: G}\n  crm: {type: slack, display_name: all}\n",
    );
    let tiers = read(file, &[]).unwrap_or_default();
    let names = ["acme", "globex", "other"].map(|tenant| {
        let record = find(&tiers, tenant, "crm").unwrap().record;
        (record.tenant_id.to_string(), record.display_name)
    });
    let expected = [("acme", "A"), ("globex", "G"), ("other", "all")];
    assert_eq!(names, expected.map(|(tenant, name)| (tenant.to_owned(), name.to_owned())));
}

#[test]
fn an_alias_saves_repeating_a_value() {
    let file = connectors("  a: {type: slack, options: &o {x: 1}}\n  b: {type: slack, options: *o}\n");
    let record = find(&read(file, &[]).unwrap_or_default(), "t", "b").unwrap().record;
    assert_eq!(record.options.get("x"), Some(&json!(1)));
}

proptest! {
    #[test]
    fn what_a_variable_holds_only_ever_lands_in_its_own_value(value in "(\\PC|\n){0,40}|.*\n    enabled: false.*") {
        let file = connectors("  a:\n    type: slack\n    enabled: true\n    description: ${V}\n");
        let record = find(&read(file, &[("V", &value)]).unwrap_or_default(), "t", "a").unwrap().record;
        prop_assert_eq!(record.description, Some(value));
        prop_assert!(record.enabled);
    }
}
