//! Many records: order, limits, filters and places to go on from.

use futures_util::{StreamExt, stream};
use model::{
    connector_type::ConnectorType,
    health::{Health, HealthStatus},
    options::MAX_BYTES,
    record::ConnectorRecord,
};
use serde_json::json;
use store::{ConnectorWriter, Filter, NameDirectory, Page, Position, Write};

use crate::{
    backend::Backend,
    support::{View, World, actor, bare, full, name, options, soon, tenant},
};

/// Enough records of the largest size that no answer holds them all.
const MANY: usize = 80;

fn view(of: &str) -> View {
    View::Tenant(tenant(of))
}

fn by(of: &str, called: &str) -> (String, String) {
    (of.to_owned(), called.to_owned())
}

fn keys(records: &[ConnectorRecord]) -> Vec<(String, String)> {
    records.iter().map(|record| by(record.tenant_id.as_str(), record.connector_name.as_str())).collect()
}

async fn page(world: &World, view: &View, filter: &Filter, after: Option<&Position>, limit: usize) -> Page {
    world.page(view, filter, after, limit).await.unwrap()
}

/// All pages, until there is no next one.
async fn walk(world: &World, view: &View, filter: &Filter, limit: usize) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let after = pages.last().and_then(|page| page.next.as_ref());
        let next = page(world, view, filter, after, limit).await;
        let last = next.next.is_none();
        pages.push(next);
        assert!(pages.len() < 1_000, "the pages never end");
        if last {
            return pages;
        }
    }
}

async fn all(world: &World, view: &View, filter: &Filter) -> Vec<(String, String)> {
    let pages = walk(world, view, filter, 1_000).await;
    pages.iter().flat_map(|page| keys(&page.records)).collect()
}

/// A record as large as one may be.
fn large(of: &str, called: &str) -> ConnectorRecord {
    let mut record = full(of, called);
    record.options = options(json!({"padding": "x".repeat(MAX_BYTES - 20)}));
    record
}

/// A few at a time: a server on one machine takes a crowd of the largest transactions one after the other, and the
/// last of them would wait too long.
async fn create_all(world: &World, records: Vec<ConnectorRecord>) {
    let writes = records.into_iter().map(|record| {
        let store = world.store.clone();
        async move { store.create(&record, &actor(), soon()).await.unwrap() }
    });
    let outcomes: Vec<_> = stream::iter(writes).buffer_unordered(8).collect().await;
    assert!(outcomes.iter().all(|outcome| *outcome == Write::Stored));
}

#[tokio::test]
async fn a_tenant_sees_its_own_records_by_name() {
    let world = World::new().await;
    for (of, called) in
        [("b", "x"), ("a", "zeta"), ("a", "9"), ("a", "a_b"), ("a", "a-b"), ("a", "ab"), ("aa", "q")]
    {
        world.create(bare(of, called)).await;
    }
    let expected = ["9", "a-b", "a_b", "ab", "zeta"].map(|called| by("a", called));
    assert_eq!(all(&world, &view("a"), &Filter::default()).await, expected);
    assert_eq!(all(&world, &view("nobody"), &Filter::default()).await, []);
}

