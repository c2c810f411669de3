//! Nothing secret in any log, at any level: canaries go in wherever a request can carry one, through every kind of
//! answer, and none comes out on standard output or standard error.

use std::net::Ipv4Addr;

use axum::{
    body::Body,
    extract::Request,
    handler::HandlerWithoutStateExt,
    http::{Response, header::AUTHORIZATION},
};
use end_to_end::Call;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::running::{Ended, Running};

const CANARY: &str = "canary7Qx";
/// A session token's form: 43 characters of base64url.
const COOKIE: &str = "canary7QxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A service that repeats what it was sent, with the status that its path ends in.
async fn repeating_upstream() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handler = |request: Request| {
        let sent = request.headers().get(AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
        let status: u16 =
            request.uri().path().rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(200);
        let body = json!({"message": format!("{CANARY} {sent} {}", request.uri())}).to_string();
        let response = Response::builder().status(status).header("content-type", "application/json");
        std::future::ready(response.header("retry-after", "1").body(Body::from(body)).unwrap())
    };
    tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
    url
}

/// Creates a secret of tenant-a whose name and value are canaries; gives its ARN.
async fn secret(running: &Running, name: &str, owner: &str, value: &str) -> String {
    let request = json!({
        "Name": format!("axonflow/{CANARY}/{name}"), "SecretString": value, "ClientRequestToken": "0".repeat(32),
        "Description": CANARY, "Tags": [{"Key": "axonflow:tenant_id", "Value": owner}],
    });
    let reply = running.secrets("CreateSecret", &request).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["ARN"].as_str().unwrap().to_owned()
}

async fn expect(call: Call, status: u16) {
    let reply = call.send().await;
    assert_eq!(reply.status, status, "{}", reply.text);
}

/// Every kind of request of the portal, with a canary wherever there is room for one.
async fn portal(running: &Running, url: &str) {
    let own = secret(running, "own", "tenant-a", &json!({"token": CANARY}).to_string()).await;
    let theirs = secret(running, "theirs", "tenant-b", &json!({"token": CANARY}).to_string()).await;
    let malformed = secret(running, "malformed", "tenant-a", CANARY).await;
    let absent = own.replace("/own-", "/absent-");
    let list = format!("/api/v1/connectors?x={CANARY}&token={CANARY}");
    let connectors = || running.portal("POST", &list);
    // Each call is repeated once at most, however often the upstream asks for it.
    for (name, arn) in [("own", &own), ("theirs", &theirs), ("malformed", &malformed), ("absent", &absent)] {
        let body = json!({
            "connector_name": name, "connector_type": "custom", "connection_url": format!("{url}/{CANARY}"),
            "description": CANARY, "credentials_secret_arn": arn, "max_retries": 1,
            "options": {"auth_type": "bearer", "headers": {"X-Plain": CANARY}},
        });
        expect(connectors().json(&body), 201).await;
        expect(connectors().json(&body), 409).await;
    }
    let credential =
        json!({"connector_name": "x", "connector_type": "custom", "options": {"password": CANARY}});
    expect(connectors().json(&credential), 422).await;
    expect(connectors().json(&json!({CANARY: CANARY, "credentials_secret_arn": CANARY})), 422).await;
    let json = |body: String| connectors().header("content-type", "application/json").body(body);
    expect(json(format!("{{\"{CANARY}\": {CANARY}")), 400).await;
    expect(json(format!("{CANARY}{}", "x".repeat(64 * 1024))), 413).await;
    expect(connectors().header("content-type", "text/plain").body(CANARY), 415).await;
    expect(connectors().header("origin", &format!("https://{CANARY}.example")).json(&credential), 403).await;

    let record = || running.portal("PUT", &format!("/api/v1/connectors/own?x={CANARY}"));
    expect(record().json(&json!({"description": format!("{CANARY} 2"), "credentials_secret_arn": own})), 200)
        .await;
    expect(record().header("if-match", &format!("\"{CANARY}\"")).json(&json!({"description": CANARY})), 412)
        .await;
    let masked = format!("{}other/...masked", own.split("axonflow").next().unwrap());
    expect(record().json(&json!({"credentials_secret_arn": masked})), 422).await;
    let test = format!("/api/v1/connectors/own/test?x={CANARY}");
    expect(running.portal("POST", &test).json(&json!({"mode": "simulated"})), 200).await;
    expect(running.portal("POST", &test).json(&json!({"mode": CANARY})), 422).await;
    for (name, success) in [("own", true), ("theirs", false), ("malformed", false), ("absent", false)] {
        let test = running.portal("POST", &format!("/api/v1/connectors/{name}/test"));
        let reply = test.json(&json!({"mode": "live"})).send().await;
        assert_eq!((reply.status, &reply.json()["success"]), (200, &json!(success)), "{}", reply.text);
    }
    expect(running.portal("GET", "/api/v1/connectors"), 200).await;
    expect(running.portal("GET", &list), 400).await;
    expect(running.portal("GET", &format!("/api/v1/connectors?cursor={CANARY}")), 400).await;
    expect(running.portal("GET", &format!("/{CANARY}")), 404).await;
    expect(running.portal("PATCH", "/api/v1/connectors/own"), 405).await;

    let base = running.credentials["portal"]["url"].as_str().unwrap();
    let stranger = || Call::new("GET", format!("{base}{list}"));
    expect(stranger().session(COOKIE), 401).await;
    expect(stranger().session(CANARY).header("authorization", &format!("Bearer {CANARY}")), 401).await;
    expect(stranger(), 401).await;
}

