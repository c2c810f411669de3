//! The vendor of docs/adding-a-vendor.md, run: what a declaration says is what is sent.

use std::sync::Arc;
use std::time::Duration;

use egress::{Egress, Rules, SystemResolver, Tls};
use model::{
    allow_list::AllowList,
    clock::{Clock, SystemClock},
    connector_type::ConnectorType,
    deadline::Deadline,
    fault::Pointer,
    health::Health,
    ids::{ConnectorName, TenantId},
    options::Options,
    parameters::Parameters,
    record::ConnectorRecord,
};
use serde_json::{Value, json};
use stand_ins::{Answer, Seen, StandIn, Vendor};

use super::sample::ACME;
use crate::{
    Connector, ConnectorError, Credentials, Executed, Request, Stage, Stages,
    parameter::Place,
    vendor::{
        api::Api,
        op::{Op, Pages},
    },
};

/// Acme as its documentation has it: tokens, five tickets, two a page.
struct Acme;

impl Vendor for Acme {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.path == "/oauth/token" {
            let good = seen.field("client_id").as_deref() == Some("id");
            let token = json!({"access_token": "t0ken", "token_type": "Bearer", "expires_in": 600});
            let denied = json!({"error": "invalid_client"});
            return if good { Answer::json(200, &token) } else { Answer::json(401, &denied) };
        }
        if seen.bearer() != "t0ken" {
            return Answer::json(401, &json!({"code": "UNAUTHORISED", "message": "who are you?"}));
        }
        match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/v2/me") => Answer::json(200, &json!({"name": "Ada"})),
            ("GET", "/v2/tickets") => {
                let after: usize = seen.parameter("after").map_or(0, |after| after.parse().unwrap());
                let size: usize = seen.parameter("size").unwrap().parse().unwrap();
                let tickets: Vec<Value> =
                    (after..5).take(size).map(|number| json!({"id": format!("T-{number}")})).collect();
                let end = after + tickets.len();
                let next = if end < 5 { json!(end.to_string()) } else { Value::Null };
                Answer::json(200, &json!({"tickets": tickets, "next": next}))
            }
            // The third ticket is there and not for this caller.
            ("GET", "/v2/archive") => {
                let number = |name: &str| seen.parameter(name).unwrap_or_default().parse().unwrap_or(0);
                let page = (0..5).skip(number("offset")).take(number("size")).filter(|number| *number != 2);
                Answer::json(200, &json!({"tickets": page.collect::<Vec<usize>>()}))
            }
            ("POST", "/v2/tickets") => Answer::json(201, &json!({"id": "T-9"})),
            ("PUT", path) if path.starts_with("/v2/tickets/") => Answer::empty(204),
            _ => {
                violations.push(format!("{} {}", seen.method, seen.path));
                Answer::json(404, &json!({"code": "NONE"}))
            }
        }
    }
}

/// The same vendor with a list that does not say where it ends.
static ARCHIVE: crate::vendor::Vendor = crate::vendor::Vendor {
    kind: ACME.kind,
    name: ACME.name,
    operations: &[Op::read("archive", "Old tickets.")
        .get("/v2/archive")
        .rows("/tickets")
        .pages(Pages::Further { send: Place::Query("offset") })
        .sized(Place::Query("size"), 2)],
    language: None,
    way: ACME.way,
    refusal: ACME.refusal,
    health: ACME.health,
};

fn api(url: &str, secret: &Value) -> Result<Api, ConnectorError> {
    api_with(url, secret, &json!({}))
}

fn api_with(url: &str, secret: &Value, options: &Value) -> Result<Api, ConnectorError> {
    api_of(&ACME, url, secret, options)
}

