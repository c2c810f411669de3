//! The live test of the vendors' connectors: what is wrong with the host, the secret, the token and its rights shows at
//! four different stages, each with what to do.

use end_to_end::World;
use model::clock::{Clock, SystemClock};
use model::connector_type::ConnectorType;
use serde_json::{Value, json};
use stand_ins::{
    StandIn,
    amadeus::{self, Amadeus},
    hubspot::{HubSpot, PRIVATE_TOKEN},
    jira::{CLOUD_ID, Jira, SCOPED_TOKEN},
    salesforce::Salesforce,
    servicenow::ServiceNow,
    slack::Slack,
};

use crate::{
    live_test::{STAGES, check, failed_at, live, result},
    user::User,
};

/// A vendor's stand-in, and what a tenant has for it.
struct Vendor {
    kind: ConnectorType,
    url: String,
    options: Value,
    secret: Value,
    /// What the vendor takes away: what was issued or given, and then a right.
    revoke: Box<dyn Fn()>,
    narrow: Box<dyn Fn()>,
    /// A part of what is said where the right lacks.
    lacks: &'static str,
}

async fn amadeus() -> Vendor {
    let stand_in = std::sync::Arc::new(StandIn::start_with(Amadeus::new).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Amadeus,
        url: stand_in.url(),
        options: json!({}),
        secret: json!({"client_id": amadeus::CLIENT.0, "client_secret": amadeus::CLIENT.1}),
        revoke: Box::new(move || revoked.vendor(Amadeus::revoke_client)),
        narrow: Box::new(move || narrowed.vendor(|amadeus| amadeus.forbid("/v1/reference-data/locations"))),
        lacks: "lack a right",
    }
}

async fn hubspot() -> Vendor {
    let stand_in = std::sync::Arc::new(StandIn::start_with(HubSpot::new).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Hubspot,
        url: stand_in.url(),
        options: json!({}),
        secret: json!({"access_token": PRIVATE_TOKEN}),
        revoke: Box::new(move || revoked.vendor(HubSpot::revoke_app)),
        narrow: Box::new(move || narrowed.vendor(|hubspot| hubspot.lose_scope("oauth"))),
        lacks: "oauth",
    }
}

async fn jira() -> Vendor {
    let stand_in = std::sync::Arc::new(StandIn::start_with(Jira::new).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Jira,
        url: stand_in.url(),
        options: json!({"cloud_id": CLOUD_ID, "gateway_url": stand_in.url()}),
        secret: json!({"token": SCOPED_TOKEN}),
        revoke: Box::new(move || revoked.vendor(Jira::revoke_tokens)),
        narrow: Box::new(move || narrowed.vendor(|jira| jira.lose_scope("read:jira-user"))),
        lacks: "scope does not match",
    }
}

async fn salesforce() -> Vendor {
    let now = || SystemClock.now().epoch_seconds();
    let stand_in = std::sync::Arc::new(StandIn::start_with(|url| Salesforce::new(url, now)).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Salesforce,
        url: stand_in.url(),
        options: json!({}),
        secret: json!({"consumerKey": "3MVG9.consumer", "consumerSecret": "consumer+secret/1"}),
        revoke: Box::new(move || revoked.vendor(|salesforce| salesforce.app.secret.push('x'))),
        narrow: Box::new(move || narrowed.vendor(|salesforce| salesforce.api_enabled = false)),
        lacks: "API_DISABLED_FOR_ORG",
    }
}

async fn servicenow() -> Vendor {
    let stand_in = std::sync::Arc::new(StandIn::start_with(ServiceNow::new).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Servicenow,
        url: stand_in.url(),
        options: json!({}),
        secret: json!({"api_key": "now_key_of_ops"}),
        revoke: Box::new(move || revoked.vendor(|instance| instance.access.keys.clear())),
        narrow: Box::new(move || narrowed.vendor(|instance| instance.access.in_scope = false)),
        lacks: "Access to unscoped api is not allowed",
    }
}