/// Every kind of request of the agent.
async fn agent(running: &Running) {
    let query = |connector: &str, statement: &str| {
        let body = json!({
            "connector": connector, "statement": format!("/{CANARY}{statement}?x={CANARY}"),
            "parameters": {CANARY: CANARY}, "user_token": CANARY, "license_key": CANARY,
        });
        running.query(&body).header("cookie", &format!("axonflow_session={COOKIE}"))
    };
    expect(query("own", ""), 200).await;
    for (upstream, status) in
        [(302, 502), (400, 422), (401, 424), (403, 424), (404, 422), (429, 429), (500, 502), (503, 502)]
    {
        expect(query("own", &format!("/{upstream}")), status).await;
    }
    expect(query("theirs", ""), 424).await;
    expect(query("malformed", ""), 424).await;
    expect(query("absent", ""), 424).await;
    expect(query("no-such", ""), 404).await;
    expect(query("own", "/../.."), 422).await;
    let refused = json!({"connector": "own", "operation": "DELETE", "statement": format!("/{CANARY}")});
    expect(running.query(&refused), 403).await;
    expect(running.query(&json!({"connector": "own", "operation": CANARY})), 422).await;
    expect(running.query(&json!({"connector": "own", "timeout": CANARY, "limit": CANARY})), 422).await;

    let base = running.credentials["agent"]["url"].as_str().unwrap();
    let url = format!("{base}/mcp/resources/query?key={CANARY}");
    let stranger = || Call::new("POST", url.clone()).json(&json!({"connector": "own", "statement": CANARY}));
    let good = running.credentials["agent"]["licenses"]["tenant-a"].as_str().unwrap();
    let claims = good.split('.').nth(1).unwrap();
    for key in
        [format!("AXON-{CANARY}"), format!("AXON-{CANARY}.{claims}.{CANARY}"), format!("{good}{CANARY}")]
    {
        expect(stranger().header("x-license-key", &key), 401).await;
    }
    expect(stranger().header("authorization", &format!("Basic {CANARY}")), 401).await;
    expect(stranger().header("authorization", &format!("Bearer {CANARY}")), 401).await;
    expect(stranger().header("x-license-key", good), 400).await;
    let licensed = || Call::new("POST", format!("{base}/mcp/resources/query")).header("x-license-key", good);
    let foreign = json!({"connector": "own", "statement": CANARY});
    expect(licensed().header("x-tenant-id", CANARY).json(&foreign), 403).await;
    let malformed = licensed();
    let malformed = malformed.header("content-type", "application/json");
    expect(malformed.body(format!("{{\"connector\": {CANARY}")), 400).await;
    expect(Call::new("GET", format!("{base}/{CANARY}?x={CANARY}")), 404).await;
}

