//! Which entry a call means.

use super::support::{connectors, find, listed, read};

const BOTH: [(&str, &str); 4] = [
    ("MCP_CRM_TYPE", "hubspot"),
    ("MCP_CRM_TENANT_ID", "acme"),
    ("MCP_SLACK_BOT_TOKEN", "x"),
    ("MCP_ZED_TYPE", "slack"),
];

#[test]
fn the_file_comes_before_the_environment_even_where_the_environment_means_the_tenant() {
    let file = connectors("  crm: {type: jira, connection_url: 'https://j.example.com', enabled: true}\n");
    let tiers = read(file, &BOTH).unwrap_or_default();
    assert_eq!(find(&tiers, "acme", "crm").unwrap().record.connector_type.as_str(), "jira");
}

#[test]
fn a_disabled_entry_of_the_file_shadows_the_environments() {
    let tiers = read(connectors("  crm: {type: slack, enabled: false}\n"), &BOTH).unwrap_or_default();
    let entry = find(&tiers, "acme", "crm").unwrap();
    assert_eq!((entry.source.as_str(), entry.record.enabled), ("file", false));
}

#[test]
fn another_tenants_entry_of_the_file_shadows_nothing() {
    let tiers = read(connectors("  crm: {type: slack, tenant_id: other}\n"), &BOTH).unwrap_or_default();
    assert_eq!(find(&tiers, "acme", "crm").unwrap().source.as_str(), "environment");
    assert!(find(&tiers, "third", "crm").is_none());
}

#[test]
fn a_list_holds_each_name_once_and_sorted() {
    let file =
        connectors("  zed: {type: slack}\n  mid: {type: slack}\n  own: {type: slack, tenant_id: acme}\n");
    let tiers = read(file, &BOTH).unwrap_or_default();
    assert_eq!(
        listed(&tiers, "acme"),
        ["crm environment", "mid file", "own file", "slack environment", "zed file"]
    );
    assert_eq!(listed(&tiers, "other"), ["mid file", "slack environment", "zed file"]);
}

#[test]
fn without_a_file_and_variables_there_is_nothing() {
    assert!(listed(&read("", &[]).unwrap_or_default(), "t").is_empty());
}
