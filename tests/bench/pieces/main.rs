//! What the parts of a call cost by themselves, all without I/O: a license, an event, a body, a statement, an answer.
#![expect(clippy::expect_used, reason = "a measurement that can't be made has failed")]

use std::{fs, hint::black_box, path::Path, time::Duration};

use api::{Answer, Call, Host, body, serve};
use connectors::classify;
use criterion::{BatchSize, Criterion};
use lambda_http::{Request, request::LambdaRequest};
use model::{
    allow_list::AllowList,
    clock::{Clock, SystemClock},
    connector_type::ConnectorType::{self, Cassandra, Postgres, Snowflake},
    draft::Draft,
    entropy::SystemEntropy,
    ids::TenantId,
    json,
    license::{License, LicenseKeys, SigningKey},
    policy::Route,
    problem::Problem,
    record::ConnectorRecord,
    rules::{DeploymentMode, PortalRules},
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::runtime::Builder;

const SQL: &str = "SELECT a.id, a.name, sum(o.amount) AS total FROM accounts a JOIN orders o ON o.account_id = a.id \
                   WHERE a.industry = $1 AND o.placed_at > now() - interval '30 days' GROUP BY a.id, a.name \
                   HAVING sum(o.amount) > 1000 ORDER BY total DESC LIMIT 50";
const CQL: &str = "SELECT id, name, revenue FROM crm.accounts WHERE tenant = ? AND industry = ? LIMIT 50";
const STATEMENTS: [(&str, ConnectorType, &str); 3] = [
    ("SQL of PostgreSQL", Postgres, SQL),
    ("SQL of Snowflake", Snowflake, "SELECT id, name FROM crm.accounts WHERE industry = ? LIMIT 50"),
    ("CQL", Cassandra, CQL),
];

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    licenses(&mut criterion);
    events(&mut criterion);
    records(&mut criterion);
    statements(&mut criterion);
    answers(&mut criterion);
    criterion.final_summary();
}

/// The key is verified anew by each call: nothing is kept of it, so that nothing can outlive its end.
fn licenses(criterion: &mut Criterion) {
    let (key, now) = (SigningKey::generate(&SystemEntropy), SystemClock.now());
    let keys = LicenseKeys::from_jwks(&key.public_jwks().to_string()).expect("keys");
    let text = key.issue(&License {
        sub: "bench".to_owned(),
        tenants: vec!["tenant-a".to_owned()],
        scopes: vec!["query".to_owned(), "execute".to_owned()],
        connectors: None,
        exp: now.epoch_seconds() + 86_400,
        iat: now.epoch_seconds(),
        jti: "bench".to_owned(),
    });
    criterion.bench_function("license: signature and claims", |b| {
        b.iter(|| keys.verify(black_box(&text), now.wall).expect("a license"));
    });
}

/// A stored event, as the gateway sent it.
fn stored(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    fs::read(folder.join(name)).expect("the event")
}

fn request(event: &[u8]) -> Request {
    serde_json::from_slice::<LambdaRequest>(event).expect("an event").into()
}

fn events(criterion: &mut Criterion) {
    let event = stored("agent-invoke-query.json");
    criterion.bench_function("event: to a request of the runtime", |b| b.iter(|| request(black_box(&event))));
    criterion.bench_function("event: to a call of ours", |b| {
        let whole = || request(&event);
        b.iter_batched(whole, |request| Call::new(request, &SystemClock), BatchSize::SmallInput);
    });
}

fn records(criterion: &mut Criterion) {
    let event = Call::new(request(&stored("portal-connectors-create.json")), &SystemClock);
    let rules =
        PortalRules { mode: DeploymentMode::Saas, allow: AllowList::default(), extra_types: Vec::new() };
    let read = || {
        let value = body::required(&event, body::PORTAL_LIMIT).expect("JSON");
        Draft::parse(&value, &rules).expect("a valid record")
    };
    criterion.bench_function("record: from a portal body, every rule checked", |b| b.iter(read));
    let record: ConnectorRecord = read().into_record(
        TenantId::parse("tenant-a").expect("a tenant"),
        model::entropy::Entropy::uuid(&SystemEntropy),
        SystemClock.now().millis(),
    );
    criterion.bench_function("record: to the portal's answer", |b| {
        b.iter(|| Answer::json(200, &black_box(&record).view()).expect("an answer"));
    });
}

fn statements(criterion: &mut Criterion) {
    for (what, kind, statement) in STATEMENTS {
        let request = connectors::Request { statement: Some(statement), ..connectors::Request::NOTHING };
        criterion.bench_function(&format!("judgement: {what}"), |b| {
            b.iter(|| classify(kind, Route::Query, black_box(request)).expect("operations"));
        });
    }
}

/// The shape of a query's answer.
#[derive(Serialize)]
struct Rows<'a> {
    success: bool,
    data: &'a [Box<RawValue>],
    row_count: usize,
}

fn answers(criterion: &mut Criterion) {
    let row = json::parse(
        br#"{"id": "acc-1001", "name": "Northwind Traders", "industry": "logistics", "revenue": 1250000.5}"#,
    );
    let row = to_raw_value(&row.expect("JSON")).expect("JSON");
    let data = vec![row; 100];
    criterion.bench_function("answer: 100 rows", |b| {
        let body = || Rows { success: true, data: black_box(&data), row_count: data.len() };
        b.iter(|| Answer::json(200, &body()).expect("an answer"));
    });
    // The whole frame around a handler, which refuses at once.
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let event = stored("agent-invoke-query.json");
    criterion.bench_function("answer: a problem, with the frame around every handler", |b| {
        let refuse = async |_, _| Err(Problem::connector_not_found());
        let refused = |request| serve(request, Host::Agent, "agent-invoke", &SystemClock, refuse);
        b.iter_batched(
            || request(&event),
            |request| runtime.block_on(refused(request)),
            BatchSize::SmallInput,
        );
    });
}