#[tokio::test]
async fn the_platform_is_in_the_order_of_tenants_then_names() {
    let world = World::new().await;
    let mut expected = Vec::new();
    // Ids of which one begins another, and every character that one may hold beside letters and digits.
    for of in ["a", "a-b", "a.b", "a_b", "ab", "A", "a0", "Z9", "0"] {
        for called in ["x", "x-1", "x_1", "x1", "0"] {
            world.create(bare(of, called)).await;
            expected.push(by(of, called));
        }
    }
    expected.sort();
    assert_eq!(all(&world, &View::Platform, &Filter::default()).await, expected);
    let pages = walk(&world, &View::Platform, &Filter::default(), 4).await;
    assert!(pages.iter().all(|page| page.records.len() <= 4));
    assert_eq!(pages.iter().flat_map(|page| keys(&page.records)).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_list_shows_whole_records() {
    let world = World::new().await;
    let records =
        [world.create(full("tenant-a", "everything")).await, world.create(bare("tenant-a", "nothing")).await];
    for view in [view("tenant-a"), View::Platform] {
        assert_eq!(page(&world, &view, &Filter::default(), None, 10).await.records, records);
    }
}

#[tokio::test]
async fn pages_are_as_long_as_the_limit_and_follow_each_other() {
    let world = World::new().await;
    for called in ["a", "b", "c", "d", "e"] {
        world.create(bare("tenant-a", called)).await;
    }
    for view in [view("tenant-a"), View::Platform] {
        let pages = walk(&world, &view, &Filter::default(), 2).await;
        let names: Vec<Vec<_>> = pages
            .iter()
            .map(|page| page.records.iter().map(|r| r.connector_name.as_str()).collect())
            .collect();
        assert_eq!(names.concat(), ["a", "b", "c", "d", "e"]);
        assert_eq!((names[0].len(), names[1].len()), (2, 2));
        assert_eq!(pages[0].next, Some(Position::behind(&pages[0].records[1])));
    }
}

#[tokio::test]
async fn filters_admit_what_they_name() {
    let world = World::new().await;
    for (called, connector_type, enabled, status) in [
        ("a", ConnectorType::Slack, true, HealthStatus::Healthy),
        ("b", ConnectorType::Slack, false, HealthStatus::Unhealthy),
        ("c", ConnectorType::Custom, true, HealthStatus::Unknown),
        ("d", ConnectorType::Custom, true, HealthStatus::Healthy),
    ] {
        let health = Health { status, ..Health::default() };
        world.create(ConnectorRecord { connector_type, enabled, health, ..bare("tenant-a", called) }).await;
    }
    let none = Filter::default();
    for (filter, expected) in [
        (none.clone(), "abcd"),
        (Filter { connector_type: Some(ConnectorType::Slack), ..none.clone() }, "ab"),
        (Filter { connector_type: Some(ConnectorType::Postgres), ..none.clone() }, ""),
        (Filter { enabled: Some(true), ..none.clone() }, "acd"),
        (Filter { enabled: Some(false), ..none.clone() }, "b"),
        (Filter { health_status: Some(HealthStatus::Healthy), ..none.clone() }, "ad"),
        (Filter { health_status: Some(HealthStatus::Unknown), ..none.clone() }, "c"),
        (
            Filter {
                connector_type: Some(ConnectorType::Custom),
                enabled: Some(true),
                health_status: Some(HealthStatus::Healthy),
            },
            "d",
        ),
    ] {
        for view in [view("tenant-a"), View::Platform] {
            let found: String =
                all(&world, &view, &filter).await.into_iter().map(|(_, called)| called).collect();
            assert_eq!(found, expected, "{filter:?} {view:?}");
        }
    }
}

#[tokio::test]
async fn a_place_holds_though_its_record_is_gone() {
    let world = World::new().await;
    let records =
        [bare("tenant-a", "a"), bare("tenant-a", "b"), bare("tenant-b", "a"), bare("tenant-b", "c")];
    for record in records.clone() {
        world.create(record).await;
    }
    let gone = &records[1];
    world.store.delete(gone, &actor(), soon()).await.unwrap();
    let after = Position::behind(gone);
    let rest = page(&world, &View::Platform, &Filter::default(), Some(&after), 10).await;
    assert_eq!(keys(&rest.records), [by("tenant-b", "a"), by("tenant-b", "c")]);
    assert_eq!(
        keys(&page(&world, &view("tenant-a"), &Filter::default(), Some(&after), 10).await.records),
        []
    );
}

#[tokio::test]
async fn a_place_in_another_tenants_list_shows_nothing_of_that_tenant() {
    let world = World::new().await;
    for (of, called) in [("tenant-a", "a"), ("tenant-a", "c"), ("tenant-b", "b"), ("tenant-b", "d")] {
        world.create(bare(of, called)).await;
    }
    let foreign = Position { tenant_id: tenant("tenant-b"), connector_name: name("b") };
    let rest = page(&world, &view("tenant-a"), &Filter::default(), Some(&foreign), 10).await;
    assert_eq!(keys(&rest.records), [by("tenant-a", "c")]);
}

#[tokio::test]
async fn a_tenants_list_goes_on_past_what_one_answer_holds() {
    let world = World::new().await;
    let names: Vec<String> = (0..MANY).map(|number| format!("c{number:03}")).collect();
    create_all(&world, names.iter().map(|called| large("tenant-a", called)).collect()).await;
    let pages = walk(&world, &view("tenant-a"), &Filter::default(), 1_000).await;
    assert!(pages.len() > 1, "one answer held everything: the records are too small for this test");
    let found: Vec<_> = pages.iter().flat_map(|page| keys(&page.records)).map(|(_, called)| called).collect();
    assert_eq!(found, names);
}

#[tokio::test]
async fn the_platform_and_the_owners_of_a_name_go_on_past_what_one_answer_holds() {
    let world = World::new().await;
    let tenants: Vec<String> = (0..MANY).map(|number| format!("t{number:03}")).collect();
    let mut records: Vec<_> = tenants.iter().map(|of| large(of, "crm")).collect();
    records.last_mut().unwrap().enabled = true;
    records.push(bare("t000", "erp"));
    create_all(&world, records).await;

    let expected: Vec<_> = std::iter::once(by("t000", "crm"))
        .chain([by("t000", "erp")])
        .chain(tenants.iter().skip(1).map(|of| by(of, "crm")))
        .collect();
    assert_eq!(all(&world, &View::Platform, &Filter::default()).await, expected);

    let filter =
        Filter { enabled: Some(true), connector_type: Some(ConnectorType::Postgres), ..Filter::default() };
    let pages = walk(&world, &View::Platform, &filter, 1).await;
    if Backend::chosen().pages_before_it_filters() {
        // What a filter leaves can be an empty page with a next one.
        assert!(pages[0].records.is_empty() && pages[0].next.is_some());
    }
    assert_eq!(keys(&pages.last().unwrap().records), [by(tenants.last().unwrap(), "crm")]);

    world.wire.script(&[]);
    let mut owners = world.store.tenants_with(&name("crm"), soon()).await.unwrap();
    owners.sort();
    assert_eq!(owners.iter().map(ToString::to_string).collect::<Vec<_>>(), tenants);
    assert!(
        world.wire.sent().len() > 1,
        "one answer held everything: the records are too small for this test"
    );
}

#[tokio::test]
async fn the_owners_of_a_name_are_those_that_have_it() {
    let world = World::new().await;
    for (of, called) in [("tenant-b", "crm"), ("tenant-a", "crm"), ("tenant-a", "erp"), ("tenant-c", "crm-2")]
    {
        world.create(bare(of, called)).await;
    }
    for (called, expected) in
        [("crm", vec!["tenant-a", "tenant-b"]), ("erp", vec!["tenant-a"]), ("none", vec![])]
    {
        let owners = world.store.tenants_with(&name(called), soon()).await;
        assert_eq!(owners, Ok(expected.into_iter().map(tenant).collect()), "{called}");
    }
}
