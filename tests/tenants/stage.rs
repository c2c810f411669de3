//! Two tenants on one set of functions, and everything by which one could come to see the other.

use std::sync::Arc;

use boot::aws::Clients;
use end_to_end::{Call, Listening, Passage, Told, Upstream, Variant, World};
use model::rules::DeploymentMode;
use serde_json::{Value, json};
use test_servers::canary;

use crate::{
    document::Operation,
    known::{Known, all},
    target::{STRANGER, Target, VICTIM, VICTIMS_OWN},
};

pub(crate) const CONNECTORS: &str = "/api/v1/connectors";
/// The stranger's own connector.
pub(crate) const OWN: &str = "mine";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) apis: Variant,
    /// What the functions ask of AWS.
    pub(crate) passage: Passage,
    /// The victim's upstream.
    pub(crate) theirs: Arc<Upstream>,
    /// The stranger's.
    pub(crate) own: Upstream,
    pub(crate) told: Told,
    pub(crate) log: Listening,
    pub(crate) operations: Vec<(Operation, &'static Known)>,
    /// A connector of the portal.
    pub(crate) victims: Target,
    pub(crate) nobodys: Target,
    /// The stranger's session and license.
    pub(crate) session: String,
    pub(crate) license: String,
}

const TIERS: &str = "tiers.yaml";

