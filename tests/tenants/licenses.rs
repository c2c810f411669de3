//! Licenses that are none: not one operation of the agent does anything for them, or tells one thing from another.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use end_to_end::World;
use model::{
    clock::{Clock, SystemClock},
    entropy::SystemEntropy,
    license::{License, SigningKey},
    rules::DeploymentMode,
};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

use crate::{
    alike::told,
    known::SignedIn,
    ledger::Ledger,
    requests::Said,
    stage::Stage,
    target::{STRANGER, Target, VICTIM},
};

/// Everything, everywhere, but for a change.
fn powerful(world: &World, change: impl FnOnce(&mut License)) -> String {
    world.license(|license| {
        license.tenants = vec!["*".to_owned()];
        license.scopes = ["query", "execute", "refresh", "stats"].map(str::to_owned).to_vec();
        change(license);
    })
}

/// Other claims under the key's own signature.
fn signed(world: &World, license: &str, change: impl FnOnce(&mut Value)) -> String {
    let (head, rest) = license.strip_prefix("AXON-").unwrap().split_once('.').unwrap();
    let claims = BASE64.decode(rest.split_once('.').unwrap().0).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    change(&mut claims);
    let text = format!("{head}.{}", BASE64.encode(claims.to_string()));
    let key = world.stack.identity.key().unwrap();
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.to_pkcs8()).unwrap();
    format!("AXON-{text}.{}", BASE64.encode(key.sign(text.as_bytes())))
}

/// Licenses that are none, each with why.
fn worthless(world: &World) -> Vec<(&'static str, String)> {
    let good = powerful(world, |_| {});
    let parts: Vec<&str> = good.split('.').collect();
    let altered = |part: usize, change: &dyn Fn(&str) -> String| {
        let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        parts[part] = change(&parts[part]);
        parts.join(".")
    };
    let now = SystemClock.now().epoch_seconds();
    let own = world.stack.identity.key().unwrap();
    let foreign = SigningKey::generate(&SystemEntropy);
    let posing = SigningKey::generate(&SystemEntropy).with_key_id(own.key_id());
    let claims = License {
        sub: "mallory".to_owned(),
        tenants: vec!["*".to_owned()],
        scopes: ["query", "execute", "refresh", "stats"].map(str::to_owned).to_vec(),
        connectors: None,
        exp: now + 3600,
        iat: now,
        jti: "forged".to_owned(),
    };
    let wider = |claims: &str| {
        let mut claims: Value = serde_json::from_slice(&BASE64.decode(claims).unwrap()).unwrap();
        claims["tenants"] = json!([VICTIM]);
        BASE64.encode(claims.to_string())
    };
    let unsigned = BASE64.encode(json!({"alg": "none", "kid": own.key_id(), "typ": "JWT"}).to_string());
    vec![
        ("none", String::new()),
        ("no key", "open sesame".to_owned()),
        ("expired", powerful(world, |license| license.exp = now - 1)),
        ("not yet", signed(world, &good, |claims| claims["nbf"] = json!(now + 3600))),
        ("altered claims", altered(1, &wider)),
        ("altered signature", altered(2, &|signature| signature.chars().rev().collect())),
        ("no signature", format!("AXON-{unsigned}.{}.", parts[1])),
        ("another key", foreign.issue(&claims)),
        ("another key under this one's name", posing.issue(&claims)),
        ("revoked", powerful(world, |license| "revoked".clone_into(&mut license.jti))),
    ]
}

#[tokio::test]
async fn a_license_that_is_none_opens_no_operation_and_tells_nothing() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    let item = json!({"TableName": "licenses", "Item": {"jti": {"S": "revoked"}}});
    stage.world.dynamo("PutItem", &item).await;
    let before = Ledger::read(&stage.world, &stage.theirs).await;
    let sent = stage.own.seen().len();
    let licensed = || stage.operations.iter().filter(|(_, known)| known.scope().is_some());
    assert_eq!(licensed().count(), 8);
    for (why, key) in worthless(&stage.world) {
        let mut answers = Vec::new();
        for (operation, known) in licensed() {
            for target in [&stage.victims, &stage.nobodys] {
                stage.settle();
                // A license for all tenants names one where it can.
                let mut said: Said = named(known.places().into_keys(), target);
                if known.places().contains_key("header:X-Tenant-ID") {
                    said.insert("header:X-Tenant-ID".to_owned(), STRANGER.to_owned());
                }
                let call = stage.unsigned(operation, &said).header("x-license-key", &key);
                let reply = call.send().await;
                assert_eq!(reply.status, 401, "{why}: {}: {}", operation.id, reply.text);
                reply.problem(401, "not-licensed");
                stage.overheard(why);
                answers.push(told(&reply, target));
            }
        }
        // Whatever was asked, and whether it exists or not.
        answers.dedup();
        assert_eq!(answers.len(), 1, "{why}: {answers:?}");
    }
    before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a license that is none");
    assert_eq!(stage.own.seen().len(), sent);
}

/// The connectors of a target in whatever place names one.
fn named<'p>(places: impl Iterator<Item = &'p str>, target: &Target) -> Said {
    let connector = ["path:name", "path:connector_name", "body:connector"];
    let places = places.filter(|place| connector.contains(place));
    places.map(|place| (place.to_owned(), target.connector.to_owned())).collect()
}

#[tokio::test]
async fn what_needs_a_license_is_what_the_documents_say() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    for (operation, known) in &stage.operations {
        let status = stage.unsigned(operation, &Said::new()).send().await.status;
        let open = known.signed_in == SignedIn::Anybody;
        assert_eq!(status, if open { 200 } else { 401 }, "{}", operation.id);
    }
}
