//! Who may refresh and who may look: every refusal, and that it changes nothing.

use end_to_end::World;
use model::{
    clock::{Clock, SystemClock},
    entropy::SystemEntropy,
    license::{License, SigningKey},
};

use crate::setup::{
    REFRESH, ROUTES, STATS, call, counters, license, of_tenant, refresh, refused, revoke, words,
};

/// Whatever is tried, nothing is refreshed.
async fn assert_nothing_raised(world: &World) {
    assert!(counters(world).await.is_empty());
}

#[tokio::test]
async fn without_a_good_key_nobody_is_let_in() {
    let world = World::saas().await;
    let good = license(&world, |_| {});
    let now = SystemClock.now().epoch_seconds();
    let expired = license(&world, |license| license.exp = now);
    let own = world.stack.identity.key().unwrap();
    let posing = SigningKey::generate(&SystemEntropy).with_key_id(own.key_id());
    let forged = posing.issue(&License {
        sub: "mallory".to_owned(),
        tenants: words(&["*"]),
        scopes: words(&["refresh", "stats"]),
        connectors: None,
        exp: now + 3600,
        iat: now,
        jti: "forged".to_owned(),
    });
    let cut = good.rsplit_once('.').unwrap().0;
    for (method, path) in ROUTES {
        let reply = world.agent(method, path).send().await;
        refused(&reply, 401, "not-licensed");
        let by_session = world.agent(method, path).session(world.stack.identity.session("tenant-a"));
        refused(&by_session.send().await, 401, "not-licensed");
        for key in ["", "AXON-", cut, &expired, &forged] {
            let reply = call(&world, method, path, key).await;
            refused(&reply, 401, "not-licensed");
            assert!(reply.header("www-authenticate").contains("X-License-Key"));
        }
    }
    assert_nothing_raised(&world).await;
}

#[tokio::test]
async fn a_revoked_license_is_refused_and_no_other_is() {
    let world = World::saas().await;
    let revoked = license(&world, |license| license.jti = "revoked".to_owned());
    revoke(&world, "revoked").await;
    for (method, path) in ROUTES {
        let body = refused(&call(&world, method, path, &revoked).await, 401, "not-licensed");
        assert!(body["detail"].as_str().unwrap().contains("revoked"), "{body}");
    }
    assert_nothing_raised(&world).await;
    let other = license(&world, |license| license.jti = "revoked-2".to_owned());
    for (method, path) in ROUTES {
        call(&world, method, path, &other).await.expect(200);
    }
}

#[tokio::test]
async fn each_route_needs_its_own_scope() {
    let world = World::saas().await;
    for (method, path) in ROUTES {
        let needed = if path == STATS { "stats" } else { "refresh" };
        let others: Vec<_> =
            ["refresh", "stats", "query", "execute"].into_iter().filter(|word| *word != needed).collect();
        for scopes in [others.as_slice(), &[], &["*"]] {
            let key = license(&world, |license| license.scopes = words(scopes));
            let body = refused(&call(&world, method, path, &key).await, 403, "license-scope");
            assert!(body["detail"].as_str().unwrap().contains(needed), "{body}");
        }
    }
    assert_nothing_raised(&world).await;
    for (method, path) in ROUTES {
        let needed = if path == STATS { "stats" } else { "refresh" };
        let key = license(&world, |license| license.scopes = words(&[needed]));
        call(&world, method, path, &key).await.expect(200);
    }
}

#[tokio::test]
async fn only_a_license_for_all_tenants_refreshes_all() {
    let world = World::saas().await;
    for tenants in [["tenant-a"].as_slice(), &["tenant-a", "tenant-b"], &["tenant-*"], &[]] {
        let key = license(&world, |license| license.tenants = words(tenants));
        refused(&refresh(&world, "", &key).await, 403, "license-tenant");
    }
    assert_nothing_raised(&world).await;
}

#[tokio::test]
async fn a_tenant_outside_the_license_is_not_refreshed() {
    let world = World::saas().await;
    let key = of_tenant(&world, "tenant-a");
    for below in ["/tenant-b", "/tenant-b/crm", "/tenant-ab", "/Tenant-a", "/tenant-/crm"] {
        refused(&refresh(&world, below, &key).await, 403, "license-tenant");
    }
    assert_nothing_raised(&world).await;
}

#[tokio::test]
async fn a_license_for_some_connectors_refreshes_those_and_no_more() {
    let world = World::saas().await;
    let key = license(&world, |license| license.connectors = Some(words(&["crm-*", "erp"])));
    for below in ["/tenant-a/crm", "/tenant-a/erp2", "/tenant-a/nothing", "/tenant-a", ""] {
        refused(&refresh(&world, below, &key).await, 403, "license-connector");
    }
    assert_nothing_raised(&world).await;
    for below in ["/tenant-a/crm-1", "/tenant-a/erp"] {
        refresh(&world, below, &key).await.expect(200);
    }
    let every = license(&world, |license| license.connectors = Some(words(&["erp", "*"])));
    for below in ["/tenant-a/crm", "/tenant-a", ""] {
        refresh(&world, below, &every).await.expect(200);
    }
}

#[tokio::test]
async fn what_can_be_no_tenant_or_connector_is_nothing_to_refresh() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for (below, parameter) in [
        ("/-a", "tenant_id"),
        ("/tenant%20a", "tenant_id"),
        ("/tenant%23a", "tenant_id"),
        ("/*", "tenant_id"),
        ("/%C3%A4", "tenant_id"),
        ("/-a/crm", "tenant_id"),
        ("/tenant-a/CRM", "connector_name"),
        ("/tenant-a/crm.1", "connector_name"),
        ("/tenant-a/*", "connector_name"),
        ("/tenant-a/refresh", "connector_name"),
        ("/tenant-a/cache", "connector_name"),
    ] {
        let body = refused(&refresh(&world, below, &key).await, 404, "nothing-to-refresh");
        assert!(body["detail"].as_str().unwrap().contains(parameter), "{below}: {body}");
    }
    for (length, status) in [(100, 200), (101, 404)] {
        refresh(&world, &format!("/{}", "t".repeat(length)), &key).await.expect(status);
    }
    for (length, status) in [(63, 200), (64, 404)] {
        refresh(&world, &format!("/tenant-a/{}", "c".repeat(length)), &key).await.expect(status);
    }
}

#[tokio::test]
async fn who_is_not_let_in_learns_nothing_about_the_path() {
    let world = World::saas().await;
    for below in ["/-a", "/tenant-a/CRM"] {
        refused(&world.agent("POST", &format!("{REFRESH}{below}")).send().await, 401, "not-licensed");
    }
}

#[tokio::test]
async fn a_query_parameter_that_a_route_does_not_know_is_refused_and_nothing_refreshed() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for (method, path) in ROUTES {
        let instead = if path == STATS { "known is tenant_id." } else { "this route takes none." };
        let reply = call(&world, method, &format!("{path}?tenant=tenant-a"), &key).await;
        let body = refused(&reply, 400, "bad-request");
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains("\"tenant\" is not known") && detail.ends_with(instead), "{body}");
    }
    assert_nothing_raised(&world).await;
}
