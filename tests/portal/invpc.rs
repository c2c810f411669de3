//! `invpc`: one customer's own deployment, seen and managed across its tenants.

use end_to_end::{Reply, World};
use serde_json::{Value, json};

use crate::{
    given::{CONNECTORS, names, next, path, slack, with},
    stored,
    user::User,
};

/// Records of three tenants, created in no particular order by the session of tenant-a.
async fn three_tenants(world: &World) -> User {
    let user = User::of(world, "tenant-a");
    for (tenant, name) in
        [("tenant-z", "chat"), ("Tenant", "zeta"), ("tenant", "beta"), ("tenant-b", "alpha")]
    {
        user.created(&with(slack(name), "tenant_id", tenant)).await;
    }
    user.created(&slack("mine")).await;
    user
}

fn keys(list: &Reply) -> Vec<String> {
    let records = list.json();
    let key = |record: &Value| {
        format!("{} {}", record["tenant_id"].as_str().unwrap(), record["connector_name"].as_str().unwrap())
    };
    records.as_array().unwrap().iter().map(key).collect()
}

const SORTED: [&str; 7] = [
    "Tenant zeta",
    "tenant beta",
    "tenant-a demo-crm",
    "tenant-a mine",
    "tenant-b alpha",
    "tenant-b demo-crm",
    "tenant-z chat",
];

#[tokio::test]
async fn the_list_shows_every_tenant_sorted_by_tenant_then_name() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    assert_eq!(keys(&user.list("").await.expect(200)), SORTED);
    // The same from another tenant's session, and page by page.
    let other = User::editor(&world, "elsewhere").await;
    let mut page = other.list("?limit=2").await.expect(200);
    let mut found = keys(&page);
    while let Some(path) = next(&page) {
        page = other.call("GET", &path).send().await.expect(200);
        found.extend(keys(&page));
    }
    assert_eq!(found, SORTED);
}

#[tokio::test]
async fn a_parameter_narrows_the_list_to_one_tenant() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    assert_eq!(names(&user.list("?tenant_id=tenant-b").await), ["alpha", "demo-crm"]);
    assert_eq!(names(&user.list("?tenant_id=tenant-b&connector_type=slack").await), ["alpha"]);
    assert_eq!(user.list("?tenant_id=nobody").await.expect(200).text, "[]");
}

#[tokio::test]
async fn a_name_means_ones_own_connector_first() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    // All tenants have a demo-crm or may have one; the session's own is meant.
    assert_eq!(user.record("demo-crm").await["tenant_id"], "tenant-a");
    user.update("demo-crm", &json!({"description": "a's"})).await.expect(200);
    user.test("demo-crm").await.expect(200);
    user.delete("demo-crm").await.expect(204);
    let of_b = User::of(&world, "tenant-b").read("demo-crm").await.expect(200);
    assert_eq!((of_b.header("etag"), of_b.json()["tenant_id"].as_str().unwrap()), ("\"1.0\"", "tenant-b"));
    // With one's own gone, the one that is left is unique.
    assert_eq!(user.record("demo-crm").await["tenant_id"], "tenant-b");
}

#[tokio::test]
async fn a_name_that_is_unique_on_the_platform_needs_no_tenant() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    for (route, call) in user.by_name("chat", "") {
        let reply = call.send().await;
        assert!(reply.status < 300, "{route}: {}", reply.text);
        if route == "PUT" {
            assert_eq!(reply.json()["tenant_id"], "tenant-z");
        }
        if route == "DELETE" {
            user.created(&with(slack("chat"), "tenant_id", "tenant-z")).await;
        }
    }
    assert_eq!(stored::record(&world, "tenant-z", "chat").await.unwrap().health.tests, 1);
}