fn api_of(
    vendor: &'static crate::vendor::Vendor,
    url: &str,
    secret: &Value,
    options: &Value,
) -> Result<Api, ConnectorError> {
    let rules = Rules::new(AllowList::parse("127.0.0.1").unwrap(), None).unwrap();
    let egress = Egress::new(rules, Tls::new(None).unwrap(), Arc::new(SystemResolver), Arc::new(SystemClock));
    let now = SystemClock.now().wall;
    let record = ConnectorRecord {
        id: uuid::Uuid::nil(),
        tenant_id: TenantId::parse("tenant-a").unwrap(),
        connector_name: ConnectorName::parse("acme").unwrap(),
        connector_type: ConnectorType::Custom,
        display_name: "acme".into(),
        description: None,
        connection_url: Some(url.to_owned()),
        options: Options::check(options, ConnectorType::Custom, &Pointer::root()).unwrap(),
        credentials_secret_arn: None,
        timeout_ms: 30_000,
        max_retries: 2,
        enabled: true,
        health: Health::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    Api::new(vendor, &record, Credentials::parse(&secret.to_string()).ok(), &egress)
}

fn good(acme: &StandIn<Acme>) -> Api {
    api(&acme.url(), &json!({"client_id": "id", "client_secret": "CANARY"})).ok().unwrap()
}

async fn asked(
    api: &Api,
    operation: Option<&str>,
    statement: Option<&str>,
    parameters: &Value,
    limit: Option<usize>,
) -> Result<Executed, ConnectorError> {
    let parameters = Parameters::parse(parameters.to_string().as_bytes()).unwrap();
    let request = Request { operation, statement, parameters: &parameters, limit, ..Request::NOTHING };
    let deadline = Deadline::after(SystemClock.now(), Duration::from_secs(20));
    api.execute(request, deadline).await
}

#[test]
fn the_page_shows_the_file_that_runs() {
    let page = include_str!("../../docs/adding-a-vendor.md");
    let file = include_str!("sample.rs");
    assert!(page.contains(&format!("```rust\n{file}```")), "docs/adding-a-vendor.md shows another file");
}

#[test]
fn every_vendor_s_examples_are_what_its_operations_take() {
    let vendors = ConnectorType::ALL.into_iter().filter_map(super::of);
    for vendor in vendors.chain([&ACME]) {
        for op in vendor.operations {
            let parameters = Parameters::parse(op.example.as_bytes()).unwrap();
            let request =
                Request { operation: Some(op.spec.name), parameters: &parameters, ..Request::NOTHING };
            let checked = vendor.check(request);
            assert_eq!(checked, Ok(()), "{} {}", vendor.name, op.spec.name);
            assert!(op.spec.summary.ends_with('.'), "{} {}", vendor.name, op.spec.name);
            let schema = op.spec.schema();
            let given: Value = serde_json::from_str(op.example).unwrap();
            assert!(jsonschema::is_valid(&schema, &given), "{} {}: {schema}", vendor.name, op.spec.name);
            for name in op.path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
                let known =
                    op.parameters().iter().any(|parameter| parameter.name == name && parameter.required);
                // What is no parameter is a variable, and those say so by their form.
                assert!(known || name.starts_with('$'), "{} {}: {name}", vendor.name, op.spec.name);
            }
        }
        let mut names: Vec<&str> = vendor.specs().map(|spec| spec.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{}: a name comes twice", vendor.name);
    }
}

#[tokio::test]
async fn a_declaration_is_what_is_sent() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let done =
        asked(&api, None, Some("status = open"), &json!({"fields": ["id", "title"]}), None).await.unwrap();
    let ids: Vec<Value> =
        done.rows.unwrap().items().iter().map(|row| serde_json::from_str(row.get()).unwrap()).collect();
    assert_eq!(
        json!(ids),
        json!([{"id": "T-0"}, {"id": "T-1"}, {"id": "T-2"}, {"id": "T-3"}, {"id": "T-4"}])
    );
    let done =
        asked(&api, Some("create"), None, &json!({"title": "Fire", "urgent": true}), None).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "create 201"));
    asked(&api, Some("tag"), None, &json!({"id": "T/1 ü", "tag": "a?b"}), None).await.unwrap();
    insta::assert_snapshot!(acme.golden());
}

#[tokio::test]
async fn null_is_as_good_as_nothing_where_it_is_no_value() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    asked(&api, Some("search"), None, &json!({"query": "x", "fields": null}), None).await.unwrap();
    assert_eq!(acme.seen().last().unwrap().parameter("fields"), None);
    asked(&api, Some("create"), None, &json!({"title": "Fire", "urgent": null}), None).await.unwrap();
    assert_eq!(acme.seen().last().unwrap().json(), json!({"ticket": {"title": "Fire"}}));
}

#[tokio::test]
async fn a_limit_ends_the_reading_and_makes_pages_small() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let read = |limit| {
        let api = &api;
        async move {
            let done = asked(api, Some("search"), None, &json!({"query": "x"}), Some(limit)).await.unwrap();
            done.rows.unwrap().items().len()
        }
    };
    assert_eq!(read(1).await, 1);
    assert_eq!(acme.seen().last().unwrap().parameter("size").as_deref(), Some("1"));
    assert_eq!((read(3).await, read(5).await, read(6).await), (3, 5, 5));
}