async fn slack() -> Vendor {
    let stand_in = std::sync::Arc::new(StandIn::start_with(|url| Slack::new(url, "xoxb-1-good")).await);
    let (revoked, narrowed) = (stand_in.clone(), stand_in.clone());
    Vendor {
        kind: ConnectorType::Slack,
        url: format!("{}/api", stand_in.url()),
        options: json!({"allowed_operations": ["post_message"]}),
        secret: json!({"bot_token": "xoxb-1-good"}),
        revoke: Box::new(move || revoked.vendor(|slack| slack.refuse_tokens("token_revoked"))),
        narrow: Box::new(move || narrowed.vendor(|slack| slack.lose_scope("chat:write"))),
        lacks: "chat:write",
    }
}

impl Vendor {
    /// Creates a connector and tests it.
    async fn tested(&self, world: &World, user: &User, name: &str, url: &str, secret: &Value) -> Value {
        let arn = world.create_secret(&format!("axonflow/{name}"), "tenant-a", &secret.to_string()).await;
        let body = json!({
            "connector_name": name, "connector_type": self.kind, "connection_url": url, "options": self.options,
            "credentials_secret_arn": arn, "max_retries": 0,
        });
        user.created(&body).await;
        self.again(user, name).await
    }

    async fn again(&self, user: &User, name: &str) -> Value {
        let result = result(&live(user, name).send().await);
        for value in self.secret.as_object().unwrap().values().filter_map(Value::as_str) {
            assert!(!result.to_string().contains(value), "{result}");
        }
        result
    }

    async fn walks(self) {
        let world = World::saas().await;
        let all = vec![ConnectorType::Hubspot, ConnectorType::Jira, ConnectorType::Servicenow];
        let portal = world.variant(|boot| boot.settings.extra_types = all).await;
        let user = User::of(&world, "tenant-a").at(&portal);
        let good = self.tested(&world, &user, "good", &self.url, &self.secret).await;
        assert_eq!(good["success"], true, "{good}");
        for stage in STAGES {
            // Nothing is sealed here.
            let expected = if stage == "tls" { "skipped" } else { "passed" };
            assert_eq!(check(&good, stage)["status"], expected, "{stage}: {good}");
        }

        if self.options.get("gateway_url").is_none() {
            let nowhere = format!("https://{}.invalid", self.kind);
            let nowhere = self.tested(&world, &user, "nowhere", &nowhere, &self.secret).await;
            failed_at(&nowhere, "name_resolution", "check the host");
        }
        let shape = self
            .tested(&world, &user, "shape", &self.url, &json!({"colour": end_to_end::secret("blue")}))
            .await;
        failed_at(&shape, "secret", "he secret ");

        (self.narrow)();
        failed_at(&self.again(&user, "good").await, "call", self.lacks);
        let remedy = self.again(&user, "good").await;
        assert!(remedy["message"].as_str().unwrap().contains("grant it there"), "{remedy}");

        (self.revoke)();
        // What was loaded may hold a token that is good still, as it may in any container.
        portal_refresh(&world).await;
        failed_at(&self.again(&user, "good").await, "authenticate", "check that they are current");
        assert_eq!(user.record("good").await["health_status"], "unhealthy");
    }
}

async fn portal_refresh(world: &World) {
    let reply = world.agent_as("tenant-a", "POST", "/api/v1/connectors/refresh/tenant-a").send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn amadeus_fails_at_the_stage_of_what_is_wrong() {
    amadeus().await.walks().await;
}

#[tokio::test]
async fn hubspot_fails_at_the_stage_of_what_is_wrong() {
    hubspot().await.walks().await;
}

#[tokio::test]
async fn jira_fails_at_the_stage_of_what_is_wrong() {
    jira().await.walks().await;
}

#[tokio::test]
async fn salesforce_fails_at_the_stage_of_what_is_wrong() {
    salesforce().await.walks().await;
}

#[tokio::test]
async fn servicenow_fails_at_the_stage_of_what_is_wrong() {
    servicenow().await.walks().await;
}

#[tokio::test]
async fn slack_fails_at_the_stage_of_what_is_wrong() {
    slack().await.walks().await;
}
