//! `GET /mcp/connectors`: what a tenant's agents can call, from which tier, and whether it works.

use std::net::{Ipv4Addr, SocketAddr};

use boot::Boot;
use end_to_end::{Fault, Reply, Upstream, Variant, World};
use model::session::Role;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::setup::{answer, crm, custom, refused};

const LIST: &str = "/mcp/connectors";

fn listed(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["connectors", "count"]);
    let connectors = body["connectors"].as_array().unwrap().clone();
    assert_eq!(body["count"], connectors.len());
    connectors
}

fn names(reply: &Reply) -> Vec<String> {
    listed(reply).iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

async fn list(world: &World, query: &str) -> Reply {
    world.agent_as("tenant-a", "GET", &format!("{LIST}{query}")).send().await
}

/// Functions whose file declares `erp` for everyone, `theirs` for tenant-b, and `crm`, and whose environment
/// declares `chat-bot` and `erp`.
async fn three_tiers(world: &World) -> Variant {
    let file = r#"
version: "1.0"
connectors:
  erp: {type: custom, enabled: true, connection_url: "https://erp.example.com", options: {read_only: true}}
  crm: {type: custom, enabled: true, connection_url: "https://crm.example.com"}
  theirs: {type: custom, enabled: true, tenant_id: tenant-b, connection_url: "https://theirs.example.com"}
  off: {type: custom, enabled: false, connection_url: "https://off.example.com"}
"#;
    let path = world.stack.data_dir.join("tiers.yaml");
    std::fs::write(&path, file).unwrap();
    let environment = [
        ("MCP_CHAT_BOT_TYPE", "custom"),
        ("MCP_CHAT_BOT_URL", "https://chat.example.com"),
        ("MCP_ERP_TYPE", "custom"),
        ("MCP_ERP_URL", "https://other.example.com"),
        ("MCP_OFF_TYPE", "custom"),
        ("MCP_OFF_URL", "https://off.example.com"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let change = |boot: &mut Boot| {
        boot.settings.config_file = Some(path);
        boot.settings.environment = environment.into_iter().collect();
    };
    world.variant(change).await
}

#[tokio::test]
async fn every_tier_is_listed_by_name_with_where_it_comes_from() {
    let world = World::saas().await;
    let agent = three_tiers(&world).await;
    world.create(&custom("crm", "https://crm.example.com", &json!({}))).await;
    world.portal("PUT", "/api/v1/connectors/crm").json(&json!({"description": "2"})).send().await.expect(200);
    let reply = agent.agent_as(&world, "tenant-a", "GET", LIST).send().await;
    let rows = listed(&reply);
    let short: Vec<_> =
        rows.iter().map(|row| (row["name"].as_str().unwrap(), row["source"].as_str().unwrap())).collect();
    let expected =
        [("chat-bot", "environment"), ("crm", "database"), ("demo-crm", "database"), ("erp", "file")];
    assert_eq!(short, expected);
    for row in &rows {
        let keys: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let expected =
            ["capabilities", "healthy", "latency_ms", "name", "operations", "source", "type", "version"];
        assert_eq!(keys, expected);
        assert_eq!(
            (&row["type"], &row["healthy"], &row["latency_ms"]),
            (&json!("custom"), &Value::Null, &Value::Null)
        );
    }
    let versions: Vec<_> = rows.iter().map(|row| row["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 1, 1]);
    assert_eq!(rows[1]["capabilities"], json!(["query", "execute"]));
    assert_eq!(rows[3]["capabilities"], json!(["query"]), "a read-only connector executes nothing");
    // Another tenant has its own, and those of everyone.
    let of_b = agent.agent_as(&world, "tenant-b", "GET", LIST).send().await;
    assert_eq!(names(&of_b), ["chat-bot", "crm", "demo-crm", "erp", "theirs"]);
    assert_eq!(listed(&of_b)[1]["source"], "file");
}

#[tokio::test]
async fn an_operation_says_what_it_is_called_whether_it_writes_and_what_it_takes() {
    let (world, _upstream) = crm("[]").await;
    let rows = listed(&list(&world, "").await);
    let operations = rows[0]["operations"].as_array().unwrap();
    let short: Vec<_> = operations
        .iter()
        .map(|operation| (operation["name"].as_str().unwrap(), operation["class"].as_str().unwrap()))
        .collect();
    let expected =
        [("GET", "read"), ("POST", "write"), ("PUT", "write"), ("PATCH", "write"), ("DELETE", "write")];
    assert_eq!(short, expected);
    for operation in operations {
        assert_eq!(operation.as_object().unwrap().len(), 4, "{operation}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{operation}");
        assert_eq!(operation["parameters"]["type"], "object", "{operation}");
    }
}

#[tokio::test]
async fn a_disabled_record_is_not_listed_and_hides_what_the_lower_tiers_have() {
    let world = World::saas().await;
    let agent = three_tiers(&world).await;
    for name in ["erp", "chat-bot"] {
        world.create(&custom(name, "https://x.example.com", &json!({"enabled": false}))).await;
    }
    let of = async |tenant: &str| names(&agent.agent_as(&world, tenant, "GET", LIST).send().await);
    assert_eq!(of("tenant-a").await, ["crm", "demo-crm"]);
    assert_eq!(of("tenant-b").await, ["chat-bot", "crm", "demo-crm", "erp", "theirs"]);
    world.portal("DELETE", "/api/v1/connectors/erp").send().await.expect(204);
    assert_eq!(of("tenant-a").await, ["crm", "demo-crm", "erp"]);
}

#[tokio::test]
async fn healthy_is_what_the_last_test_stored() {
    let (world, _upstream) = crm("[]").await;
    let healthy = async || listed(&list(&world, "").await)[0]["healthy"].clone();
    assert_eq!(healthy().await, Value::Null);
    let test = |mode: &str| world.portal("POST", "/api/v1/connectors/crm/test").json(&json!({"mode": mode}));
    test("live").send().await.expect(200);
    assert_eq!(healthy().await, true);
    let url = json!({"connection_url": "http://127.0.0.1:1"});
    world.portal("PUT", "/api/v1/connectors/crm").json(&url).send().await.expect(200);
    test("live").send().await.expect(200);
    assert_eq!(healthy().await, false);
    // Asked without dialling, a listing contacts nobody; `false` says the same.
    assert_eq!(listed(&list(&world, "?health=false").await)[0]["healthy"], false);
}

/// Takes requests and answers none; gives each one once its sender has hung up. A connection without a request only
/// shows that one can be opened.
async fn hanging_upstream() -> (SocketAddr, UnboundedReceiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (given_up, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let given_up = given_up.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                let _ = stream.read_to_end(&mut request).await;
                if !request.is_empty() {
                    given_up.send(String::from_utf8_lossy(&request).into_owned()).unwrap();
                }
            });
        }
    });
    (address, receiver)
}

#[tokio::test]
async fn a_dialled_listing_tells_each_upstream_apart_and_ends_although_one_hangs() {
    let world = World::saas().await;
    let (good, bad) = (Upstream::json("[]").await, Upstream::start(|_| answer(500, "")).await);
    let (hanging, mut given_up) = hanging_upstream().await;
    world.create(&custom("a-good", &good.url(), &json!({}))).await;
    world.create(&custom("b-hanging", &format!("http://{hanging}"), &json!({}))).await;
    world.create(&custom("c-bad", &bad.url(), &json!({}))).await;
    let absent = "arn:aws:secretsmanager:us-east-1:000000000000:secret:axonflow/tenant-a/absent-AbCdEf";
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": absent});
    world.create(&custom("d-secret", &good.url(), &more)).await;
    let asked = tokio::time::timeout(std::time::Duration::from_secs(28), list(&world, "?health=true"));
    let rows = listed(&asked.await.expect("in the gateway's time"));
    let healthy: Vec<_> = rows.iter().map(|row| (row["name"].as_str().unwrap(), &row["healthy"])).collect();
    let (yes, no) = (&json!(true), &json!(false));
    assert_eq!(
        healthy,
        [("a-good", yes), ("b-hanging", no), ("c-bad", no), ("d-secret", no), ("demo-crm", yes)]
    );
    assert!(rows.iter().all(|row| row["latency_ms"].is_u64()), "{rows:?}");
    let request = given_up.recv().await.unwrap();
    assert!(request.starts_with("HEAD / "), "it was asked, and then given up: {request}");
    // Dialling is no test: nothing is stored.
    assert!(listed(&list(&world, "").await).iter().all(|row| row["healthy"].is_null()));
}

#[tokio::test]
async fn a_license_lists_what_it_covers_and_no_more() {
    let world = World::saas().await;
    for name in ["crm-eu", "crm-us", "erp"] {
        world.create(&custom(name, "https://x.example.com", &json!({}))).await;
    }
    let of = async |patterns: &[&str]| {
        let key = world.license(|license| {
            license.connectors = Some(patterns.iter().map(ToString::to_string).collect());
        });
        names(&world.agent("GET", LIST).header("x-license-key", &key).send().await)
    };
    assert_eq!(of(&["crm-*"]).await, ["crm-eu", "crm-us"]);
    assert_eq!(of(&["erp", "crm-us"]).await, ["crm-us", "erp"]);
    assert_eq!(of(&["*"]).await, ["crm-eu", "crm-us", "demo-crm", "erp"]);
    assert!(of(&["nothing"]).await.is_empty() && of(&[]).await.is_empty());
}

#[tokio::test]
async fn a_listing_is_of_one_tenant_that_the_license_covers() {
    let world = World::saas().await;
    world.create(&custom("of-a", "https://x.example.com", &json!({}))).await;
    let both = world.license(|license| license.tenants = vec!["tenant-a".into(), "tenant-b".into()]);
    let call = |query: &str| world.agent("GET", &format!("{LIST}{query}")).header("x-license-key", &both);
    refused(&call("").send().await, 400, "bad-request");
    assert_eq!(names(&call("?tenant_id=tenant-a").send().await), ["demo-crm", "of-a"]);
    assert_eq!(names(&call("?tenant_id=tenant-b").send().await), ["demo-crm"]);
    assert_eq!(names(&call("").header("x-tenant-id", "tenant-a").send().await), ["demo-crm", "of-a"]);
    refused(&call("?tenant_id=tenant-a").header("x-tenant-id", "tenant-b").send().await, 400, "bad-request");
    refused(&call("?tenant_id=tenant-c").send().await, 403, "license-tenant");
    let every = world.license(|license| license.tenants = vec!["*".into()]);
    let call = |query: &str| world.agent("GET", &format!("{LIST}{query}")).header("x-license-key", &every);
    refused(&call("").send().await, 400, "bad-request");
    assert!(names(&call("?tenant_id=tenant-without-any").send().await).is_empty());
}

#[tokio::test]
async fn a_listing_needs_a_license_that_stands_with_the_scope_query() {
    let world = World::saas().await;
    let call = |key: &str| world.agent("GET", LIST).header("x-license-key", key);
    refused(&world.agent("GET", LIST).send().await, 401, "not-licensed");
    let executes = world.license(|license| license.scopes = vec!["execute".to_owned()]);
    refused(&call(&executes).send().await, 403, "license-scope");
    let key = world.license(|license| license.jti = "withdrawn".to_owned());
    assert_eq!(names(&call(&key).send().await), ["demo-crm"]);
    let item = json!({"TableName": "licenses", "Item": {"jti": {"S": "withdrawn"}}});
    world.dynamo("PutItem", &item).await;
    for path in [LIST, "/mcp/connectors/demo-crm/health"] {
        let reply = world.agent("GET", path).header("x-license-key", &key).send().await;
        assert!(refused(&reply, 401, "not-licensed")["detail"].as_str().unwrap().contains("revoked"));
    }
    let body = json!({"connector": "demo-crm", "action": "POST"});
    let key = world.license(|license| {
        (license.jti, license.scopes) = ("withdrawn".to_owned(), vec!["execute".to_owned()]);
    });
    let reply =
        world.agent("POST", "/mcp/tools/execute").header("x-license-key", &key).json(&body).send().await;
    refused(&reply, 401, "not-licensed");
}

#[tokio::test]
async fn a_wrong_wish_for_health_is_refused() {
    let world = World::saas().await;
    for value in ["1", "yes", "TRUE", ""] {
        let problem = refused(&list(&world, &format!("?health={value}")).await, 400, "bad-request");
        assert!(problem["detail"].as_str().unwrap().contains("health"), "{problem}");
    }
}

#[tokio::test]
async fn a_directory_that_can_not_be_read_is_503_and_never_the_lower_tiers_alone() {
    let world = World::saas().await;
    for refused_operation in ["Query", "GetItem"] {
        let agent = world
            .faulty(move |operation| {
                if operation == refused_operation {
                    Fault::refused("AccessDeniedException")
                } else {
                    Fault::None
                }
            })
            .await;
        let reply = agent.agent_as(&world, "tenant-a", "GET", LIST).send().await;
        refused(&reply, 503, "store-unavailable");
        assert_eq!(reply.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn every_record_is_listed_however_many_there_are() {
    let world = World::saas().await;
    let token = world.session("tenant-many", Role::Editor, 0, 0).await;
    let body = custom("c-000", "https://x.example.com", &json!({}));
    let call = world.anonymous_portal("POST", "/api/v1/connectors").session(&token);
    call.json(&body).send().await.expect(201);
    let key = json!({"tenant_id": {"S": "tenant-many"}, "connector_name": {"S": "c-000"}});
    let item =
        world.dynamo("GetItem", &json!({"TableName": "connectors", "Key": key})).await["Item"].to_string();
    let copies: Vec<String> =
        (1..450).map(|number| item.replace("c-000", &format!("c-{number:03}"))).collect();
    for batch in copies.chunks(25) {
        let puts: Vec<_> =
            batch.iter().map(|item| format!(r#"{{"PutRequest":{{"Item":{item}}}}}"#)).collect();
        let request = format!(r#"{{"RequestItems":{{"connectors":[{}]}}}}"#, puts.join(","));
        world.dynamo("BatchWriteItem", &serde_json::from_str(&request).unwrap()).await;
    }
    let license = world.license(|license| license.tenants = vec!["tenant-many".to_owned()]);
    let names = names(&world.agent("GET", LIST).header("x-license-key", &license).send().await);
    assert_eq!((names.len(), names[0].as_str(), names[449].as_str()), (450, "c-000", "c-449"));
    assert!(names.is_sorted());
}

#[tokio::test]
async fn pages_follow_one_another_and_lead_nowhere_for_another_tenant() {
    let world = World::saas().await;
    for number in 0..7 {
        world.create(&custom(&format!("crm-{number}"), "https://crm.example.com", &json!({}))).await;
    }
    let whole = names(&list(&world, "").await);
    assert_eq!(whole.len(), 8, "the demo's connector is among them: {whole:?}");
    let (mut read, mut next) = (Vec::new(), format!("{LIST}?limit=3"));
    loop {
        let reply = world.agent_as("tenant-a", "GET", &next).send().await;
        read.push(names(&reply));
        let link = reply.header("link");
        if link.is_empty() {
            break;
        }
        next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        assert!(next.contains("limit=3"), "{next}");
        let foreign = world.agent_as("tenant-b", "GET", &next).send().await;
        refused(&foreign, 400, "bad-request");
    }
    assert_eq!(read.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
    assert_eq!(read.concat(), whole);
    for (query, status) in
        [("?limit=1", 200), ("?limit=200", 200), ("?limit=0", 400), ("?limit=201", 400), ("?cursor=x", 400)]
    {
        assert_eq!(list(&world, query).await.status, status, "{query}");
    }
}
