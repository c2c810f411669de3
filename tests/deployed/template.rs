//! The template deploys whole, and its outputs name what is there.

use serde_json::json;

use crate::stack::Deployment;

#[tokio::test]
async fn every_resource_of_the_template_is_made() {
    let Some(deployed) = Deployment::shared().await else { return };
    let unmade = deployed.resources.iter().filter(|(_, state)| *state != "CREATE_COMPLETE");
    assert_eq!(unmade.collect::<Vec<_>>(), []);
    for name in ["PortalConnectors", "AgentApi", "AgentDefaultRoute", "AuditTable", "AgentInvokeRole", "Key"]
    {
        assert!(deployed.resources.contains_key(name), "{name}: {:?}", deployed.resources);
    }
}

#[tokio::test]
async fn the_outputs_name_the_tables_and_functions_that_are_there() {
    let Some(deployed) = Deployment::shared().await else { return };
    for kind in ["Connectors", "Generations", "Sessions", "Audit", "CacheStats", "Licenses"] {
        let name = deployed.output(&format!("{kind}TableName"));
        let request = json!({"TableName": name});
        let table = deployed.aws.json("dynamodb", "DynamoDB_20120810.DescribeTable", &request).await;
        assert_eq!(table["Table"]["TableStatus"], "ACTIVE", "{table}");
    }
    for function in ["PortalConnectors", "PortalTest", "AgentInvoke", "AgentRefresh", "CacheStats"] {
        let function = deployed.configuration(function).await;
        assert_eq!(
            (&function["Runtime"], &function["Architectures"]),
            (&json!("provided.al2023"), &json!(["x86_64"])),
            "{function}"
        );
    }
}