#[tokio::test]
async fn a_list_that_does_not_say_where_it_ends_is_read_until_a_page_is_empty() {
    let acme = StandIn::start(Acme).await;
    let secret = json!({"client_id": "id", "client_secret": "s"});
    let api = api_of(&ARCHIVE, &acme.url(), &secret, &json!({})).ok().unwrap();
    for (limit, expected, offsets) in [
        (None, json!([0, 1, 3, 4]), json!([null, "2", "4", "6"])),
        (Some(3), json!([0, 1, 3]), json!([null, "2"])),
        (Some(1), json!([0]), json!([null])),
    ] {
        acme.forget();
        let done = asked(&api, Some("archive"), None, &json!({}), limit).await.unwrap();
        let rows: Vec<Value> =
            done.rows.unwrap().items().iter().map(|row| serde_json::from_str(row.get()).unwrap()).collect();
        let asked: Vec<Option<String>> = acme
            .seen()
            .iter()
            .filter(|seen| seen.path == "/v2/archive")
            .map(|seen| seen.parameter("offset"))
            .collect();
        assert_eq!((json!(rows), json!(asked)), (expected, offsets), "{limit:?}");
    }
}

#[tokio::test]
async fn faults_are_told_at_once_and_nothing_is_sent() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let error =
        asked(&api, Some("create"), None, &json!({"titel": "x", "urgent": "yes"}), None).await.unwrap_err();
    let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
    let places: Vec<String> = faults.iter().map(|fault| fault.pointer.to_string()).collect();
    assert_eq!(places, ["/parameters/titel", "/parameters/title", "/parameters/urgent"]);
    for (operation, statement, parameters, part) in [
        (Some("serach"), None, json!({}), "did you mean search?; known are search, create, tag"),
        (None, None, json!({}), "names no operation; known are search, create, tag"),
        (Some("create"), Some("x"), json!({"title": "a"}), "takes no statement"),
        (Some("search"), Some("x"), json!({"query": "y"}), "say the same"),
        (Some("tag"), None, json!({"id": "..", "tag": "a"}), "must be an identifier"),
        (Some("tag"), None, json!({"id": "a\r\nb", "tag": "a"}), "must be an identifier"),
    ] {
        let error = asked(&api, operation, statement, &parameters, None).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(acme.seen().len(), 0);
}

#[tokio::test]
async fn a_write_is_sent_again_only_where_nothing_was_done() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let answer = |status: u16, code: &str| Answer::json(status, &json!({"code": code, "message": "m"}));
    for (method, end, operation, parameters, answer, attempts) in [
        ("POST", "/tickets", "create", json!({"title": "a"}), answer(503, "DOWN"), 1),
        ("POST", "/tickets", "create", json!({"title": "a"}), answer(500, ""), 1),
        ("POST", "/tickets", "create", json!({"title": "a"}), answer(429, "SLOW"), 2),
        ("POST", "/tickets", "create", json!({"title": "a"}), answer(409, "LOCKED"), 2),
        ("PUT", "/tags/t", "tag", json!({"id": "T-1", "tag": "t"}), answer(503, "DOWN"), 2),
        ("GET", "/tickets", "search", json!({"query": "a"}), answer(500, ""), 4),
    ] {
        acme.forget();
        acme.next(method, end, vec![answer]);
        let done = asked(&api, Some(operation), None, &parameters, None).await;
        assert_eq!((acme.count(method, end), done.is_ok()), (attempts, attempts > 1), "{operation} {done:?}");
    }
}

#[tokio::test]
async fn a_repetition_that_is_refused_takes_nothing_back() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let answer = |status: u16, code: &str| Answer::json(status, &json!({"code": code, "message": "m"}));
    let tag = json!({"id": "T-1", "tag": "t"});
    acme.next("PUT", "/tags/t", vec![answer(502, "DOWN"), answer(400, "GONE")]);
    let error = asked(&api, Some("tag"), None, &tag, None).await.unwrap_err();
    assert!(matches!(error, ConnectorError::OutcomeUnknown(_)), "{error:?}");
    acme.next("PUT", "/tags/t", vec![answer(429, "SLOW"), answer(400, "GONE")]);
    let error = asked(&api, Some("tag"), None, &tag, None).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Rejected { .. }), "{error:?}");
    acme.next("POST", "/tickets", vec![answer(500, "DOWN")]);
    let error = asked(&api, Some("create"), None, &json!({"title": "a"}), None).await.unwrap_err();
    assert!(error.to_string().ends_with("look before you repeat it"), "{error}");
}

