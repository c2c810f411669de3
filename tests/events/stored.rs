//! The files, and that they, the table of events/README.md and the table of routes name each other.

use std::{collections::BTreeSet, fs};

use api::routes::{ROUTES, Route};
use end_to_end::World;
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");
const TABLE: &str = include_str!("../../events/README.md");

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Event {
    /// The name of its file.
    pub(crate) name: &'static str,
    /// What answers it.
    pub(crate) function: &'static str,
    /// The status that its route documents.
    pub(crate) status: u16,
}

/// Every event, in an order that makes sense: what is read was created.
pub(crate) fn events() -> Vec<Event> {
    let events: Vec<_> = TABLE.lines().filter_map(Event::of_line).collect();
    assert!(!events.is_empty(), "events/README.md has no table");
    events
}

impl Event {
    fn of_line(line: &'static str) -> Option<Self> {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | `")?;
        let (function, rest) = rest.split_once("` | ")?;
        Some(Self { name, function, status: rest.strip_suffix(" |")?.parse().ok()? })
    }

    /// The event as the file has it.
    pub(crate) fn load(&self) -> Value {
        let text = fs::read_to_string(format!("{FOLDER}/{}.json", self.name)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The event with a world's own credentials in the place of the file's placeholders.
    pub(crate) fn signed(&self, world: &World) -> Value {
        let identity = &world.stack.identity;
        let text = self.load().to_string();
        let text = text.replace("SESSION_TOKEN", identity.session("tenant-a"));
        let text = text.replace("LICENSE_KEY", identity.license("tenant-a"));
        serde_json::from_str(&text.replace("ADMIN_LICENSE", identity.license("*"))).unwrap()
    }

    /// Whether it says who asks.
    pub(crate) fn has_placeholder(&self) -> bool {
        let text = self.load().to_string();
        ["SESSION_TOKEN", "LICENSE_KEY", "ADMIN_LICENSE"].iter().any(|placeholder| text.contains(placeholder))
    }

    /// The route that it names, of its function: two APIs may have the same.
    pub(crate) fn route(&self) -> &'static Route {
        let event = self.load();
        let key = event["routeKey"].as_str().unwrap();
        let route = ROUTES.iter().find(|route| route.function == self.function && route.key() == key);
        route.unwrap_or_else(|| panic!("{self:?}: no route {key} of this function"))
    }
}

#[test]
fn every_file_is_listed() {
    let files = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<_> = files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).collect();
    assert_eq!(found, events().iter().map(|event| event.name.to_owned()).collect());
}

#[test]
fn every_route_has_an_event_and_every_event_a_route() {
    let named: Vec<_> = events().iter().map(Event::route).collect();
    for route in &ROUTES {
        assert!(named.contains(&route), "no event of {route:?}");
    }
}

#[test]
fn only_what_anybody_may_ask_has_no_placeholder() {
    let open: Vec<_> = events().into_iter().filter(|event| !event.has_placeholder()).collect();
    assert!(open.iter().all(|event| event.route().template == "/openapi.json"), "{open:?}");
}

#[test]
fn an_event_is_named_after_its_function_and_agrees_with_itself() {
    for event in events() {
        let Event { name, function, .. } = event;
        assert!(name.starts_with(function), "{name} is for {function}");
        let event = event.load();
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
