//! Licenses from their issue to their end, as the agent sees them.

use end_to_end::World;
use serde_json::{Value, json};

use crate::support::{Desk, rows, text};

const ISSUE: &str = "license issue --key issuer.pem --subject acme";

async fn query(world: &World, license: &str) -> u16 {
    let body = json!({"connector": "demo-crm", "statement": "/accounts", "tenant_id": "tenant-a"});
    world.anonymous_query(&body).header("x-license-key", license).send().await.status
}

#[tokio::test]
async fn an_issued_license_works_until_it_is_revoked() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let ended = desk.run(&format!("{ISSUE} --tenant tenant-a --scope query --id lic-1")).await;
    let license = ended.stdout.trim_end();
    assert!(license.starts_with("AXON-") && license.lines().count() == 1, "{ended:?}");
    for word in ["lic-1", "acme", "tenant-a", "query", "(in "] {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    assert!(!ended.stderr.contains(license) && !ended.stderr.contains("warning"), "{ended:?}");
    assert_eq!(query(&world, license).await, 200);
    desk.done(&format!("license inspect --check-revoked {license}")).await;

    desk.done("license revoke lic-1 --reason 'a leak' --by ann").await;
    assert_eq!(query(&world, license).await, 401);
    let ended = desk.run(&format!("license inspect --check-revoked {license}")).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("revoked"), "{ended:?}");

    // Revoking again changes nothing.
    let before = desk.json("license revoked").await;
    let again = desk.run("license revoke lic-1 --by bob").await;
    assert_eq!(again.code, 0);
    assert!(again.stderr.contains("already") && again.stderr.contains("by ann"), "{again:?}");
    assert_eq!(desk.json("license revoked").await, before);
    let one = &rows(&before)[0];
    assert_eq!((text(one, "jti"), text(one, "by"), text(one, "reason")), ("lic-1", "ann", "a leak"));
}

#[tokio::test]
async fn a_license_is_revoked_by_its_key_and_a_forged_key_revokes_nothing() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let license = desk.done(&format!("{ISSUE} --tenant tenant-a --scope query --expires 2040-01-01")).await;
    desk.done("keys generate --private other.pem --public other.json").await;
    let claims = desk.json(&format!("license inspect {license}")).await;
    let id = text(&claims, "jti");
    let forge = "license issue --key other.pem --subject x --tenant '*' --scope query";
    let forged = desk.done(&format!("{forge} --id {id}")).await;
    desk.refused(&format!("license revoke {forged}"), 1, &["not signed by"]).await;
    assert_eq!(query(&world, &license).await, 200);

    let ended = desk.run_with("license revoke -", &format!("{license}\n")).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(query(&world, &license).await, 401);
    let revoked = desk.json("license revoked").await;
    assert_eq!(
        (text(&rows(&revoked)[0], "jti"), text(&rows(&revoked)[0], "until")),
        (id, "2040-01-01T00:00:00Z")
    );
    let table = desk.done("license revoked").await;
    assert!(table.starts_with("ID") && table.contains(id) && table.lines().count() == 2, "{table}");
}

#[tokio::test]
async fn what_is_asked_for_is_what_the_license_says() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let line = "--tenant tenant-a --tenant b --scope query,stats --scope execute --scope query \
                --connector 'crm-*,erp' --expires 12h";
    let license = desk.done(&format!("{ISSUE} {line}")).await;
    let claims = desk.json(&format!("license inspect {license}")).await;
    assert_eq!(claims["tenants"], json!(["tenant-a", "b"]));
    assert_eq!(claims["scopes"], json!(["query", "stats", "execute"]));
    assert_eq!(claims["connectors"], json!(["crm-*", "erp"]));
    let length = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(length, 12 * 3600);
    assert_eq!((&claims["signature_valid"], &claims["revoked"]), (&json!(true), &Value::Null));
    // A license for other connectors is none for this one.
    assert_eq!(query(&world, &license).await, 403);
    let all = desk.done(&format!("{ISSUE} --tenant '*' --scope query")).await;
    assert_eq!(query(&world, &all).await, 200);
}

#[tokio::test]
async fn a_license_is_inspected_without_any_key_and_nothing_is_claimed_of_it() {
    let world = World::saas().await;
    let mut desk = Desk::at(&world);
    let license = desk.variable("LICENSE").to_owned();
    desk.set("LICENSE_PUBLIC_KEYS", None);
    let ended = desk.run_with("license inspect", &license).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    for words in ["tenant-a", "not checked (--public", "not checked (--check-revoked"] {
        assert!(ended.stdout.contains(words), "{words}: {ended:?}");
    }
    assert!(!ended.stdout.contains(&license[..40]));
    desk.done("keys generate --private other.pem --public other.json").await;
    let ended = desk.run(&format!("license inspect --public other.json {license} --output json")).await;
    assert_eq!(ended.code, 1);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["signature_valid"], json!(false));
    for text in ["AXON-", "AXON-a.b.c", "lic-1", "AXON-a.b"] {
        desk.refused(&format!("license inspect {text}"), 1, &["malformed"]).await;
    }
}

#[tokio::test]
async fn an_expired_license_is_told_as_one() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    let license = world.license(|license| license.exp = license.iat - 60);
    let ended = desk.run(&format!("license inspect {license}")).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("expired") && ended.stdout.contains("valid"), "{ended:?}");
    assert!(ended.stdout.contains("1 min ago"), "{ended:?}");
}

#[tokio::test]
async fn a_license_of_a_key_that_is_not_deployed_is_issued_with_a_warning() {
    let world = World::saas().await;
    let desk = Desk::at(&world);
    desk.done("keys generate --kid next --private next.pem --public next.json").await;
    let line = "license issue --key next.pem --subject s --tenant tenant-a --scope query";
    let ended = desk.run(line).await;
    assert_eq!(ended.code, 0);
    assert!(ended.stderr.contains("warning") && ended.stderr.contains("next"), "{ended:?}");
    assert_eq!(query(&world, ended.stdout.trim_end()).await, 401);
}