impl Stage {
    pub(crate) async fn set(mode: DeploymentMode) -> Self {
        let log = Listening::start();
        let world = World::start(mode).await;
        let theirs = Upstream::json(r#"[{"of":"v1ct1m"}]"#).await;
        let own = Upstream::json(r#"[{"of":"the stranger"}]"#).await;
        let (passage, told) = (world.passage(|_| false).await, Told::of("functions"));
        let apis = functions(&world, &theirs, &passage, &told).await;

        let token = format!("{}-{VICTIMS_OWN}", canary::SECRET);
        let arn =
            world.create_secret("axonflow/x/only-a", VICTIM, &json!({"token": token}).to_string()).await;
        let own_token = json!({"token": format!("{}-own", canary::SECRET)}).to_string();
        let own_arn = world.create_secret("axonflow/y/own", STRANGER, &own_token).await;

        let license = world.license(|license| {
            license.tenants = vec![STRANGER.to_owned()];
            license.scopes = ["query", "execute", "refresh", "stats"].map(str::to_owned).to_vec();
            "stranger".clone_into(&mut license.sub);
            "of-the-stranger".clone_into(&mut license.jti);
        });
        let identity = &world.stack.identity;
        let session = identity.session(STRANGER).to_owned();
        let of_victim = (identity.session(VICTIM).to_owned(), identity.license(VICTIM).to_owned());
        let victims = Target::victims("only-a", arn, of_victim.0, of_victim.1);
        let nobodys = Target::nobodys(&victims, "only-n");
        let operations = all(&world).await;
        let stage = Self {
            world,
            apis,
            passage,
            theirs: Arc::new(theirs),
            own,
            told,
            log,
            operations,
            victims,
            nobodys,
            session,
            license,
        };
        stage.victim_lives().await;
        stage.create(STRANGER, &stage.own_body(OWN, Some(&own_arn))).await;
        stage.settle();
        stage
    }

    /// The victim has a connector with a past: versions, a test, answered calls.
    async fn victim_lives(&self) {
        let body = json!({
            "connector_name": "only-a", "connector_type": "custom", "display_name": VICTIMS_OWN,
            "description": VICTIMS_OWN, "connection_url": format!("{}/{VICTIMS_OWN}", self.theirs.url()),
            "options": {"auth_type": "bearer", "headers": {"X-Plain": VICTIMS_OWN}},
            "credentials_secret_arn": self.victims.arn,
        });
        self.create(VICTIM, &body).await;
        let portal = |method: &str, path: &str| {
            Call::new(method, format!("http://{}{CONNECTORS}/only-a{path}", self.apis.portal))
                .session(&self.victims.session)
        };
        for timeout in [20_000, 21_000] {
            portal("PUT", "").json(&json!({"timeout_ms": timeout})).send().await.expect(200);
        }
        let tested = portal("POST", "/test").send().await.expect(200);
        assert_eq!(tested.json()["success"], true);
        assert_eq!(portal("GET", "").send().await.header("etag"), self.victims.tag);
        for connector in ["only-a", "filed", "varied"] {
            let query = json!({"connector": connector, "statement": "/"});
            self.apis.query(&self.world, &query).send().await.expect(200);
            let execute =
                json!({"connector": connector, "action": "POST", "statement": format!("/{VICTIMS_OWN}")});
            self.apis.execute(&self.world, &execute).send().await.expect(200);
        }
    }

    /// The body that creates a connector of the stranger's.
    pub(crate) fn own_body(&self, name: &str, arn: Option<&str>) -> Value {
        let mut body = json!({
            "connector_name": name, "connector_type": "custom", "connection_url": self.own.url(),
        });
        if let Some(arn) = arn {
            body["credentials_secret_arn"] = json!(arn);
            body["options"] = json!({"auth_type": "bearer"});
        }
        body
    }

    pub(crate) async fn create(&self, tenant: &str, body: &Value) {
        let session = self.world.stack.identity.session(tenant);
        let call = Call::new("POST", format!("http://{}{CONNECTORS}", self.apis.portal)).session(session);
        call.json(body).send().await.expect(201);
    }

    /// Puts the stranger's own connectors back to where they were at first, past the functions that are watched.
    pub(crate) async fn restore(&self) {
        let of_stranger = |method: &str, path: &str| self.world.portal_as(STRANGER, method, path);
        let mine =
            of_stranger("GET", &format!("{CONNECTORS}?tenant_id={STRANGER}")).send().await.expect(200).json();
        let added =
            || mine.as_array().unwrap().iter().filter(|record| record["connector_name"] != "demo-crm");
        let untouched = |record: &Value| {
            let written = (&record["connector_name"], &record["version"], record.get("last_health_check"));
            written == (&json!(OWN), &json!(1), None) && record.get("credentials_secret_arn").is_none()
        };
        if mine.as_array().unwrap().len() == 2 && added().all(untouched) {
            return;
        }
        for record in added() {
            let name = record["connector_name"].as_str().unwrap();
            of_stranger("DELETE", &format!("{CONNECTORS}/{name}?tenant_id={STRANGER}"))
                .send()
                .await
                .expect(204);
        }
        let body = self.own_body(OWN, None);
        of_stranger("POST", CONNECTORS).json(&body).send().await.expect(201);
    }

    /// Forgets what was logged and asked so far.
    pub(crate) fn settle(&self) {
        self.log.take();
        self.passage.take();
    }

    /// What was logged, asked of AWS and sent to the stranger's upstream since it was last asked, checked: none of it
    /// is the victim's.
    pub(crate) fn overheard(&self, by: &str) {
        let log = self.log.take();
        let asked = self.passage.take();
        let asked_secrets = asked.iter().filter(|asked| asked.operation == "GetSecretValue");
        for asked in asked_secrets {
            assert!(!asked.body.to_string().contains("only-a"), "{by} had the other tenant's secret read");
        }
        for text in
            [format!("{log:?}"), format!("{asked:?}"), crate::ledger::sent(&self.own), self.told.text()]
        {
            assert!(!text.contains(VICTIMS_OWN), "{by}: {text}");
        }
        if self.world.stack.boot.settings.mode == DeploymentMode::Saas {
            for asked in &asked {
                // Nothing of another tenant is even looked for, and no look goes across tenants.
                let text = asked.body.to_string();
                assert!(!text.contains(VICTIM) && asked.body.get("IndexName").is_none(), "{by} asked {text}");
                assert!(asked.operation != "Scan", "{by} asked {text}");
            }
        }
    }
}

/// Functions that are watched, with a file and an environment that declare connectors of the victim's.
async fn functions(world: &World, theirs: &Upstream, passage: &Passage, told: &Told) -> Variant {
    let url = format!("{}/{VICTIMS_OWN}", theirs.url());
    let token = format!("{}-{VICTIMS_OWN}", canary::SECRET);
    let file = format!(
        "version: \"1.0\"\nconnectors:\n  filed: {{type: custom, enabled: true, tenant_id: {VICTIM}, connection_url: \
         \"{url}\", credentials: {{token: {token}}}, options: {{auth_type: bearer}}}}\n"
    );
    let path = world.stack.data_dir.join(TIERS);
    std::fs::write(&path, file).unwrap();
    let environment = [
        ("MCP_VARIED_TYPE", "custom"),
        ("MCP_VARIED_URL", &url),
        ("MCP_VARIED_TOKEN", &token),
        ("MCP_VARIED_TENANT_ID", VICTIM),
        ("MCP_VARIED_OPTIONS_JSON", r#"{"auth_type": "bearer"}"#),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (clients, metrics) =
        (Clients::local(&passage.url(), local::stack::REGION).unwrap(), told.metrics.clone());
    world
        .variant(|boot| {
            boot.clients = clients;
            boot.metrics = metrics;
            boot.settings.config_file = Some(path);
            boot.settings.environment = environment.into_iter().collect();
        })
        .await
}
