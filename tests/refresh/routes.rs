//! Paths and methods around the routes.

use end_to_end::World;

use crate::setup::{REFRESH, ROUTES, STATS, call, license, refused};

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for (right, path) in ROUTES {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if method != right {
                let reply = call(&world, method, path, &key).await;
                refused(&reply, 405, "wrong-method");
                assert_eq!(reply.header("allow"), right, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for path in [
        "/api/v1/connectors/refresh/",
        "/api/v1/connectors/refresh/tenant-a/",
        "/api/v1/connectors/refresh/tenant-a/crm/",
        "/api/v1/connectors/refresh/tenant-a/crm/x",
        "/api/v1/connectors/refresh//crm",
        "/api/v1/connectors/Refresh",
        "/api/v1/connectors/cache",
        "/api/v1/connectors/cache/stats/",
        "/api/v1/connectors/cache/stats/x",
        "/api/v1/connectors",
        "/api/v1/connectors/tenant-a",
    ] {
        for method in ["GET", "POST"] {
            refused(&call(&world, method, path, &key).await, 404, "no-such-path");
        }
    }
}

#[tokio::test]
async fn the_portals_host_has_none_of_them() {
    let world = World::saas().await;
    let key = license(&world, |_| {});
    for (method, path) in [("POST", format!("{REFRESH}/tenant-a/crm")), ("GET", STATS.to_owned())] {
        let reply = world.portal(method, &path).header("x-license-key", &key).send().await;
        reply.problem(404, "no-such-path");
    }
    // There a connector could have been meant, whose name is taken by the route.
    world.portal("POST", &format!("{REFRESH}/test")).send().await.problem(404, "connector-not-found");
}

#[tokio::test]
async fn the_other_routes_ask_for_their_license_too() {
    let world = World::saas().await;
    let routes =
        [("GET", "/mcp/connectors"), ("GET", "/mcp/connectors/crm/health"), ("POST", "/mcp/tools/execute")];
    for (method, path) in routes {
        refused(&world.agent(method, path).send().await, 401, "not-licensed");
    }
}
