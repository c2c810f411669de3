//! The store goes away while the agent runs: queries go on for as long as what is cached may, writes stop at once,
//! and all is as before when the store is back.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use end_to_end::{Fault, SetClock, Upstream, Variant, World, token};
use serde_json::{Value, json};

use crate::setup::{crm, custom, refused, rows};

/// How long a cached instance serves by default, in seconds.
const TTL: i64 = 30;

struct Case {
    world: World,
    upstream: Upstream,
    clock: Arc<SetClock>,
    down: Arc<AtomicBool>,
    agent: Variant,
}

impl Case {
    /// A container whose store can be taken away.
    async fn new() -> Self {
        let (world, upstream) = crm("[1]").await;
        let (clock, down) = (SetClock::now(), Arc::new(AtomicBool::new(false)));
        let is_down = Arc::clone(&down);
        let judge = move |operation: &str| {
            let of_store = !operation.contains("Secret");
            if of_store && is_down.load(Ordering::SeqCst) {
                Fault::refused("AccessDeniedException")
            } else {
                Fault::None
            }
        };
        let clients = world.faulty_clients(judge).await;
        let own = Arc::clone(&clock);
        let agent = world
            .variant(|boot| {
                boot.clock = own;
                boot.clients = clients;
            })
            .await;
        Self { world, upstream, clock, down, agent }
    }

    fn store(&self, up: bool) {
        self.down.store(!up, Ordering::SeqCst);
    }

    async fn query(&self) -> end_to_end::Reply {
        self.agent.query(&self.world, &json!({"connector": "crm"})).send().await
    }

    async fn execute(&self) -> end_to_end::Reply {
        self.agent.execute(&self.world, &json!({"connector": "crm", "action": "POST"})).send().await
    }
}

#[tokio::test]
async fn a_cached_connector_answers_queries_until_its_time_is_over_and_executes_not_at_all() {
    let case = Case::new().await;
    rows(&case.query().await);
    case.store(false);
    let mut served = 1;
    for seconds in [0, 10, TTL - 11] {
        case.clock.advance(seconds);
        assert_eq!(rows(&case.query().await), json!([1]));
        served += 1;
        let reply = case.execute().await;
        refused(&reply, 503, "store-unavailable");
        assert_eq!(reply.header("retry-after"), "1");
        assert_eq!(case.upstream.seen().len(), served);
    }
    case.clock.advance(1);
    let reply = case.query().await;
    refused(&reply, 503, "store-unavailable");
    assert_eq!((reply.header("retry-after"), case.upstream.seen().len()), ("1", served));
    // The same process goes on as if nothing had been.
    case.store(true);
    rows(&case.query().await);
    case.execute().await.expect(200);
}

#[tokio::test]
async fn what_was_never_loaded_is_503_from_the_first_moment() {
    let case = Case::new().await;
    case.world.create(&custom("other", &case.upstream.url(), &json!({}))).await;
    rows(&case.query().await);
    case.store(false);
    for name in ["other", "no-such"] {
        let reply = case.agent.query(&case.world, &json!({"connector": name})).send().await;
        refused(&reply, 503, "store-unavailable");
    }
    // Nor does another tenant of the same container get what this one has cached.
    let of_b = case.agent.agent_as(&case.world, "tenant-b", "POST", "/mcp/resources/query");
    refused(&of_b.json(&json!({"connector": "crm"})).send().await, 503, "store-unavailable");
    for path in ["/mcp/connectors", "/mcp/connectors/crm/health"] {
        let reply = case.agent.agent_as(&case.world, "tenant-a", "GET", path).send().await;
        refused(&reply, 503, "store-unavailable");
    }
    assert_eq!(case.upstream.seen().len(), 1);
}

#[tokio::test]
async fn governance_holds_during_an_outage() {
    let case = Case::new().await;
    rows(&case.query().await);
    case.store(false);
    let body = json!({"connector": "crm", "operation": "DELETE"});
    refused(&case.agent.query(&case.world, &body).send().await, 403, "blocked-by-policy");
    assert_eq!(case.upstream.seen().len(), 1);
}

#[tokio::test]
async fn answers_without_markers_are_counted_as_stale() {
    let case = Case::new().await;
    rows(&case.query().await);
    case.store(false);
    for _ in 0..3 {
        rows(&case.query().await);
    }
    case.store(true);
    case.clock.advance(6);
    rows(&case.query().await);
    let answer =
        case.world.dynamo("Scan", &json!({"TableName": "cache_stats", "ConsistentRead": true})).await;
    let stale = |item: &Value| item["stale_serves"]["N"].as_str().unwrap().parse::<u64>().unwrap();
    let counted: Vec<_> = answer["Items"].as_array().unwrap().iter().map(stale).collect();
    assert_eq!(counted, [3]);
}

#[tokio::test]
async fn what_was_changed_during_the_outage_is_used_once_the_store_is_back() {
    let case = Case::new().await;
    rows(&case.query().await);
    case.store(false);
    let other = Upstream::json("[2]").await;
    let put =
        case.world.portal("PUT", "/api/v1/connectors/crm").json(&json!({"connection_url": other.url()}));
    put.send().await.expect(200);
    assert_eq!(rows(&case.query().await), json!([1]), "nobody could know");
    case.store(true);
    assert_eq!(rows(&case.query().await), json!([2]));
    assert_eq!(case.upstream.seen().len(), 2);
}

#[tokio::test]
async fn secrets_manager_out_of_order_is_503_and_not_the_connectors_fault() {
    let (world, upstream) = (World::saas().await, Upstream::json("[1]").await);
    let arn = world.create_secret("axonflow/tenant-a/crm", "tenant-a", &token("t")).await;
    let more = json!({"options": {"auth_type": "bearer"}, "credentials_secret_arn": arn});
    world.create(&custom("crm", &upstream.url(), &more)).await;
    for operation in ["DescribeSecret", "GetSecretValue"] {
        let agent = world
            .faulty(
                move |asked| {
                    if asked == operation { Fault::refused("InternalServiceError") } else { Fault::None }
                },
            )
            .await;
        let reply = agent.query(&world, &json!({"connector": "crm"})).send().await;
        let problem = refused(&reply, 503, "secrets-unavailable");
        assert_eq!((&problem["stage"], reply.header("retry-after")), (&json!("secret"), "1"));
        assert!(!reply.text.contains("c4n4ry") && !reply.text.contains("arn:"), "{}", reply.text);
    }
    assert!(upstream.seen().is_empty());
}
