//! A tenant's license sees that tenant's figures, and not a word of another's.

use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::World;
use model::clock::{Clock, SystemClock};
use serde_json::json;

use crate::setup::{REFRESH, STATS, call, license, of_tenant, put, refused, row, words};

async fn two_tenants() -> World {
    let world = World::saas().await;
    let now = SystemClock.now().wall;
    put(&world, &row("tenant-a", "c-1", now, 1)).await;
    put(&world, &row("tenant-b", "c-secret", now, 1000)).await;
    world
}

#[tokio::test]
async fn a_tenant_never_sees_anothers_figures_or_containers() {
    let world = two_tenants().await;
    for key in [of_tenant(&world, "tenant-a"), world.stack.identity.license("tenant-a").to_owned()] {
        for (method, path) in [
            ("GET", STATS.to_owned()),
            ("POST", format!("{REFRESH}/tenant-a")),
            ("POST", format!("{REFRESH}/tenant-a/crm")),
        ] {
            let reply = call(&world, method, &path, &key).await.expect(200);
            let body = reply.json();
            let hits = if method == "GET" { &body["hits"] } else { &body["stats"]["hits"] };
            assert_eq!(hits, 6, "{path}");
            for foreign in ["tenant-b", "c-secret", "by_tenant", "by_instance", "6000", "1000"] {
                assert!(!reply.text.contains(foreign), "{foreign}: {}", reply.text);
            }
        }
    }
}

#[tokio::test]
async fn another_tenant_can_not_be_named() {
    let world = two_tenants().await;
    let key = of_tenant(&world, "tenant-a");
    let query = call(&world, "GET", &format!("{STATS}?tenant_id=tenant-b"), &key).await;
    refused(&query, 403, "license-tenant");
    let header = world.agent("GET", STATS).header("x-license-key", &key).header("x-tenant-id", "tenant-b");
    refused(&header.send().await, 403, "license-tenant");
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("tenant-b:{key}")));
    refused(&world.agent("GET", STATS).header("authorization", &basic).send().await, 403, "license-tenant");
    for wrong in ["", "*", "-a", "a%20b"] {
        let reply = call(&world, "GET", &format!("{STATS}?tenant_id={wrong}"), &key).await;
        refused(&reply, 400, "bad-request");
    }
}

#[tokio::test]
async fn a_license_of_several_tenants_names_the_one_it_means() {
    let world = two_tenants().await;
    let key = license(&world, |license| license.tenants = words(&["tenant-a", "tenant-b"]));
    refused(&call(&world, "GET", STATS, &key).await, 400, "bad-request");
    for (tenant, hits) in [("tenant-a", 6), ("tenant-b", 6000)] {
        let body = call(&world, "GET", &format!("{STATS}?tenant_id={tenant}"), &key).await.expect(200).json();
        assert_eq!(body["hits"], json!(hits));
        assert!(body.get("by_tenant").is_none(), "{body}");
    }
    refused(&call(&world, "GET", &format!("{STATS}?tenant_id=tenant-c"), &key).await, 403, "license-tenant");
}
