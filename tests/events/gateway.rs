//! What the local gateway makes of the request that a stored event tells of: the same event, but for the ids,
//! addresses and times that no two requests share.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use api::routes::ROUTES;
use end_to_end::Call;
use local::gateway::{Function, Gateway, InvokeError, Route};
use model::{clock::SystemClock, entropy::SystemEntropy};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stored::events;

/// Present in both, and each gateway's own.
const OWN: [&str; 10] = [
    "/headers/x-amzn-trace-id",
    "/headers/x-forwarded-for",
    "/headers/x-forwarded-port",
    "/headers/x-forwarded-proto",
    "/requestContext/accountId",
    "/requestContext/apiId",
    "/requestContext/http/sourceIp",
    "/requestContext/requestId",
    "/requestContext/time",
    "/requestContext/timeEpoch",
];

/// A function that keeps what it is handed.
#[derive(Default)]
struct Kept(Mutex<Vec<Value>>);

#[async_trait::async_trait]
impl Function for Kept {
    async fn invoke(&self, event: Vec<u8>, _request_id: &str) -> Result<Value, InvokeError> {
        self.0.lock().unwrap().push(serde_json::from_slice(&event).unwrap());
        Ok(json!({"statusCode": 200}))
    }
}

/// The request that an event tells of, as its client sent it.
fn request(event: &Value, base: &str) -> Call {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (path, query) = (text(&event["rawPath"]), text(&event["rawQueryString"]));
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let mut call =
        Call::new(&text(&event["requestContext"]["http"]["method"]), format!("{base}{path}{query}"));
    for (name, value) in event["headers"].as_object().unwrap() {
        if name != "content-length" && !OWN.contains(&format!("/headers/{name}").as_str()) {
            call = call.header(name, &text(value));
        }
    }
    if let Some(cookies) = event["cookies"].as_array() {
        call = call.header("cookie", &cookies.iter().map(text).collect::<Vec<_>>().join("; "));
    }
    call.body(event["body"].as_str().unwrap_or_default())
}

/// The event without the values that are each gateway's own; their places stay.
fn comparable(mut event: Value, what: &str) -> Value {
    for pointer in OWN {
        let value = event.pointer_mut(pointer).unwrap_or_else(|| panic!("{what} lacks {pointer}"));
        *value = match value {
            Value::String(_) => "text".into(),
            Value::Number(_) => 0.into(),
            other => panic!("{what} has {other} at {pointer}"),
        };
    }
    event
}

#[tokio::test]
async fn the_local_gateway_makes_the_stored_events_of_their_requests() {
    let kept = Arc::new(Kept::default());
    let routes = ROUTES.iter().map(|route| Route {
        method: route.method.parse().unwrap(),
        template: route.template.to_owned(),
        function: Arc::clone(&kept) as Arc<dyn Function>,
    });
    let gateway = Gateway::new(
        routes.collect(),
        Arc::clone(&kept) as Arc<dyn Function>,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    );
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(gateway.serve(listener, std::future::pending()));

    for event in events() {
        let (name, stored) = (event.name, event.load());
        let reply = request(&stored, &base).send().await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.text);
        let made = kept.0.lock().unwrap().pop().unwrap();
        assert_eq!(comparable(made, "the gateway's event"), comparable(stored, name), "{name}");
    }
}
