use super::support::{faults, find, listed, read};
use proptest::prelude::*;
use serde_json::{Value, json};
use tiers::Entry;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/db-AbCdEf";

fn entry(name: &str, variables: &[(&str, &str)]) -> Option<Entry> {
    find(&read("", variables).unwrap_or_default(), "t", name)
}

fn credentials(entry: Option<Entry>) -> Value {
    let text = entry.and_then(|entry| entry.credentials);
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

#[test]
fn every_setting_arrives_in_the_record() {
    let entry = entry(
        "crm-eu",
        &[
            ("MCP_CRM_EU_TYPE", "custom"),
            ("MCP_CRM_EU_URL", "https://crm.example.com"),
            ("MCP_CRM_EU_TENANT_ID", "t"),
            ("MCP_CRM_EU_TIMEOUT", "5000"),
            ("MCP_CRM_EU_MAX_RETRIES", "1"),
            ("MCP_CRM_EU_SECRET_ARN", ARN),
            ("MCP_CRM_EU_OPTIONS_JSON", r#"{"auth_type":"bearer"}"#),
        ],
    );
    let record = entry.unwrap().record;
    assert_eq!((record.connector_name.as_str(), record.connector_type.as_str()), ("crm-eu", "custom"));
    assert_eq!((record.timeout_ms, record.max_retries, record.enabled), (5_000, 1, true));
    assert_eq!(record.credentials_secret_arn.unwrap().expose(), ARN);
    assert_eq!(record.connection_url.as_deref(), Some("https://crm.example.com"));
    assert_eq!(record.options.text("auth_type"), Some("bearer"));
}

#[test]
fn a_name_that_is_a_type_needs_no_declaration() {
    assert_eq!(credentials(entry("slack", &[("MCP_SLACK_BOT_TOKEN", "xoxb")])), json!({"bot_token": "xoxb"}));
    let other = entry("slack", &[("MCP_SLACK_TYPE", "hubspot"), ("MCP_SLACK_TOKEN", "x")]);
    assert_eq!(other.as_ref().unwrap().record.connector_type.as_str(), "hubspot");
    assert_eq!(credentials(other), json!({"access_token": "x"}));
}

#[test]
fn any_other_name_exists_only_by_its_type() {
    let tiers =
        read("", &[("MCP_CRM_URL", "https://h"), ("MCP_PORT", "1"), ("HOME", "/")]).unwrap_or_default();
    assert!(listed(&tiers, "t").is_empty());
    assert_eq!(tiers.ignored(), ["MCP_CRM_URL", "MCP_PORT"]);
}

#[test]
fn the_longest_declared_name_wins() {
    let both = [
        ("MCP_CRM_TYPE", "custom"),
        ("MCP_CRM_URL", "https://a.example.com"),
        ("MCP_CRM_EU_TYPE", "custom"),
        ("MCP_CRM_EU_URL", "https://b.example.com"),
        ("MCP_CRM_TOKEN", "a"),
        ("MCP_CRM_EU_TOKEN", "b"),
        ("MCP_SLACK_EU_TYPE", "slack"),
        ("MCP_SLACK_EU_BOT_TOKEN", "c"),
    ];
    for (name, token) in [("crm", "a"), ("crm-eu", "b")] {
        assert_eq!(credentials(entry(name, &both)), json!({"token": token}));
    }
    let tiers = read("", &both).unwrap_or_default();
    assert_eq!(listed(&tiers, "t"), ["crm environment", "crm-eu environment", "slack-eu environment"]);
}

#[test]
fn a_name_may_stand_as_it_is_or_in_capitals() {
    for name in ["MCP_crm-eu_TYPE", "MCP_CRM_EU_TYPE", "MCP_crm_eu_TYPE"] {
        assert!(entry("crm-eu", &[(name, "slack")]).is_some(), "{name}");
    }
    let found = faults("", &[("MCP_CRM_EU_TYPE", "slack"), ("MCP_crm-eu_TYPE", "jira")]);
    assert!(found[0].starts_with("MCP_crm-eu_TYPE says the same as MCP_CRM_EU_TYPE"), "{found:?}");
}

#[test]
fn an_empty_variable_counts_as_absent() {
    assert!(entry("slack", &[("MCP_SLACK_BOT_TOKEN", "")]).is_none());
    assert!(entry("a", &[("MCP_A_TYPE", "slack"), ("MCP_A_TIMEOUT", " ")]).is_some());
}

#[test]
fn each_fault_names_its_variable() {
    let custom = ("MCP_A_TYPE", "custom");
    let url = ("MCP_A_URL", "https://h.example.com");
    let slack = ("MCP_A_TYPE", "slack");
    let cases: [(&[(&str, &str)], &str); 15] = [
        (&[("MCP_A_TYPE", "oracle")], "MCP_A_TYPE must be one of postgres"),
        (&[custom], "MCP_A_URL is required for custom"),
        (&[custom, ("MCP_A_URL", "http://h.example.com")], "MCP_A_URL must use https://"),
        (&[slack, ("MCP_A_TIMEOUT", "5s")], "MCP_A_TIMEOUT must be an integer from 100 to 120000"),
        (&[slack, ("MCP_A_TIMEOUT", "99")], "MCP_A_TIMEOUT must be an integer from 100 to 120000"),
        (&[slack, ("MCP_A_MAX_RETRIES", "11")], "MCP_A_MAX_RETRIES must be an integer from 0 to 10"),
        (&[slack, ("MCP_A_TENANT_ID", "a/b")], "MCP_A_TENANT_ID must be 1 to 100"),
        (&[slack, ("MCP_A_SECRET_ARN", "x")], "MCP_A_SECRET_ARN must be a Secrets Manager ARN"),
        (&[slack, ("MCP_A_OPTIONS_JSON", "{")], "MCP_A_OPTIONS_JSON is not valid JSON"),
        (&[slack, ("MCP_A_OPTIONS_JSON", "[]")], "MCP_A_OPTIONS_JSON must be an object"),
        (
            &[slack, ("MCP_A_OPTIONS_JSON", r#"{"token":1}"#)],
            "MCP_A_OPTIONS_JSON has a fault: token names a credential",
        ),
        (
            &[custom, url, ("MCP_A_BOT_TOKEN", "x")],
            "MCP_A_BOT_TOKEN is no setting of the custom connector `a`",
        ),
        (
            &[("MCP_SLACK_EU_BOT_TOKEN", "x")],
            "MCP_SLACK_EU_BOT_TOKEN is no setting of the slack connector `slack`",
        ),
        (&[("MCP__X_TYPE", "slack")], "MCP__X_TYPE declares a connector whose name must be 1 to 63"),
        (&[("MCP_REFRESH_TYPE", "slack")], "MCP_REFRESH_TYPE declares a connector whose name is reserved"),
    ];
    for (variables, expected) in cases {
        let found = faults("", variables);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{variables:?}: {found:?}");
    }
}

#[test]
fn credentials_have_one_place_and_one_spelling() {
    let found = faults("", &[("MCP_SLACK_BOT_TOKEN", "x"), ("MCP_SLACK_SECRET_ARN", ARN)]);
    assert!(
        found[0].starts_with("MCP_SLACK_SECRET_ARN stands beside variables that hold credentials"),
        "{found:?}"
    );
    let found = faults("", &[("MCP_SLACK_BOT_TOKEN", "x"), ("MCP_SLACK_TOKEN", "y")]);
    assert!(found[0].contains("MCP_SLACK_BOT_TOKEN, MCP_SLACK_TOKEN, which mean the same"), "{found:?}");
}

#[test]
fn a_tenants_own_connector_is_nobody_elses() {
    let tiers = read("", &[("MCP_A_TYPE", "slack"), ("MCP_A_TENANT_ID", "acme")]).unwrap_or_default();
    assert!(find(&tiers, "acme", "a").is_some() && find(&tiers, "other", "a").is_none());
}

/// Names made of few words, so that one is often the beginning of another.
fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["A", "B", "EU", "TYPE", "URL"]), 1..4)
        .prop_map(|words| words.join("_"))
}

proptest! {
    #[test]
    fn a_setting_goes_to_the_longest_declared_name(names in prop::collection::btree_set(name(), 1..5)) {
        let types: Vec<_> = names.iter().map(|name| (format!("MCP_{name}_TYPE"), "slack".to_owned())).collect();
        let secrets: Vec<_> = names.iter().map(|name| (format!("MCP_{name}_SIGNING_SECRET"), name.clone())).collect();
        let all: Vec<_> = types.iter().chain(&secrets).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let tiers = read("", &all).unwrap_or_default();
        for name in &names {
            let found = find(&tiers, "t", &name.to_ascii_lowercase().replace('_', "-"));
            prop_assert_eq!(credentials(found), json!({ "signing_secret": name }));
        }
    }
}