/// Executes, through every kind of answer.
async fn executes(running: &Running) {
    let execute = |connector: &str, action: &str, statement: &str| {
        let body = json!({
            "connector": connector, "action": action, "statement": format!("/{CANARY}{statement}?x={CANARY}"),
            "parameters": {CANARY: CANARY}, "user_token": CANARY,
        });
        running.execute(&body)
    };
    for action in ["POST", "PUT", "PATCH", "GET"] {
        expect(execute("own", action, ""), 200).await;
    }
    for (upstream, status) in
        [(302, 502), (400, 422), (401, 424), (403, 424), (404, 422), (429, 429), (500, 502), (503, 502)]
    {
        expect(execute("own", "POST", &format!("/{upstream}")), status).await;
    }
    expect(execute("own", "DELETE", ""), 403).await;
    expect(execute("own", CANARY, ""), 422).await;
    expect(execute("theirs", "POST", ""), 424).await;
    expect(execute("malformed", "POST", ""), 424).await;
    expect(execute("no-such", "POST", ""), 404).await;
}

/// Lists, health, refreshes and statistics, and the connectors of the lower tiers.
async fn looks(running: &Running) {
    let get = |path: &str| running.agent("GET", path);
    let refresh = |path: &str| running.agent("POST", &format!("/api/v1/connectors/refresh{path}"));
    for name in ["own", "theirs", "malformed", "absent", "filed", "varied"] {
        let reply = get(&format!("/mcp/connectors/{name}/health")).send().await;
        let healthy = ["own", "filed", "varied"].contains(&name);
        assert_eq!((reply.status, &reply.json()["healthy"]), (200, &json!(healthy)), "{}", reply.text);
    }
    expect(get(&format!("/mcp/connectors/{CANARY}/health")), 404).await;
    // What a route does not know is refused, and not repeated.
    let unknown = format!("?{CANARY}={CANARY}&x={CANARY}");
    for path in ["/mcp/connectors", "/mcp/connectors/own/health", "/api/v1/connectors/cache/stats"] {
        expect(get(&format!("{path}{unknown}")), 400).await;
    }
    expect(refresh(&format!("/tenant-a/own{unknown}")), 400).await;
    expect(get("/mcp/connectors"), 200).await;
    expect(get("/mcp/connectors?health=true"), 200).await;
    expect(get(&format!("/mcp/connectors?health={CANARY}")), 400).await;
    for name in ["filed", "varied"] {
        for (path, status) in [("", 200), ("/401", 424), ("/404", 422)] {
            let body = json!({"connector": name, "statement": format!("{path}?x={CANARY}")});
            expect(running.query(&body), status).await;
            let body =
                json!({"connector": name, "action": "POST", "statement": path, "parameters": {"a": CANARY}});
            expect(running.execute(&body), status).await;
        }
    }
    expect(refresh("/tenant-a/own").json(&json!({CANARY: CANARY})), 200).await;
    expect(refresh("/tenant-a"), 200).await;
    expect(refresh(""), 403).await;
    expect(refresh(&format!("/{CANARY}")), 403).await;
    expect(get("/api/v1/connectors/cache/stats"), 200).await;
    expect(get(&format!("/api/v1/connectors/cache/stats?tenant_id={CANARY}")), 403).await;
}

/// A configuration file with a connector that holds its credentials itself, some in a variable.
fn configuration(url: &str) -> String {
    format!(
        "version: '1.0'\nconnectors:\n  filed:\n    type: custom\n    enabled: true\n    connection_url: {url}\n    \
         max_retries: 0\n    credentials: {{token: '{CANARY}${{FILED_PART}}'}}\n    options: {{auth_type: bearer}}\n"
    )
}

/// The endpoint that stands for AWS.
async fn secrets(running: &Running) {
    let id = format!("axonflow/{CANARY}/own");
    expect(running.secrets("GetSecretValue", &json!({"SecretId": id})), 200).await;
    expect(running.secrets("GetSecretValue", &json!({"SecretId": format!("{id}-2")})), 400).await;
    expect(
        running.secrets("PutSecretValue", &json!({"SecretId": id, "SecretString": {CANARY: CANARY}})),
        400,
    )
    .await;
    expect(running.secrets(CANARY, &json!({CANARY: CANARY})), 400).await;
}

