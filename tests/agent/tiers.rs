//! Database, then file, then environment: what each name means, and what a change in the portal does to it.

use boot::Boot;
use end_to_end::{Fault, Reply, Upstream, Variant, World, token};
use serde_json::{Value, json};

use crate::setup::{audit, custom, refused, rows};

const CRM: &str = "/api/v1/connectors/crm";

fn ask(connector: &str) -> Value {
    json!({"connector": connector, "statement": "/"})
}

/// Settings with a file of these connectors and these variables.
fn tiers<'w>(world: &'w World, connectors: &str, variables: &[(&str, &str)]) -> impl Fn(&mut Boot) + use<'w> {
    let path = world.stack.data_dir.join("tiers.yaml");
    std::fs::write(&path, format!("version: \"1.0\"\nconnectors:\n{connectors}")).unwrap();
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |boot| {
        boot.settings.config_file = Some(path.clone());
        boot.settings.environment = variables.iter().cloned().collect();
    }
}

/// One connector of the file, for everyone unless `more` says otherwise.
fn declared(name: &str, url: &str, more: &str) -> String {
    format!("  {name}: {{type: custom, enabled: true, connection_url: \"{url}\"{more}}}\n")
}

const TOKEN: &str = ", credentials: {token: \"${CRM_TOKEN}\"}, options: {auth_type: bearer}";

/// A world, an upstream for each tier, and two containers whose file and environment both declare `crm`.
struct Case {
    world: World,
    database: Upstream,
    file: Upstream,
    environment: Upstream,
    containers: [Variant; 2],
}

