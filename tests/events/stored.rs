//! The files, and that they and the table of routes name each other.

use std::{collections::BTreeSet, fs};

use api::routes::{ROUTES, Route};
use end_to_end::World;
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");

/// Every file with the status that its route documents, in an order that makes sense: what is read was created.
pub(crate) const EVENTS: [(&str, u16); 14] = [
    ("portal-connectors-create", 201),
    ("portal-connectors-list", 200),
    ("portal-connectors-read", 200),
    ("portal-connectors-update", 200),
    ("portal-test-simulated", 200),
    ("portal-connectors-delete", 204),
    ("agent-invoke-list", 200),
    ("agent-invoke-health", 200),
    ("agent-invoke-query", 200),
    ("agent-invoke-execute", 200),
    ("agent-refresh-all", 200),
    ("agent-refresh-tenant", 200),
    ("agent-refresh-connector", 200),
    ("cache-stats", 200),
];

/// An event as the file has it.
pub(crate) fn load(name: &str) -> Value {
    let text = fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// An event with a world's own credentials in the place of the file's placeholders.
pub(crate) fn signed(name: &str, world: &World) -> Value {
    let identity = &world.stack.identity;
    let text = load(name).to_string();
    let text = text.replace("SESSION_TOKEN", identity.session("tenant-a"));
    let text = text.replace("LICENSE_KEY", identity.license("tenant-a"));
    serde_json::from_str(&text.replace("ADMIN_LICENSE", identity.license("*"))).unwrap()
}

/// The route that an event names.
pub(crate) fn route(event: &Value) -> &'static Route {
    let key = event["routeKey"].as_str().unwrap();
    ROUTES.iter().find(|route| route.key() == key).unwrap_or_else(|| panic!("no route {key}"))
}

#[test]
fn every_file_is_listed() {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<_> = files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).collect();
    assert_eq!(found, EVENTS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn every_route_has_an_event_and_every_event_a_route() {
    let routes: BTreeSet<_> = ROUTES.iter().map(Route::key).collect();
    let named: BTreeSet<_> = EVENTS.iter().map(|(name, _)| route(&load(name)).key()).collect();
    assert_eq!(named, routes);
}

#[test]
fn an_event_is_named_after_its_function_and_agrees_with_itself() {
    for (name, _) in EVENTS {
        let event = load(name);
        let route = route(&event);
        assert!(name.starts_with(route.function), "{name} is for {}", route.function);
        let context = &event["requestContext"];
        for (one, other) in [
            (&event["routeKey"], &context["routeKey"]),
            (&event["rawPath"], &context["http"]["path"]),
            (&event["headers"]["host"], &context["domainName"]),
            (&event["headers"]["user-agent"], &context["http"]["userAgent"]),
        ] {
            assert_eq!(one, other, "{name}");
        }
        let length = event["body"].as_str().map_or(0, str::len);
        assert_eq!(event["headers"]["content-length"], length.to_string(), "{name}");
    }
}
