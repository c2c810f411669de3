//! Two warm containers see a refresh, and a change through the portal, at once: each obeys with its next call.

use end_to_end::Reply;
use serde_json::{Value, json};

use crate::{meeting::Meeting, stack::Deployment};

const TENANT: &str = "tenant-a";
const CRM: &str = "/api/v1/connectors/crm";

#[tokio::test]
async fn two_warm_containers_obey_a_refresh_and_a_portal_write_with_their_next_calls() {
    // A deployment of its own: another test's call would make a third container.
    let Some(deployed) = Deployment::start().await else { return };
    let session = deployed.operator.session(TENANT);
    let license = deployed.operator.license(TENANT);
    let meeting = Meeting::of(2).await;
    let secret = deployed.secret("axonflow/tenant-a/crm", TENANT, r#"{"token": "the first"}"#).await;
    let connector = json!({
        "connector_name": "crm", "connector_type": "custom", "connection_url": format!("{}/one", meeting.url),
        "options": {"auth_type": "bearer"}, "credentials_secret_arn": secret,
    });
    let made = deployed.portal("POST", "/api/v1/connectors").session(&session).json(&connector);
    made.send().await.expect(201);

    // Two calls at the upstream at the same time are two containers.
    let both = async || {
        let query = || {
            let call = deployed.agent("POST", "/mcp/resources/query").header("x-license-key", &license);
            call.json(&json!({"connector": "crm", "statement": "/"})).send()
        };
        let (one, other) = tokio::join!(query(), query());
        for reply in [one, other] {
            reply.expect(200);
        }
        meeting.take()
    };
    let arrival = |path: &str, token: &str| (path.to_owned(), format!("Bearer {token}"));
    assert_eq!(both().await, [arrival("/one/", "the first"), arrival("/one/", "the first")]);
    assert_eq!(instances(&deployed, &license).await, 2);

    let rotated = json!({
        "SecretId": secret, "SecretString": r#"{"token": "the second"}"#,
        "ClientRequestToken": "22222222-2222-4222-8222-222222222222",
    });
    deployed.aws.json("secretsmanager", "secretsmanager.PutSecretValue", &rotated).await;
    let path = format!("/api/v1/connectors/refresh/{TENANT}/crm");
    deployed.agent("POST", &path).header("x-license-key", &license).send().await.expect(200);
    assert_eq!(both().await, [arrival("/one/", "the second"), arrival("/one/", "the second")]);

    let change = json!({"connection_url": format!("{}/two", meeting.url)});
    deployed.portal("PUT", CRM).session(&session).json(&change).send().await.expect(200);
    assert_eq!(both().await, [arrival("/two/", "the second"), arrival("/two/", "the second")]);

    // The same two: a third would have told its figures with its first call.
    assert_eq!(instances(&deployed, &license).await, 2);
}

async fn instances(deployed: &Deployment, license: &str) -> u64 {
    let call = deployed.agent("GET", "/api/v1/connectors/cache/stats").header("x-license-key", license);
    let stats: Value = Reply::json(&call.send().await.expect(200));
    stats["instances"].as_u64().expect("a number")
}
