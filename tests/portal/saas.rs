//! `saas`: a session sees and touches its own tenant, and nothing tells it that others exist; that every
//! operation keeps to this is shown by `tests/tenants`.

use end_to_end::World;
use serde_json::json;

use crate::{
    given::{names, slack, with},
    stored,
    user::User,
};

#[tokio::test]
async fn the_same_name_in_two_tenants_is_two_connectors() {
    let world = World::saas().await;
    let (a, b) = (User::of(&world, "tenant-a"), User::of(&world, "tenant-b"));
    let of_a = a.created(&slack("chat")).await;
    b.created(&slack("chat")).await;
    b.update("chat", &json!({"description": "b's"})).await.expect(200);
    b.test("chat").await.expect(200);
    b.delete("chat").await.expect(204);
    assert_eq!(a.record("chat").await, of_a);
    assert_eq!(stored::generation(&world, "tenant-a", "chat").await, 1);
}

#[tokio::test]
async fn a_list_shows_the_sessions_tenant_whatever_the_query_says() {
    let world = World::saas().await;
    let (a, b) = (User::of(&world, "tenant-a"), User::editor(&world, "tenant-c").await);
    a.created(&slack("only-a")).await;
    b.created(&slack("only-c")).await;
    assert_eq!(names(&b.list("").await), ["only-c"]);
    assert_eq!(names(&b.list("?tenant_id=tenant-c").await), ["only-c"]);
    for foreign in ["tenant-a", "tenant-b", "nobody"] {
        assert_eq!(b.list(&format!("?tenant_id={foreign}")).await.expect(200).text, "[]");
    }
    assert!(!b.list("?tenant_id=tenant-c&tenant_id=tenant-a").await.text.contains("only-a"));
    assert!(!b.list("?tenant_id=tenant-a&tenant_id=tenant-c").await.text.contains("only-a"));
    assert_eq!(names(&a.list("").await), ["demo-crm", "only-a"]);
}

#[tokio::test]
async fn a_body_can_not_name_a_tenant_not_even_its_own() {
    let world = World::saas().await;
    let user = User::of(&world, "tenant-a");
    for tenant in ["tenant-a", "tenant-b"] {
        let reply = user.create(&with(slack("chat"), "tenant_id", tenant)).await;
        reply.problem(422, "invalid-body");
        assert_eq!(reply.pointers(), ["/tenant_id"]);
    }
    assert_eq!(stored::record(&world, "tenant-b", "chat").await, None);
}

#[tokio::test]
async fn tenants_whose_ids_differ_by_case_or_a_dot_are_different() {
    let world = World::saas().await;
    let lower = User::editor(&world, "acme").await;
    lower.created(&slack("chat")).await;
    for other in ["Acme", "acme.", "acm", "acme-chat"] {
        let other = User::editor(&world, other).await;
        other.read("chat").await.problem(404, "connector-not-found");
        assert_eq!(other.list("").await.text, "[]");
    }
}
