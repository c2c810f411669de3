//! `GET /api/v1/connectors`: order, filters, parameters.

use end_to_end::World;
use model::health::HealthStatus;
use serde_json::{Value, json};

use crate::{
    given::{MODES, names, slack, snowflake, with},
    stored,
    user::User,
};

#[tokio::test]
async fn a_tenant_without_connectors_has_an_empty_array() {
    let world = World::saas().await;
    let reply = User::editor(&world, "tenant-c").await.list("").await.expect(200);
    assert_eq!((reply.text.as_str(), reply.header("content-type")), ("[]", "application/json"));
    assert_eq!(reply.header("link"), "");
}

#[tokio::test]
async fn the_list_is_a_bare_array_of_records_sorted_by_name() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::editor(&world, "tenant-c").await;
        for name in ["m", "a-b", "z", "a_b", "0", "a", "ab", "a0"] {
            user.created(&slack(name)).await;
        }
        let reply = user.list("?tenant_id=tenant-c").await.expect(200);
        assert_eq!(names(&reply), ["0", "a", "a-b", "a0", "a_b", "ab", "m", "z"]);
        assert_eq!(reply.header("link"), "");
        assert_eq!(reply.json()[1], user.record("a").await);
    }
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_list() {
    let world = World::saas().await;
    let user = User::editor(&world, "tenant-c").await;
    let record = user.created(&snowflake()).await;
    assert_eq!(user.list("").await.json(), json!([record]));
    let record = user.update("finance-snowflake", &json!({"description": "new"})).await.json();
    assert_eq!(user.list("").await.json(), json!([record]));
    user.test("finance-snowflake").await.expect(200);
    assert_eq!(user.list("").await.json(), json!([user.record("finance-snowflake").await]));
    user.delete("finance-snowflake").await.expect(204);
    assert_eq!(user.list("").await.json(), json!([]));
}

#[tokio::test]
async fn filters_narrow_the_list_alone_and_together() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::editor(&world, "tenant-c").await;
        // Every combination of two types, two switches and three states of health, each once.
        let states = [HealthStatus::Unknown, HealthStatus::Healthy, HealthStatus::Unhealthy];
        let mut all = Vec::new();
        for kind in ["amadeus", "slack"] {
            for enabled in [true, false] {
                for status in states {
                    let name = format!("{kind}-{enabled}-{}", status.as_str());
                    let body = json!({"connector_name": name, "connector_type": kind, "enabled": enabled});
                    user.created(&body).await;
                    stored::set_health(&world, "tenant-c", &name, status).await;
                    all.push(name);
                }
            }
        }
        all.sort();
        let criteria = |values: &[&'static str]| {
            [None].into_iter().chain(values.iter().copied().map(Some)).collect::<Vec<_>>()
        };
        for kind in criteria(&["amadeus", "slack"]) {
            for enabled in criteria(&["true", "false"]) {
                for status in criteria(&["unknown", "healthy", "unhealthy"]) {
                    let parameters =
                        [("connector_type", kind), ("enabled", enabled), ("health_status", status)];
                    let query =
                        parameters.iter().filter_map(|(name, value)| Some(format!("&{name}={}", (*value)?)));
                    let query = query.fold("?tenant_id=tenant-c".to_owned(), |query, pair| query + &pair);
                    let fits = |name: &&String| {
                        let parts: Vec<&str> = name.split('-').collect();
                        [kind, enabled, status]
                            .iter()
                            .zip(parts)
                            .all(|(wanted, part)| wanted.is_none_or(|w| w == part))
                    };
                    let expected: Vec<_> = all.iter().filter(fits).cloned().collect();
                    assert_eq!(names(&user.list(&query).await.expect(200)), expected, "{query}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_runtime_type_may_be_asked_for() {
    let world = World::saas().await;
    assert_eq!(User::of(&world, "tenant-a").list("?connector_type=hubspot").await.expect(200).text, "[]");
}

#[tokio::test]
async fn a_parameter_that_can_not_be_taken_is_named() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = User::of(&world, "tenant-a");
        for (query, parameter) in [
            ("?connector_type=oracle", "connector_type"),
            ("?connector_type=", "connector_type"),
            ("?enabled=yes", "enabled"),
            ("?enabled=TRUE", "enabled"),
            ("?health_status=sick", "health_status"),
            ("?limit=0", "limit"),
            ("?limit=201", "limit"),
            ("?limit=-1", "limit"),
            ("?limit=1.5", "limit"),
            ("?limit=", "limit"),
            ("?limit=99999999999999999999", "limit"),
            ("?cursor=garbage", "cursor"),
            ("?cursor=", "cursor"),
            ("?cursor=e30", "cursor"),
            ("?tenant_id=-x", "tenant_id"),
            ("?tenant_id=", "tenant_id"),
            ("?colour=red", "colour"),
            ("?Limit=5", "Limit"),
            ("?limit=5&limit=200", "limit is there twice"),
        ] {
            let problem = user.list(query).await.problem(400, "bad-request");
            assert!(problem["detail"].as_str().unwrap().contains(parameter), "{query}: {problem}");
        }
        for query in ["?limit=1", "?limit=200"] {
            user.list(query).await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_list_shows_records_whole() {
    let world = World::saas().await;
    let user = User::editor(&world, "tenant-c").await;
    let record = user.created(&with(snowflake(), "description", "every field")).await;
    let listed: Value = user.list("").await.json()[0].clone();
    assert_eq!(listed, record);
}
