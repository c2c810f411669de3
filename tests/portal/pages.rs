//! The list in pages: each record exactly once, however many there are and however large.

use end_to_end::{Reply, World};
use serde_json::{Value, json};

use crate::{
    given::{CONNECTORS, MODES, names, next, slack, with},
    stored,
    user::User,
};

/// Lambda's limit on a response.
const LAMBDA: usize = 6 * 1024 * 1024;

/// Every page from a path on, each reached by the link of the one before.
async fn pages(user: &User, path: &str) -> Vec<Reply> {
    let mut pages = vec![user.call("GET", path).send().await.expect(200)];
    while let Some(path) = next(&pages[pages.len() - 1]) {
        pages.push(user.call("GET", &path).send().await.expect(200));
    }
    pages
}

fn sizes(pages: &[Reply]) -> Vec<usize> {
    pages.iter().map(|page| names(page).len()).collect()
}

fn all(pages: &[Reply]) -> Vec<String> {
    pages.iter().flat_map(names).collect()
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("c{number:05}")).collect()
}

/// A tenant with so many connectors, copies of one body.
async fn many(world: &World, tenant: &str, body: Value, count: usize) -> User {
    let user = User::editor(world, tenant).await;
    let name = body["connector_name"].as_str().unwrap().to_owned();
    user.created(&body).await;
    stored::copy(world, tenant, &name, numbered(count).into_iter()).await;
    user.delete(&name).await.expect(204);
    user
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = many(&world, "tenant-c", slack("template"), 7).await;
        for (limit, expected) in
            [(1, vec![1; 7]), (2, vec![2, 2, 2, 1]), (3, vec![3, 3, 1]), (7, vec![7]), (8, vec![7])]
        {
            let pages = pages(&user, &format!("{CONNECTORS}?tenant_id=tenant-c&limit={limit}")).await;
            assert_eq!(sizes(&pages), expected, "limit {limit}");
            assert_eq!(all(&pages), numbered(7));
        }
    }
}

#[tokio::test]
async fn the_link_keeps_the_parameters_and_adds_a_cursor() {
    let world = World::saas().await;
    let user = many(&world, "tenant-c", slack("template"), 3).await;
    let first = user.list("?enabled=true&limit=2&connector_type=slack").await.expect(200);
    let path = next(&first).unwrap();
    let (start, cursor) = path.split_once("&cursor=").unwrap();
    assert_eq!(start, "/api/v1/connectors?connector_type=slack&enabled=true&limit=2");
    assert!(cursor.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c)), "{cursor}");
    let second = user.call("GET", &path).send().await.expect(200);
    assert_eq!((names(&second), next(&second)), (vec!["c00002".to_owned()], None));
}

#[tokio::test]
async fn filtered_pages_are_full_and_end_with_the_last_that_fits() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = many(&world, "tenant-c", slack("template"), 30).await;
        for number in (1..30).step_by(3) {
            user.update(&format!("c{number:05}"), &json!({"enabled": false})).await.expect(200);
        }
        let pages = pages(&user, &format!("{CONNECTORS}?tenant_id=tenant-c&enabled=false&limit=5")).await;
        // Ten fit, so the second page is the last and has no link, though unfitting records follow.
        assert_eq!(sizes(&pages), [5, 5]);
        let expected: Vec<_> = (1..30).step_by(3).map(|number| format!("c{number:05}")).collect();
        assert_eq!(all(&pages), expected);
    }
}

#[tokio::test]
async fn records_that_come_and_go_between_pages_neither_hide_nor_repeat_others() {
    let world = World::saas().await;
    let user = many(&world, "tenant-c", slack("template"), 6).await;
    let first = user.list("?limit=3").await.expect(200);
    user.delete("c00002").await.expect(204);
    user.created(&slack("a-new-one-before")).await;
    user.created(&slack("c00003-new")).await;
    let rest = pages(&user, &next(&first).unwrap()).await;
    assert_eq!(all(&rest), ["c00003", "c00003-new", "c00004", "c00005"]);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_tenant_alone() {
    for mode in MODES {
        let world = World::start(mode).await;
        let user = many(&world, "tenant-c", slack("template"), 3).await;
        let path = next(&user.list("?tenant_id=tenant-c&limit=1").await).unwrap();
        for other in [User::of(&world, "tenant-a"), User::editor(&world, "tenant-d").await] {
            let problem = other.call("GET", &path).send().await.problem(400, "bad-request");
            assert!(problem["detail"].as_str().unwrap().contains("cursor"), "{problem}");
        }
        // Another session of the same tenant goes on where the first was.
        let colleague = User::editor(&world, "tenant-c").await;
        assert_eq!(names(&colleague.call("GET", &path).send().await.expect(200)), ["c00001"]);
    }
}

#[tokio::test]
async fn five_thousand_connectors_are_listed_each_exactly_once() {
    let world = World::saas().await;
    let user = many(&world, "tenant-c", slack("template"), 5_000).await;
    let limited = pages(&user, &format!("{CONNECTORS}?limit=200")).await;
    assert_eq!(sizes(&limited), [200; 25]);
    assert_eq!(all(&limited), numbered(5_000));
    // Without a limit a page holds up to a thousand, and the link leads on.
    let unlimited = pages(&user, CONNECTORS).await;
    assert_eq!(sizes(&unlimited), [1_000; 5]);
    assert_eq!(all(&unlimited), numbered(5_000));
}

#[tokio::test]
async fn a_thousand_records_need_no_second_page() {
    let world = World::saas().await;
    let user = many(&world, "tenant-c", slack("template"), 1_000).await;
    assert_eq!(sizes(&pages(&user, CONNECTORS).await), [1_000]);
    user.created(&slack("one-more")).await;
    assert_eq!(sizes(&pages(&user, CONNECTORS).await), [1_000, 1]);
}

#[tokio::test]
async fn a_page_of_large_records_ends_before_lambdas_limit() {
    let world = World::saas().await;
    // Quotes are the worst case: each is two bytes in the record and four in Lambda's envelope.
    let options = json!({"a": "\"".repeat(8 * 1024 - 4)});
    assert_eq!(options.to_string().len(), 16 * 1024);
    let user = many(&world, "tenant-c", with(slack("template"), "options", options), 250).await;
    for query in ["?limit=200", "?enabled=true"] {
        let pages = pages(&user, &format!("{CONNECTORS}{query}")).await;
        assert_eq!(all(&pages), numbered(250));
        assert!(pages.len() >= 2, "{query}: {:?}", sizes(&pages));
        for page in &pages {
            let carried = serde_json::to_string(&page.text).unwrap().len();
            assert!(carried < LAMBDA, "{query}: {carried} bytes");
        }
        // Early, yet not wasteful: all but the last page use most of the room.
        for page in &pages[..pages.len() - 1] {
            assert!(names(page).len() > 100, "{query}: {:?}", sizes(&pages));
        }
    }
}