impl Case {
    async fn new() -> Self {
        let world = World::saas().await;
        let [database, file, environment] = [
            Upstream::json("[\"database\"]").await,
            Upstream::json("[\"file\"]").await,
            Upstream::json("[\"environment\"]").await,
        ];
        let url = environment.url();
        let variables = [
            ("CRM_TOKEN", "t-file"),
            ("MCP_CRM_TYPE", "custom"),
            ("MCP_CRM_URL", url.as_str()),
            ("MCP_ERP_EU_TYPE", "custom"),
            ("MCP_ERP_EU_URL", url.as_str()),
            ("MCP_ERP_EU_TOKEN", "t-environment"),
            ("MCP_ERP_EU_OPTIONS_JSON", r#"{"auth_type":"bearer"}"#),
        ];
        let change = tiers(&world, &declared("crm", &file.url(), TOKEN), &variables);
        let containers = [world.variant(&change).await, world.variant(&change).await];
        drop(change);
        Self { world, database, file, environment, containers }
    }

    /// What every container answers to a query of `crm`, in turn.
    async fn everywhere(&self, check: impl Fn(&Reply)) {
        for container in &self.containers {
            for _ in 0..2 {
                check(&container.query(&self.world, &ask("crm")).send().await);
            }
        }
    }

    async fn from(&self, tier: &str) {
        self.everywhere(|reply| assert_eq!(rows(reply), json!([tier]))).await;
    }
}

#[tokio::test]
async fn a_connector_of_the_file_and_one_of_the_environment_are_called_with_their_own_credentials() {
    let case = Case::new().await;
    case.from("file").await;
    let reply = case.containers[0].query(&case.world, &ask("erp-eu")).send().await;
    assert_eq!(rows(&reply), json!(["environment"]));
    let sent = |upstream: &Upstream| upstream.seen()[0].headers["authorization"].to_str().unwrap().to_owned();
    assert_eq!(
        (sent(&case.file), sent(&case.environment)),
        ("Bearer t-file".into(), "Bearer t-environment".into())
    );
    // The portal knows nothing of either.
    case.world.portal("GET", CRM).send().await.expect(404);
}

#[tokio::test]
async fn an_execute_of_a_declared_connector_is_governed_and_audited_like_any_other() {
    let case = Case::new().await;
    let post = json!({"connector": "crm", "action": "POST", "statement": "/x"});
    case.containers[0].execute(&case.world, &post).send().await.expect(200);
    assert_eq!(audit(&case.world, "tenant-a", "execute").await.len(), 1);
    let delete = json!({"connector": "crm", "action": "DELETE", "statement": "/x"});
    refused(&case.containers[0].execute(&case.world, &delete).send().await, 403, "blocked-by-policy");
    assert_eq!(
        (case.file.seen().len(), audit(&case.world, "tenant-a", "execute_refused").await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn the_database_comes_first_and_the_file_again_once_its_record_is_deleted() {
    let case = Case::new().await;
    for _ in 0..2 {
        case.from("file").await;
        case.world.create(&custom("crm", &case.database.url(), &json!({}))).await;
        case.from("database").await;
        case.world.portal("DELETE", CRM).send().await.expect(204);
    }
    case.from("file").await;
    assert!(case.environment.seen().is_empty());
}

#[tokio::test]
async fn a_disabled_record_never_revives_what_the_file_declares() {
    let case = Case::new().await;
    case.from("file").await;
    let before = case.file.seen().len();
    case.world.create(&custom("crm", &case.database.url(), &json!({"enabled": false}))).await;
    case.everywhere(|reply| drop(refused(reply, 409, "connector-disabled"))).await;
    let (world, container) = (&case.world, &case.containers[0]);
    let post = json!({"connector": "crm", "action": "POST", "statement": "/x"});
    refused(&container.execute(world, &post).send().await, 409, "connector-disabled");
    let health = container.agent_as(world, "tenant-a", "GET", "/mcp/connectors/crm/health");
    refused(&health.send().await, 409, "connector-disabled");
    assert_eq!(case.file.seen().len(), before);
    // Another tenant's name is its own: the record disables nothing there.
    let of_b = container.agent_as(world, "tenant-b", "POST", "/mcp/resources/query").json(&ask("crm"));
    assert_eq!(rows(&of_b.send().await), json!(["file"]));
    case.world.portal("DELETE", CRM).send().await.expect(204);
    case.from("file").await;
}

#[tokio::test]
async fn a_database_that_can_not_be_read_is_503_and_never_a_lower_tier() {
    let world = World::saas().await;
    let upstream = Upstream::json("[]").await;
    for unreadable in ["GetItem", "BatchGetItem"] {
        let clients = world
            .faulty_clients(move |operation| {
                if operation == unreadable { Fault::refused("AccessDeniedException") } else { Fault::None }
            })
            .await;
        let change = tiers(&world, &declared("crm", &upstream.url(), ""), &[]);
        let agent = world
            .variant(|boot| {
                change(boot);
                boot.clients = clients;
            })
            .await;
        let reply = agent.query(&world, &ask("crm")).send().await;
        refused(&reply, 503, "store-unavailable");
        assert!(!reply.header("retry-after").is_empty());
        let post = json!({"connector": "crm", "action": "POST"});
        refused(&agent.execute(&world, &post).send().await, 503, "store-unavailable");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_declared_connector_serves_its_own_tenant_and_that_of_everyone_every_tenant() {
    let world = World::saas().await;
    let (own, all) = (Upstream::json("[\"own\"]").await, Upstream::json("[\"all\"]").await);
    let connectors = [
        declared("only-b", &own.url(), ", tenant_id: tenant-b"),
        declared("b-crm", &own.url(), ", name: crm, tenant_id: tenant-b"),
        declared("crm", &all.url(), ""),
    ]
    .concat();
    let agent = world.variant(tiers(&world, &connectors, &[])).await;
    let ask_as = async |tenant: &str, name: &str| {
        agent.agent_as(&world, tenant, "POST", "/mcp/resources/query").json(&ask(name)).send().await
    };
    refused(&ask_as("tenant-a", "only-b").await, 404, "connector-not-found");
    assert_eq!(rows(&ask_as("tenant-b", "only-b").await), json!(["own"]));
    assert_eq!(rows(&ask_as("tenant-a", "crm").await), json!(["all"]));
    assert_eq!(rows(&ask_as("tenant-b", "crm").await), json!(["own"]));
    let reply = agent.agent_as(&world, "tenant-a", "GET", "/mcp/connectors/only-b/health").send().await;
    refused(&reply, 404, "connector-not-found");
}

#[tokio::test]
async fn a_connector_of_everyone_asks_of_its_secret_whether_this_tenant_may_have_it() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let with = |arn: &str| format!(", credentials_secret_arn: \"{arn}\", options: {{auth_type: bearer}}");
    let of_a = world.create_secret("axonflow/of-a", "tenant-a", &token("t-a")).await;
    let of_all = world.create_secret("axonflow/of-all", "*", &token("t-all")).await;
    let untagged = world.create_secret("axonflow/untagged", "", &token("t-none")).await;
    let connectors = [("of-a", &of_a), ("of-all", &of_all), ("untagged", &untagged)]
        .map(|(name, arn)| declared(name, &upstream.url(), &with(arn)))
        .concat();
    let agent = world.variant(tiers(&world, &connectors, &[])).await;
    for (tenant, name, served) in [
        ("tenant-a", "of-a", true),
        ("tenant-b", "of-a", false),
        ("tenant-a", "of-all", true),
        ("tenant-b", "of-all", true),
        ("tenant-a", "untagged", false),
    ] {
        let call = agent.agent_as(&world, tenant, "POST", "/mcp/resources/query").json(&ask(name));
        let reply = call.send().await;
        if served {
            rows(&reply);
        } else {
            let kind = if name == "untagged" { "secret-foreign" } else { "secret-missing" };
            refused(&reply, 424, kind);
        }
    }
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test]
async fn a_disabled_entry_of_the_file_hides_the_environments() {
    let (world, upstream) = (World::saas().await, Upstream::json("[]").await);
    let file = format!("  crm: {{type: custom, enabled: false, connection_url: \"{}\"}}\n", upstream.url());
    let url = upstream.url();
    let agent =
        world.variant(tiers(&world, &file, &[("MCP_CRM_TYPE", "custom"), ("MCP_CRM_URL", &url)])).await;
    refused(&agent.query(&world, &ask("crm")).send().await, 409, "connector-disabled");
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn inline_credentials_that_the_upstream_refuses_are_named_and_never_shown() {
    let world = World::saas().await;
    let upstream = Upstream::start(|seen| {
        let sent = seen.headers["authorization"].to_str().unwrap_or_default();
        crate::setup::answer(
            if seen.target == "/401" { 401 } else { 400 },
            json!({"message": sent}).to_string(),
        )
    })
    .await;
    let connectors = declared("crm", &upstream.url(), TOKEN);
    let agent = world.variant(tiers(&world, &connectors, &[("CRM_TOKEN", "hunter2-inline")])).await;
    for (statement, status, kind) in [("/401", 424, "credentials-refused"), ("/400", 422, "upstream-refused")]
    {
        let body = json!({"connector": "crm", "statement": statement});
        let reply = agent.query(&world, &body).send().await;
        refused(&reply, status, kind);
        assert!(!reply.text.contains("hunter2"), "{}", reply.text);
    }
}