#[tokio::test]
async fn what_leads_to_the_next_page_is_text_of_at_most_8_kibibytes() {
    let acme = StandIn::start(Acme).await;
    let api = good(&acme);
    let page = |next: Value| Answer::json(200, &json!({"tickets": [{"id": "T-0"}], "next": next}));
    // With its quotes it has as many bytes.
    let long = |bytes: usize| Value::from("c".repeat(bytes - 2));
    for (next, part) in [
        (long(8 * 1024 + 1), "more than 8192 bytes"),
        (json!({"page": 2}), "is no text"),
        (json!([2]), "is no text"),
    ] {
        acme.next("GET", "/tickets", vec![page(next)]);
        let error = asked(&api, Some("search"), None, &json!({"query": "x"}), None).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    for end in [json!(""), Value::Null] {
        acme.next("GET", "/tickets", vec![page(end)]);
        let done = asked(&api, Some("search"), None, &json!({"query": "x"}), None).await.unwrap();
        assert_eq!(done.rows.unwrap().items().len(), 1);
    }
    acme.forget();
    acme.next("GET", "/tickets", vec![page(long(8 * 1024)), page(Value::Null)]);
    asked(&api, Some("search"), None, &json!({"query": "x"}), None).await.unwrap();
    assert_eq!(acme.seen().last().unwrap().parameter("after").unwrap().len(), 8 * 1024 - 2);
}

#[test]
fn an_entry_of_the_record_s_lists_that_means_nothing_closes_the_connector() {
    let secret = json!({"client_id": "id", "client_secret": "s"});
    let made = |options: Value| api_with("http://127.0.0.1:1", &secret, &options).err();
    for good in [
        json!({"blocked_operations": ["DELETE", "update", "create", "ta*"]}),
        json!({"allowed_operations": ["Search", "*"], "blocked_operations": []}),
    ] {
        assert_eq!(made(good.clone()), None, "{good}");
    }
    for (wrong, part) in [
        (json!({"blocked_operations": ["creat"]}), "is no operation or verb of custom; did you mean create?"),
        (json!({"blocked_operations": ["tags*"]}), "\"tags*\""),
        (json!({"allowed_operations": ["UPDATE"]}), "is no operation of custom"),
    ] {
        let error = made(wrong).unwrap();
        assert!(matches!(&error, ConnectorError::Configuration(why) if why.contains(part)), "{error}");
    }
}

#[tokio::test]
async fn the_live_test_tells_refused_credentials_from_a_missing_right() {
    let acme = StandIn::start(Acme).await;
    let deadline = Deadline::after(SystemClock.now(), Duration::from_secs(20));
    let passed =
        |stages: &Stages<'_>| stages.all().last().map(|passed| (passed.stage, passed.detail.clone()));
    let mut stages = Stages::new(&SystemClock);
    good(&acme).health(&mut stages, deadline).await.unwrap();
    assert_eq!(passed(&stages), Some((Stage::Call, "GET of me: Ada".into())));
    acme.next(
        "GET",
        "/me",
        vec![Answer::json(200, &json!({"name": format!("CANARY{}", "x".repeat(1_000))}))],
    );
    let mut stages = Stages::new(&SystemClock);
    good(&acme).health(&mut stages, deadline).await.unwrap();
    let (_, told) = passed(&stages).unwrap();
    assert!(told.len() <= 300 && told.starts_with("GET of me: ***x"), "{told}");

    let mut stages = Stages::new(&SystemClock);
    let other = api(&acme.url(), &json!({"client_id": "other", "client_secret": "CANARY"})).ok().unwrap();
    let error = other.health(&mut stages, deadline).await.unwrap_err();
    assert_eq!((error.stage(), passed(&stages).unwrap().0), (Stage::Authenticate, Stage::Connect));

    acme.next(
        "GET",
        "/me",
        vec![Answer::json(403, &json!({"code": "SCOPE", "message": "CANARY needs me:read"}))],
    );
    let mut stages = Stages::new(&SystemClock);
    let error = good(&acme).health(&mut stages, deadline).await.unwrap_err();
    assert_eq!((error.stage(), passed(&stages).unwrap().0), (Stage::Call, Stage::Authenticate));
    assert_eq!(
        error.to_string(),
        "the upstream took the credentials, which lack a right for this (status 403, code SCOPE): *** needs me:read; \
         grant it there"
    );
    let error = api(&acme.url(), &json!({"client_id": "id"})).err().unwrap();
    assert_eq!(error.stage(), Stage::Secret);
}
