use end_to_end::World;

#[tokio::test]
async fn the_seeded_tenants_see_their_own_demo_connector() {
    let world = World::saas().await;
    let list = world.portal("GET", "/api/v1/connectors").send().await;
    assert_eq!(list.status, 200);
    assert_eq!(list.json()[0]["tenant_id"], "tenant-a");
}
