//! A deployment of mode `invpc` with the parameters of a VPC, which has no network here: it deploys, and the
//! platform-wide routes have the rights that they need, the indexes of the table included.

use end_to_end::{Reply, Upstream};
use serde_json::{Value, json};

use crate::stack::Deployment;

const CRM: &str = "/api/v1/connectors/crm";

#[tokio::test]
async fn the_platform_is_managed_by_a_session_of_one_tenant() {
    let network =
        [("VpcSubnetIds", "subnet-0a1b2c3d,subnet-0e1f2a3b"), ("VpcSecurityGroupIds", "sg-0a1b2c3d")];
    let parameters = [[("DeploymentMode", "invpc")].as_slice(), &network].concat();
    let Some(deployed) = Deployment::start_with(&parameters).await else { return };
    let session = deployed.operator.session("platform-team");
    let upstream = Upstream::json("[1]").await;
    let send = async |method: &str, path: &str, body: &Value| -> Reply {
        deployed.portal(method, path).session(&session).json(body).send().await
    };
    for tenant in ["acme", "globex"] {
        // Secrets may be untagged here: the mode's default.
        let request = json!({
            "Name": format!("axonflow/{tenant}/crm"), "SecretString": r#"{"token": "a token"}"#,
            "ClientRequestToken": format!("{tenant:-<40}"),
        });
        let secret = deployed.aws.json("secretsmanager", "secretsmanager.CreateSecret", &request).await;
        let connector = json!({
            "tenant_id": tenant, "connector_name": "crm", "connector_type": "custom",
            "connection_url": upstream.url(), "options": {"auth_type": "bearer"},
            "credentials_secret_arn": secret["ARN"],
        });
        send("POST", "/api/v1/connectors", &connector).await.expect(201);
    }
    let listed = send("GET", "/api/v1/connectors", &Value::Null).await.expect(200).json();
    let tenants: Vec<_> = listed.as_array().unwrap().iter().map(|record| &record["tenant_id"]).collect();
    assert_eq!(tenants, ["acme", "globex"]);
    // By a bare name, which two tenants have, and one of them alone.
    for path in [CRM.to_owned(), format!("{CRM}/test")] {
        let method = if path == CRM { "GET" } else { "POST" };
        let refused = send(method, &path, &json!({})).await.expect(409).json();
        assert_eq!(refused["type"], "urn:axonflow:problem:ambiguous-connector");
    }
    let tested = send("POST", &format!("{CRM}/test?tenant_id=acme"), &json!({"mode": "live"})).await;
    assert_eq!(tested.expect(200).json()["health_status"], "healthy");
    send("PUT", &format!("{CRM}?tenant_id=acme"), &json!({"enabled": false})).await.expect(200);
    deployed.portal("DELETE", &format!("{CRM}?tenant_id=acme")).session(&session).send().await.expect(204);
    send("GET", CRM, &Value::Null).await.expect(200);

    let license = deployed.operator.license("globex");
    let query = deployed.agent("POST", "/mcp/resources/query").header("x-license-key", &license);
    let rows = query.json(&json!({"connector": "crm", "statement": "/"})).send().await.expect(200).json();
    assert_eq!(rows["data"], json!([1]));
}
