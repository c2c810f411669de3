//! The gateway from end to end, with real handlers behind it.

use std::convert::Infallible;

use axum::body::Body as HttpBody;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use lambda_http::{Body, RequestExt as _, http::StatusCode, request::RequestContext};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::{
    testing::{ARRIVAL, Constant, FixedClock, FixedEntropy},
    *,
};

const FUNCTION_TIMEOUT: Duration = Duration::from_secs(29);

type Handled = Result<lambda_http::Response<Body>, Infallible>;

/// Tells what reached it, as JSON.
async fn echo(request: lambda_http::Request) -> Handled {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        panic!("not an event of an HTTP API")
    };
    let told = json!({
        "routeKey": context.route_key,
        "rawPath": request.raw_http_path(),
        "parameters": request.path_parameters_ref().map(|map| map.iter().collect::<Vec<_>>()),
        "query": request.query_string_parameters_ref().map(|map| map.iter().collect::<Vec<_>>()),
        "cookie": request.headers().get("cookie").map(|value| value.to_str().unwrap()),
        "proto": request.headers()["x-forwarded-proto"].to_str().unwrap(),
        "body": request.body().to_vec(),
    });
    Ok(lambda_http::Response::new(Body::from(told.to_string())))
}

fn handler<H, F>(handler: H) -> Arc<dyn Function>
where
    H: Fn(lambda_http::Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Handled> + Send + 'static,
{
    Arc::new(Handler::new(handler, Arc::new(FixedClock), FUNCTION_TIMEOUT))
}

fn gateway(routes: Vec<Route>, default: Arc<dyn Function>) -> Gateway {
    Gateway::new(routes, default, Arc::new(FixedClock), Arc::new(FixedEntropy))
}

fn get(target: &str) -> Request {
    Request::get(target).header("host", "localhost:9000").body(HttpBody::empty()).unwrap()
}

async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    assert!(response.headers().contains_key("apigw-requestid"));
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn ask(gateway: &Gateway, request: Request) -> (StatusCode, Value) {
    read(gateway.answer(ARRIVAL, request).await).await
}

#[track_caller]
fn assert_refused((status, body): (StatusCode, Value), expected: u16, message: &str) {
    assert_eq!((status.as_u16(), body), (expected, json!({ "message": message })));
}

#[tokio::test]
async fn every_path_reaches_the_handler_as_an_http_api_tells_it() {
    let gateway = gateway(Vec::new(), handler(echo));
    for (sent, raw) in [
        ("/a%20b", "/a b"),
        ("/%20", "/ "),
        ("/a%22b'c", "/a\"b'c"),
        ("/a\"b{c}|d", "/a\"b{c}|d"),
        ("/100%25", "/100%"),
        ("/%2525", "/%25"),
        ("//", "//"),
        ("//evil.example/x", "//evil.example/x"),
        ("/a//b", "/a//b"),
        ("/../../a", "/../../a"),
        ("/%2e%2e/a", "/../a"),
        ("/caf%C3%A9/%E4%B8%96", "/café/世"),
        ("/a%3Fb", "/a"),
        ("/a%23b", "/a#b"),
        ("/%5C%5Ca", "/\\\\a"),
        ("/%00%0A%09%7F", "/\0\n\t\u{7f}"),
        ("/%3C%3E%5E%60%5B%5D:@", "/<>^`[]:@"),
    ] {
        let (status, told) = ask(&gateway, get(&format!("{sent}?q=1"))).await;
        assert_eq!((status, &told["rawPath"]), (StatusCode::OK, &json!(raw)), "{sent}");
        assert_eq!(told["query"], json!([["q", "1"]]), "{sent}");
    }
}

#[tokio::test]
async fn routes_are_chosen_before_the_default() {
    let route = |method, template: &str| Route { method, template: template.into(), function: handler(echo) };
    let routes = vec![
        route(lambda_http::http::Method::GET, "/a/{name}"),
        route(lambda_http::http::Method::GET, "/a/refresh"),
    ];
    let gateway = gateway(routes, handler(echo));
    let (_, told) = ask(&gateway, get("/a/refresh")).await;
    assert_eq!((&told["routeKey"], &told["parameters"]), (&json!("GET /a/refresh"), &json!(null)));
    let (_, told) = ask(&gateway, get("/a/x%2Fy%3Fz")).await;
    assert_eq!(told["routeKey"], "GET /a/{name}");
    assert_eq!(told["parameters"], json!([["name", "x/y?z"]]));
    assert_eq!(told["rawPath"], "/a/x/y");
    let (_, told) = ask(&gateway, get("/b")).await;
    assert_eq!(told["routeKey"], "$default");
}

#[tokio::test]
async fn cookies_and_bodies_survive_the_trip() {
    let gateway = gateway(Vec::new(), handler(echo));
    for (content_type, body) in [
        ("application/json", "{\"é\":1}".as_bytes()),
        ("application/json", b"\xFF"),
        ("image/png", b"\0\x01"),
    ] {
        let request = Request::post("/")
            .header("host", "localhost")
            .header("cookie", "a=1; b=2")
            .header("content-type", content_type)
            .body(HttpBody::from(body))
            .unwrap();
        let (_, told) = ask(&gateway, request).await;
        assert_eq!((&told["cookie"], &told["body"]), (&json!("a=1; b=2"), &json!(body)));
    }
}

#[tokio::test]
async fn a_strange_client_harms_nobody() {
    let gateway = gateway(Vec::new(), handler(echo));
    for host in ["", "a b", "[::1", "a:b", "/", "a\"", "%", "\u{7f}x"] {
        let Ok(request) = Request::get("/").header("host", host).body(HttpBody::empty()) else { continue };
        assert_refused(ask(&gateway, request).await, 400, "Bad Request");
    }
    let mut request = get("/");
    request.headers_mut().insert("x-forwarded-proto", "not a scheme".parse().unwrap());
    let (status, told) = ask(&gateway, request).await;
    assert_eq!((status, &told["proto"]), (StatusCode::OK, &json!("http")));
}

#[tokio::test]
async fn what_makes_no_event_is_refused() {
    let gateway = gateway(Vec::new(), handler(echo));
    for target in ["/%", "/%zz", "/%FF", "*"] {
        assert_refused(ask(&gateway, get(target)).await, 400, "Bad Request");
    }
    let mut request = get("/");
    request.headers_mut().insert("x-long", "x".repeat(10_240).parse().unwrap());
    assert_refused(ask(&gateway, request).await, 431, "Request Header Fields Too Large");
}

#[tokio::test]
async fn limits_hold_in_both_directions() {
    let gateway = gateway(Vec::new(), handler(echo));
    // Over Lambda's limit as an event, then over the gateway's own as a body.
    for length in [6 * 1024 * 1024, 10 * 1024 * 1024 + 1] {
        let request = Request::post("/").header("host", "a").body(HttpBody::from(vec![0; length])).unwrap();
        assert_refused(ask(&gateway, request).await, 413, "Request Entity Too Large");
    }
    let large = |_request| async { Ok(lambda_http::Response::new(Body::from("x".repeat(6_300_000)))) };
    let gateway = self::gateway(Vec::new(), handler(large));
    assert_refused(ask(&gateway, get("/")).await, 500, "Internal Server Error");
}

#[tokio::test]
async fn a_crash_is_a_plain_500_and_the_next_call_works() {
    let crashing = |request: lambda_http::Request| async move {
        assert_ne!(request.raw_http_path(), "/crash", "a panic that the test provokes");
        Ok(lambda_http::Response::new(Body::from("{}")))
    };
    let gateway = gateway(Vec::new(), handler(crashing));
    assert_refused(ask(&gateway, get("/crash")).await, 500, "Internal Server Error");
    assert_eq!(ask(&gateway, get("/")).await, (StatusCode::OK, json!({})));
}

#[tokio::test(start_paused = true)]
async fn a_slow_function_is_an_error_of_its_own_timeout_or_of_the_gateways() {
    let hanging = |_request| std::future::pending();
    let ended = gateway(Vec::new(), handler(hanging));
    assert_refused(ask(&ended, get("/")).await, 500, "Internal Server Error");
    let slow = Handler::new(hanging, Arc::new(FixedClock), Duration::from_mins(1));
    let given_up = gateway(Vec::new(), Arc::new(slow));
    assert_refused(ask(&given_up, get("/")).await, 503, "Service Unavailable");
}

#[tokio::test]
async fn requests_over_the_wire_are_served_and_finished_before_shutdown() {
    let (called, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waiting = {
        let (called, release) = (Arc::clone(&called), Arc::clone(&release));
        move |_request| {
            let (called, release) = (Arc::clone(&called), Arc::clone(&release));
            async move {
                called.notify_one();
                release.notified().await;
                Ok(lambda_http::Response::new(Body::from("\"done\"")))
            }
        }
    };
    let route = |template: &str, function| Route {
        method: lambda_http::http::Method::POST,
        template: template.into(),
        function,
    };
    let bodiless = Constant(json!({ "statusCode": 204, "body": "x" }));
    let routes = vec![route("/wait", handler(waiting)), route("/empty", Arc::new(bodiless))];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(gateway(routes, handler(echo)).serve(listener, async move {
        stopped.await.unwrap();
    }));

    let client: Client<_, Full<axum::body::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let post = |path: &str, body: Vec<u8>| {
        let request = Request::post(format!("http://{address}{path}")).body(Full::from(body)).unwrap();
        client.request(request)
    };
    let (status, told) = read(post("/a%20b?x=1", b"hi".to_vec()).await.unwrap().map(HttpBody::new)).await;
    assert_eq!((status, &told["rawPath"], &told["body"]), (StatusCode::OK, &json!("/a b"), &json!(b"hi")));

    let empty = post("/empty", Vec::new()).await.unwrap();
    assert_eq!((empty.status(), empty.headers().get("content-length")), (StatusCode::NO_CONTENT, None));

    let too_large = post("/", vec![0; 11 * 1024 * 1024]).await.unwrap();
    assert_eq!(too_large.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let waiting = tokio::spawn(post("/wait", Vec::new()));
    called.notified().await;
    stop.send(()).unwrap();
    release.notify_one();
    let (status, told) = read(waiting.await.unwrap().unwrap().map(HttpBody::new)).await;
    assert_eq!((status, told), (StatusCode::OK, json!("done")));
    server.await.unwrap().unwrap();
}