/// Everything that the stack itself made and that must not be logged.
fn own_secrets(credentials: &Value) -> Vec<String> {
    let texts = ["/portal/sessions", "/agent/licenses"].map(|path| credentials.pointer(path).unwrap());
    let texts = texts.into_iter().flat_map(|map| map.as_object().unwrap().values());
    texts.map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn log_at(level: &str) -> (Ended, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let url = repeating_upstream().await;
    let file = folder.path().join("axonflow.yaml");
    std::fs::write(&file, configuration(&url)).unwrap();
    let environment = [
        ("LOG_LEVEL", level),
        ("RUST_LOG", "trace"),
        ("AXONFLOW_CONFIG_FILE", file.to_str().unwrap()),
        ("FILED_PART", CANARY),
        ("MCP_VARIED_TYPE", "custom"),
        ("MCP_VARIED_URL", &url),
        ("MCP_VARIED_TOKEN", CANARY),
        ("MCP_VARIED_MAX_RETRIES", "0"),
        ("MCP_VARIED_OPTIONS_JSON", r#"{"auth_type": "bearer"}"#),
    ];
    let running = Running::start(folder.path(), &environment).await;
    portal(&running, &url).await;
    agent(&running).await;
    executes(&running).await;
    looks(&running).await;
    secrets(&running).await;
    let (welcome, own) = (running.welcome.clone(), own_secrets(&running.credentials));
    let ended = running.signal("TERM").await;
    assert_eq!((ended.code, &ended.stdout), (Some(0), &welcome), "nothing is printed after the welcome");
    (ended, own)
}

#[tokio::test]
async fn no_canary_is_in_the_log_at_any_level() {
    for level in ["info", "debug", "trace"] {
        let (Ended { stdout, stderr, .. }, own) = log_at(level).await;
        // The log is there, and is about these calls.
        assert!(stderr.contains("answered status") && stderr.contains("refused status"), "{level}: {stderr}");
        for (stream, text) in [("stdout", &stdout), ("stderr", &stderr)] {
            let found = text.lines().find(|line| line.to_lowercase().contains(&CANARY.to_lowercase()));
            assert_eq!(found, None, "{level}: {stream}");
        }
        for secret in own {
            assert!(!stderr.contains(&secret), "{level}: a session or license of the stack's own");
        }
        let arn = stderr.lines().find(|line| line.contains("arn:"));
        assert_eq!(arn, None, "{level}");
    }
}

#[tokio::test]
async fn an_ordinary_run_logs_no_warning_and_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[]).await;
    let demo = |statement: &str| running.query(&json!({"connector": "demo-crm", "statement": statement}));
    let body = json!({"connector_name": "own", "connector_type": "slack", "connection_url": "https://slack.com/api"});
    expect(running.portal("POST", "/api/v1/connectors").json(&body), 201).await;
    expect(running.portal("POST", "/api/v1/connectors").json(&body), 409).await;
    expect(running.portal("PUT", "/api/v1/connectors/own").json(&json!({"enabled": false})), 200).await;
    expect(running.portal("POST", "/api/v1/connectors/own/test"), 200).await;
    expect(running.portal("GET", "/api/v1/connectors"), 200).await;
    expect(running.query(&json!({"connector": "own"})), 409).await;
    expect(running.portal("DELETE", "/api/v1/connectors/own"), 204).await;
    expect(running.portal("GET", "/api/v1/connectors/own"), 404).await;
    expect(demo("/accounts"), 200).await;
    expect(demo("/nothing"), 422).await;
    expect(running.query(&json!({"connector": "demo-crm", "operation": "DELETE"})), 403).await;
    expect(running.query(&json!({"connector": 1})), 422).await;
    expect(running.portal("POST", "/api/v1/connectors/demo-crm/test").json(&json!({"mode": "live"})), 200)
        .await;
    let note = json!({
        "connector": "demo-crm", "action": "POST", "statement": "/accounts/acc-1001/notes", "parameters": {"text": "x"},
    });
    expect(running.execute(&note), 200).await;
    expect(running.agent("GET", "/mcp/connectors?health=true"), 200).await;
    expect(running.agent("GET", "/mcp/connectors/demo-crm/health"), 200).await;
    expect(running.agent("POST", "/api/v1/connectors/refresh/tenant-a/demo-crm"), 200).await;
    expect(running.agent("GET", "/api/v1/connectors/cache/stats"), 200).await;
    let ended = running.signal("TERM").await;
    assert!(ended.stderr.contains("INFO"), "{}", ended.stderr);
    let grave = ended.stderr.lines().find(|line| line.contains("WARN") || line.contains("ERROR"));
    assert_eq!(grave, None);
}
