use end_to_end::World;
use serde_json::json;

#[tokio::test]
async fn the_demo_upstream_answers_a_query() {
    let world = World::saas().await;
    let answer = world.query(&json!({"connector": "demo-crm", "statement": "/accounts"})).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["row_count"], 3);
}
