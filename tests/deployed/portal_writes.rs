//! A change through the portal is seen by the agent's next call, over two functions, two APIs and one table.

use end_to_end::{Reply, Upstream};
use serde_json::{Value, json};

use crate::stack::Deployment;

const TENANT: &str = "tenant-writes";
const CRM: &str = "/api/v1/connectors/crm";

#[tokio::test]
async fn updates_disabling_and_deletion_are_seen_by_the_next_call() {
    let Some(deployed) = Deployment::shared().await else { return };
    let session = deployed.operator.session(TENANT);
    let license = deployed.operator.license(TENANT);
    let (old, new) = (Upstream::json("[1]").await, Upstream::json("[2]").await);
    let secret = deployed.secret("axonflow/tenant-writes/crm", TENANT, r#"{"token": "a token"}"#).await;
    let write = async |method: &str, path: &str, body: &Value, status: u16| -> Reply {
        deployed.portal(method, path).session(&session).json(body).send().await.expect(status)
    };
    let query = async || {
        let call = deployed.agent("POST", "/mcp/resources/query").header("x-license-key", &license);
        call.json(&json!({"connector": "crm", "statement": "/"})).send().await
    };

    assert_eq!(query().await.status, 404);
    let connector = json!({
        "connector_name": "crm", "connector_type": "custom", "connection_url": old.url(),
        "options": {"auth_type": "bearer"}, "credentials_secret_arn": secret,
    });
    write("POST", "/api/v1/connectors", &connector, 201).await;
    assert_eq!(query().await.expect(200).json()["data"], json!([1]));
    write("PUT", CRM, &json!({"connection_url": new.url()}), 200).await;
    assert_eq!(query().await.expect(200).json()["data"], json!([2]));
    write("PUT", CRM, &json!({"enabled": false}), 200).await;
    assert_eq!(query().await.expect(409).json()["type"], "urn:axonflow:problem:connector-disabled");
    write("PUT", CRM, &json!({"enabled": true}), 200).await;
    assert_eq!(query().await.expect(200).json()["data"], json!([2]));
    deployed.portal("DELETE", CRM).session(&session).send().await.expect(204);
    assert_eq!(query().await.expect(404).json()["type"], "urn:axonflow:problem:connector-not-found");
    assert_eq!((old.seen().len(), new.seen().len()), (1, 2));
}
