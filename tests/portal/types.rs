//! Which types the portal manages.

use end_to_end::World;
use model::connector_type::ConnectorType;
use serde_json::{Value, json};

use crate::{
    given::{MODES, slack, with},
    user::User,
};

/// The seven types of the portal, each with a URL that fits it.
const MANAGED: [(&str, &str); 7] = [
    ("postgres", "postgres://db.example.com/app"),
    ("cassandra", "cassandra://node1.example.com,node2.example.com:9043/keyspace"),
    ("salesforce", "https://example.my.salesforce.com"),
    ("amadeus", "https://api.amadeus.example.com"),
    ("slack", "https://slack.com"),
    ("snowflake", "finance-org.us-east-1.snowflakecomputing.com"),
    ("custom", "https://example.com/api"),
];
const RUNTIME_ONLY: [&str; 3] = ["hubspot", "jira", "servicenow"];

fn of_type(kind: &str, url: &str) -> Value {
    json!({"connector_name": kind, "connector_type": kind, "connection_url": url})
}

#[tokio::test]
async fn the_portal_manages_seven_types() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for (kind, url) in MANAGED {
        assert_eq!(user.created(&of_type(kind, url)).await["connector_type"], kind);
    }
}

#[tokio::test]
async fn a_runtime_type_is_refused_with_the_reason_and_the_list() {
    for mode in MODES {
        let world = World::start(mode).await;
        for kind in RUNTIME_ONLY {
            let reply = User::of(&world, "tenant-a").create(&of_type(kind, "https://example.com")).await;
            let problem = reply.problem(422, "invalid-body");
            assert_eq!(reply.pointers(), ["/connector_type"]);
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(
                detail.contains(&format!("{kind} is runtime-supported but not portal-managed")),
                "{detail}"
            );
            for (managed, _) in MANAGED {
                assert!(detail.contains(managed), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn a_deployment_opens_runtime_types_one_by_one() {
    let world = World::saas().await;
    let open = world.variant(|boot| boot.settings.extra_types = vec![ConnectorType::Hubspot]).await;
    let user = User::of(&world, "tenant-a").at(&open);
    let hubspot = json!({"connector_name": "crm", "connector_type": "hubspot"});
    assert_eq!(user.created(&hubspot).await["connector_type"], "hubspot");
    let jira = user.create(&of_type("jira", "https://example.com")).await;
    let problem = jira.problem(422, "invalid-body");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("hubspot"), "{problem}");
    // A record of an opened type is managed like any other.
    assert_eq!(user.update("crm", &json!({"timeout_ms": 500})).await.expect(200).json()["timeout_ms"], 500);
    assert_eq!(user.test("crm").await.expect(200).json()["success"], true);
}

#[tokio::test]
async fn an_unknown_type_is_told_the_known_ones() {
    let world = World::saas().await;
    for word in [json!("oracle"), json!("Postgres"), json!(""), json!(1)] {
        let reply = User::of(&world, "tenant-a").create(&with(slack("a"), "connector_type", word)).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/connector_type"]);
    }
}
