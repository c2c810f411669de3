//! Sessions from their beginning to their end, as the portal sees them.

use end_to_end::{Call, World};
use model::session::{COOKIE, Role};
use serde_json::json;

use crate::support::{Desk, rows, text};

async fn portal(world: &World, token: &str) -> u16 {
    world.anonymous_portal("GET", "/api/v1/connectors").session(token).send().await.status
}

fn write(world: &World, token: &str) -> Call {
    let body = json!({"connector_name": "made", "connector_type": "slack"});
    world.anonymous_portal("POST", "/api/v1/connectors").session(token).json(&body)
}

const CREATE: &str = "session create --tenant tenant-a --user ann";

#[tokio::test]
async fn a_session_works_until_it_is_revoked() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let token = desk.done(&format!("{CREATE} --role editor")).await;
    assert_eq!((portal(&world, &token).await, write(&world, &token).send().await.status), (200, 201));
    let list = desk.json("session list --user ann").await;
    let [one] = rows(&list).as_slice() else { panic!("{list}") };
    let words = ["tenant_id", "user", "role"].map(|name| text(one, name));
    assert_eq!(words, ["tenant-a", "ann", "editor"]);
    for name in ["created_at", "last_seen_at", "ends_at"] {
        assert!(text(one, name).parse::<jiff::Timestamp>().is_ok());
    }
    desk.done(&format!("session revoke {}", text(one, "hash_prefix"))).await;
    assert_eq!(portal(&world, &token).await, 401);
    let again = format!("session revoke {}", text(one, "hash_prefix"));
    desk.refused(&again, 1, &["no session", "session list"]).await;
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_write() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let token = desk.done(&format!("{CREATE} --role viewer")).await;
    assert_eq!((portal(&world, &token).await, write(&world, &token).send().await.status), (200, 403));
}

#[tokio::test]
async fn the_cookie_is_a_whole_header() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let header = desk.done(&format!("{CREATE} --role viewer --cookie")).await;
    let (name, value) = header.split_once(": ").unwrap();
    assert!(name == "Cookie" && value.starts_with(&format!("{COOKIE}=")), "{name}");
    let call = world.anonymous_portal("GET", "/api/v1/connectors").header(name, value);
    call.send().await.expect(200);
}

#[tokio::test]
async fn several_sessions_end_together_only_where_that_was_said() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let create = async |tenant: &str, user: &str| {
        desk.done(&format!("session create --tenant {tenant} --user {user} --role viewer")).await
    };
    let (ann, annex) = (create("tenant-a", "ann").await, create("tenant-b", "ann").await);
    let (bob, again) = (create("tenant-a", "bob").await, create("tenant-a", "ann").await);
    desk.refused("session revoke --user ann", 1, &["3 sessions", "--all"]).await;
    desk.refused("session revoke --user nobody --all", 1, &["no session"]).await;
    desk.done("session revoke --user ann --tenant tenant-a --all").await;
    for (token, status) in [(&ann, 401), (&again, 401), (&annex, 200), (&bob, 200)] {
        assert_eq!(portal(&world, token).await, status);
    }
    // The one that is left needs no --all.
    desk.done("session revoke --user ann").await;
    assert_eq!((portal(&world, &annex).await, portal(&world, &bob).await), (401, 200));
    desk.done("session revoke --tenant tenant-a --all").await;
    assert_eq!(portal(&world, &bob).await, 401);
    assert_eq!(portal(&world, desk.variable("SESSION")).await, 401, "the seeded one as well");
    assert_eq!(portal(&world, desk.variable("SESSION_B")).await, 200);
}

#[tokio::test]
async fn an_ambiguous_prefix_is_refused() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    for end in ["0", "1"] {
        let hash = format!("abcdef01{}{end}", "0".repeat(55));
        let item = json!({
            "token_hash": {"S": hash}, "tenant_id": {"S": "tenant-a"}, "user": {"S": "x"}, "role": {"S": "viewer"},
            "created_at": {"N": "1"}, "last_seen_at": {"N": "1"}, "expires_at": {"N": "1"},
        });
        world.dynamo("PutItem", &json!({"TableName": "sessions", "Item": item})).await;
    }
    desk.refused("session revoke abcdef", 1, &["2 sessions", "more digits"]).await;
    desk.done(&format!("session revoke ABCDEF01{}1", "0".repeat(55))).await;
    desk.done("session revoke abcdef01").await;
}

#[tokio::test]
async fn a_list_shows_whose_it_is_asked_for_and_those_that_ended_only_where_asked() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    world.session("tenant-b", Role::Viewer, 3 * 24 * 3600, 9 * 3600).await;
    let count = async |line: &str| rows(&desk.json(line).await).len();
    assert_eq!(count("session list").await, 2);
    assert_eq!(count("session list --ended").await, 3);
    assert_eq!(count("session list --tenant tenant-b").await, 1);
    assert_eq!(count("session list --tenant tenant-b --ended").await, 2);
    assert_eq!(count("session list --tenant nobody").await, 0);
    let ended = desk.run("session list --tenant nobody").await;
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "no sessions\n"));
    let table = desk.done("session list --tenant tenant-a").await;
    assert!(table.starts_with("HASH") && table.contains("editor@tenant-a"), "{table}");
}