#[tokio::test]
async fn a_name_of_several_other_tenants_is_a_conflict_that_lists_them() {
    let world = World::invpc().await;
    three_tenants(&world).await;
    let other = User::editor(&world, "elsewhere").await;
    for (route, call) in other.by_name("demo-crm", "") {
        let problem = call.send().await.problem(409, "ambiguous-connector");
        assert_eq!(problem["tenants"], json!(["tenant-a", "tenant-b"]), "{route}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("tenant-a, tenant-b") && detail.contains("tenant_id"), "{detail}");
    }
}

#[tokio::test]
async fn the_parameter_says_whose_connector_is_meant() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    for (route, call) in user.by_name("demo-crm", "?tenant_id=tenant-b") {
        let reply = call.send().await;
        match route {
            "test" => drop(reply.problem(404, "connector-not-found")),
            _ => assert!(reply.status < 300, "{route}: {}", reply.text),
        }
    }
    assert_eq!(user.read("demo-crm").await.header("etag"), "\"1.0\"");
    for (_, call) in user.by_name("mine", "?tenant_id=tenant-b") {
        call.send().await.problem(404, "connector-not-found");
    }
    for (_, call) in user.by_name("mine", "?tenant_id=-malformed") {
        call.send().await.problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_connector_is_created_for_any_well_formed_tenant() {
    let world = World::invpc().await;
    let user = User::of(&world, "tenant-a");
    let longest = "T".repeat(100);
    for tenant in ["tenant-b", "never.seen_before-1", "0", longest.as_str()] {
        let reply = user.create(&with(slack("chat"), "tenant_id", tenant)).await.expect(201);
        assert_eq!(reply.json()["tenant_id"], tenant);
        assert_eq!(reply.header("location"), format!("{}?tenant_id={tenant}", path("chat")));
        assert_eq!(user.call("GET", reply.header("location")).send().await.expect(200).json(), reply.json());
    }
    let own = user.create(&with(slack("own"), "tenant_id", "tenant-a")).await.expect(201);
    assert_eq!(own.header("location"), path("own"));
    assert_eq!(user.created(&slack("mine")).await["tenant_id"], "tenant-a");
    for tenant in
        [json!(""), json!("-a"), json!("a b"), json!("a#b"), json!("é"), json!(7), json!("T".repeat(101))]
    {
        let reply = user.create(&with(slack("refused"), "tenant_id", tenant)).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/tenant_id"]);
    }
    let taken = user.create(&with(slack("chat"), "tenant_id", "tenant-b")).await;
    taken.problem(409, "name-taken");
}

#[tokio::test]
async fn what_is_done_for_another_tenant_stands_in_that_tenants_audit_and_generation() {
    let world = World::invpc().await;
    let user = User::of(&world, "tenant-a");
    user.created(&with(slack("chat"), "tenant_id", "tenant-z")).await;
    user.update("chat", &json!({"description": "x"})).await.expect(200);
    let entries = stored::audit(&world, "tenant-z", "chat").await;
    let who: Vec<_> = entries.iter().map(|entry| entry.who.as_str()).collect();
    assert_eq!(who, ["session:editor@tenant-a"; 2]);
    assert_eq!(stored::generation(&world, "tenant-z", "chat").await, 2);
    assert!(stored::audit(&world, "tenant-a", "chat").await.is_empty());
}

#[tokio::test]
async fn a_record_of_another_tenant_round_trips() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    let record = user.record("chat").await;
    assert_eq!(record["tenant_id"], "tenant-z");
    let after = user.update("chat", &with(record, "description", "edited")).await.expect(200).json();
    assert_eq!((&after["tenant_id"], &after["version"]), (&json!("tenant-z"), &json!(2)));
}

#[tokio::test]
async fn pages_of_a_filtered_platform_list_cross_tenants() {
    let world = World::invpc().await;
    let user = three_tenants(&world).await;
    let first = user.list("?connector_type=slack&limit=3").await.expect(200);
    assert_eq!(keys(&first), ["Tenant zeta", "tenant beta", "tenant-a mine"]);
    let path = next(&first).unwrap();
    assert!(path.starts_with(&format!("{CONNECTORS}?connector_type=slack&limit=3&cursor=")), "{path}");
    let second = user.call("GET", &path).send().await.expect(200);
    assert_eq!(
        (keys(&second), next(&second)),
        (vec!["tenant-b alpha".to_owned(), "tenant-z chat".to_owned()], None)
    );
}
