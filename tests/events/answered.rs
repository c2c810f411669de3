//! Each event through the real handler of its route's function, read by the runtime's own types.

use std::{sync::Arc, time::Duration};

use end_to_end::World;
use local::gateway::{Function, Handler};
use serde_json::Value;

use crate::stored::{Event, events};

const TIMEOUT: Duration = Duration::from_secs(29);

/// The handler that a function's binary runs, in a container of its own.
fn function(world: &World, name: &str) -> Box<dyn Function> {
    let boot = &world.stack.boot;
    let clock = Arc::clone(&boot.clock);
    match name {
        "portal-connectors" => {
            let app = Arc::new(portal_connectors::App::new(boot));
            let handler = move |request| portal_connectors::handle(Arc::clone(&app), request);
            Box::new(Handler::new(handler, clock, TIMEOUT))
        }
        "portal-test" => {
            let app = Arc::new(portal_test::App::new(boot).unwrap());
            let handler = move |request| portal_test::handle(Arc::clone(&app), request);
            Box::new(Handler::new(handler, clock, TIMEOUT))
        }
        "agent-invoke" => {
            let app = Arc::new(agent_invoke::App::new(boot).unwrap());
            let handler = move |request| agent_invoke::handle(Arc::clone(&app), request);
            Box::new(Handler::new(handler, clock, TIMEOUT))
        }
        "agent-refresh" => {
            let app = Arc::new(agent_refresh::App::new(boot));
            let handler = move |request| agent_refresh::handle(Arc::clone(&app), request);
            Box::new(Handler::new(handler, clock, TIMEOUT))
        }
        "cache-stats" => {
            let app = Arc::new(cache_stats::App::new(boot));
            let handler = move |request| cache_stats::handle(Arc::clone(&app), request);
            Box::new(Handler::new(handler, clock, TIMEOUT))
        }
        other => panic!("no function {other}"),
    }
}

/// Feeds every event, changed in some way, to the function of its route.
async fn answer_all(world: &World, change: impl Fn(&mut Value)) {
    for stored in events() {
        let mut event = stored.signed(world);
        let function = function(world, stored.function);
        change(&mut event);
        let answer = function.invoke(event.to_string().into_bytes(), "invocation-1").await.unwrap();
        assert_eq!(answer["statusCode"], stored.status, "{stored:?}: {answer}");
    }
}

fn as_default(event: &mut Value) {
    event["routeKey"] = "$default".into();
    event["requestContext"]["routeKey"] = "$default".into();
}

#[tokio::test]
async fn every_event_is_answered_as_documented() {
    let world = World::saas().await;
    answer_all(&world, |_| {}).await;
}

#[tokio::test]
async fn an_event_of_the_default_route_is_answered_by_its_path() {
    let world = World::saas().await;
    // As `cargo lambda watch` sends it, and as a `$default` route of API Gateway does.
    answer_all(&world, as_default).await;
    answer_all(&world, |event| {
        as_default(event);
        event.as_object_mut().unwrap().remove("pathParameters");
    })
    .await;
}

#[tokio::test]
async fn an_event_with_its_placeholder_is_nobodys() {
    let world = World::saas().await;
    for stored in events().into_iter().filter(Event::has_placeholder) {
        let function = function(&world, stored.function);
        let event = stored.load().to_string().into_bytes();
        let answer = function.invoke(event, "invocation-1").await.unwrap();
        assert_eq!(answer["statusCode"], 401, "{stored:?}: {answer}");
    }
}
