use super::support::{find, listed, read};

const EXAMPLE: &str = include_str!("../../../../infra/axonflow.example.yaml");

#[test]
fn the_example_is_a_file_that_starts() {
    let tiers = read(EXAMPLE, &[("SLACK_BOT_TOKEN", "xoxb-1")]).unwrap_or_default();
    assert_eq!(listed(&tiers, "acme"), ["crm-primary file", "support-chat file", "warehouse file"]);
    let warehouse = find(&tiers, "acme", "warehouse").unwrap().record;
    assert_eq!((warehouse.enabled, warehouse.timeout_ms, warehouse.max_retries), (true, 5_000, 2));
    let kinds =
        ["acme", "globex"].map(|tenant| find(&tiers, tenant, "crm-primary").unwrap().record.connector_type);
    assert_eq!(kinds.map(model::connector_type::ConnectorType::as_str), ["salesforce", "custom"]);
    assert!(find(&tiers, "other", "crm-primary").is_none());
}
