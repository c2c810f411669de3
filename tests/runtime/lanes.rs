//! Tenants whose connectors are changed over and over, each by one kind of change, and calls that are held against
//! what they may see.
//!
//! The promise has one exception, and a store on a machine that stands still for a while brings it about: a query
//! that could not read the markers in time may be answered by an instance that is younger than the TTL, and says so
//! in its log. So such a call is held against what stood one TTL before it began, and counted.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use axum::{body::Body, http::Response};
use end_to_end::{Answered, Fleet, Seen as Request, Upstream, World, hear, token};
use futures_util::future::join_all;
use model::{clock::Clock, session::Role};
use serde_json::{Value, json};

use crate::history::{History, Seen, State};

/// How connectors change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The record is edited past the portal, then everything is refreshed.
    RefreshAll,
    /// The same, then the tenant is refreshed.
    RefreshTenant,
    /// The secret gets another value, then the connector is refreshed.
    RotateAndRefresh,
    /// PUT with another header.
    Put,
    /// PUT that disables, PUT that enables with another header, in turn.
    Switch,
    /// DELETE and POST with another header, in turn.
    Replace,
}

/// One tenant and its connectors, which change together.
pub(crate) struct Lane {
    change: Change,
    tenant: String,
    session: String,
    upstream: String,
    secret: String,
    connectors: Vec<(String, History)>,
    rounds: usize,
    clock: Arc<dyn Clock>,
    ttl: Duration,
}

/// What was done and found.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) changes: AtomicUsize,
    /// A round: one connector's new state, its change returned, and a call begun after that.
    pub(crate) rounds: AtomicUsize,
    pub(crate) calls: AtomicUsize,
    pub(crate) violations: AtomicUsize,
    /// The calls that saw what was over, as the exception allows.
    pub(crate) stale: AtomicUsize,
    /// What each violation was.
    pub(crate) told: Mutex<Vec<String>>,
    turn: AtomicU64,
}

/// An upstream that shows by which state of the connector it was called: the path, the token or a header.
pub(crate) async fn upstream() -> Upstream {
    Upstream::start(|request: &Request| {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap());
        let path = request.target.strip_prefix("/state/").map(|rest| rest.trim_end_matches('/'));
        let token =
            || header("authorization").and_then(|value| value.strip_prefix("Bearer ")?.rsplit('-').next());
        let state = path.or_else(token).or_else(|| header("x-state")).unwrap();
        let response = Response::builder().header("content-type", "application/json");
        response.body(Body::from(format!("[{{\"state\":{state}}}]"))).unwrap()
    })
    .await
}

impl Lane {
    /// A tenant with so many connectors, each in its first state.
    pub(crate) async fn new(
        world: &World,
        fleet: &Fleet,
        upstream: &Upstream,
        change: Change,
        (connectors, rounds): (usize, usize),
    ) -> Arc<Self> {
        let tenant = format!("{change:?}");
        let session = world.session(&tenant, Role::Editor, 0, 0).await;
        let secret = match change {
            Change::RotateAndRefresh => {
                world.create_secret(&format!("x/{tenant}"), &tenant, &token("0")).await
            }
            _ => String::new(),
        };
        let connectors = (0..connectors).map(|n| (format!("c{n}"), History::default())).collect();
        let (upstream, clock) = (upstream.url(), Arc::clone(&world.stack.boot.clock));
        let ttl = world.stack.boot.settings.cache_ttl;
        let lane = Self { change, tenant, session, upstream, secret, connectors, rounds, clock, ttl };
        for (name, history) in &lane.connectors {
            let number = history.begin(State::Serves);
            lane.create(fleet, name, number).await;
            history.returned(number, lane.clock.now().ticks);
        }
        Arc::new(lane)
    }

    /// All rounds: each change, and then a call of each connector that it changed.
    pub(crate) async fn run(self: Arc<Self>, world: Arc<World>, fleet: Arc<Fleet>, tally: Arc<Tally>) {
        for round in 0..self.rounds / self.connectors.len() {
            let state = match self.change {
                Change::Switch if round % 2 == 0 => State::Disabled,
                Change::Replace if round % 2 == 0 => State::Absent,
                _ => State::Serves,
            };
            let numbers: Vec<usize> =
                self.connectors.iter().map(|(_, history)| history.begin(state)).collect();
            self.apply(&world, &fleet, state, &numbers).await;
            for ((_, history), number) in self.connectors.iter().zip(&numbers) {
                history.returned(*number, self.clock.now().ticks);
            }
            tally.changes.fetch_add(1, Ordering::Relaxed);
            let calls = (0..self.connectors.len()).map(async |index| {
                // A call under the exception shows nothing of the change.
                while !self.call(&fleet, index, &tally).await {}
            });
            tally.rounds.fetch_add(join_all(calls).await.len(), Ordering::Relaxed);
        }
    }

    /// One call of a connector, held against what it may see: whether that was the promise, not its exception.
    pub(crate) async fn call(&self, fleet: &Fleet, index: usize, tally: &Tally) -> bool {
        let (name, history) = &self.connectors[index];
        let began = self.clock.now().ticks;
        let floor = history.floor(began);
        let (answered, heard) = hear(fleet.query(&self.tenant, name)).await;
        let seen = seen(&answered);
        tally.calls.fetch_add(1, Ordering::Relaxed);
        if history.permits(floor, seen) {
            return true;
        }
        let floor_of_stale = began.checked_sub(self.ttl).map_or(0, |then| history.floor(then));
        if is_stale(&heard) && history.permits(floor_of_stale, seen) {
            tally.stale.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        let ended = self.clock.now().ticks;
        let ago = |(when, number)| (number, ended.duration_since(when));
        let told = format!(
            "{:?} {name}: saw {seen:?}, though {floor} had returned when it began, {:?} ago; the newest is {:?}; \
             returned, and how long ago: {:?}; its log: {heard:?}",
            self.change,
            ended.duration_since(began),
            history.begun(),
            history.last_returned().into_iter().map(ago).collect::<Vec<_>>(),
        );
        tally.told.lock().unwrap().push(told);
        tally.violations.fetch_add(1, Ordering::Relaxed);
        true
    }

    async fn apply(&self, world: &World, fleet: &Fleet, state: State, numbers: &[usize]) {
        match self.change {
            Change::RefreshAll => {
                self.edit_past_the_portal(world, numbers).await;
                ok(fleet.refresh(&[]).await, 200);
            }
            Change::RefreshTenant => {
                self.edit_past_the_portal(world, numbers).await;
                ok(fleet.refresh(&[&self.tenant]).await, 200);
            }
            Change::RotateAndRefresh => {
                let secrets = &world.stack.boot.clients.secrets;
                let value = token(&numbers[0].to_string());
                secrets.put_secret_value().secret_id(&self.secret).secret_string(value).send().await.unwrap();
                ok(fleet.refresh(&[&self.tenant, &self.connectors[0].0]).await, 200);
            }
            Change::Put | Change::Switch | Change::Replace => {
                let each = self.connectors.iter().zip(numbers).map(|((name, _), number)| async move {
                    match (self.change, state) {
                        (_, State::Absent) => {
                            ok(fleet.change(&self.session, "DELETE", name, &Value::Null).await, 204);
                        }
                        (Change::Replace, _) => self.create(fleet, name, *number).await,
                        (_, State::Disabled) => self.put(fleet, name, &json!({"enabled": false})).await,
                        (_, State::Serves) => {
                            let body = json!({"enabled": true, "options": self.options(*number)});
                            self.put(fleet, name, &body).await;
                        }
                    }
                });
                join_all(each).await;
            }
        }
    }

    async fn put(&self, fleet: &Fleet, name: &str, body: &Value) {
        ok(fleet.change(&self.session, "PUT", name, body).await, 200);
    }

    async fn create(&self, fleet: &Fleet, name: &str, number: usize) {
        let mut body = json!({
            "connector_name": name, "connector_type": "custom", "connection_url": self.upstream,
            "options": self.options(number),
        });
        if !self.secret.is_empty() {
            body["credentials_secret_arn"] = json!(self.secret);
        }
        ok(fleet.create(&self.session, &body).await, 201);
    }

    fn options(&self, number: usize) -> Value {
        if self.change == Change::RotateAndRefresh {
            return json!({"auth_type": "bearer"});
        }
        json!({"headers": {"X-State": number.to_string()}})
    }

    /// All records at once, without a word to the counters.
    async fn edit_past_the_portal(&self, world: &World, numbers: &[usize]) {
        let boot = &world.stack.boot;
        let (dynamo, table) = (&boot.clients.dynamo, &boot.settings.tables.connectors);
        let mut writes = Vec::new();
        let records = dynamo.query().table_name(table).consistent_read(true);
        let records = records.key_condition_expression("tenant_id = :tenant");
        let records = records.expression_attribute_values(":tenant", AttributeValue::S(self.tenant.clone()));
        for mut item in records.send().await.unwrap().items.unwrap_or_default() {
            let name = item["connector_name"].as_s().unwrap();
            let index = self.connectors.iter().position(|(known, _)| known == name).unwrap();
            let url = format!("{}/state/{}", self.upstream, numbers[index]);
            item.insert("connection_url".to_owned(), AttributeValue::S(url));
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        let written = dynamo.batch_write_item().request_items(table, writes).send().await.unwrap();
        assert!(written.unprocessed_items.unwrap_or_default().is_empty());
    }
}

/// The load beside the changes: calls of every connector of every lane, one after the other, until told to end.
pub(crate) async fn load(lanes: Vec<Arc<Lane>>, fleet: Arc<Fleet>, tally: Arc<Tally>) {
    loop {
        let turn = usize::try_from(tally.turn.fetch_add(1, Ordering::Relaxed)).unwrap();
        let lane = &lanes[turn % lanes.len()];
        lane.call(&fleet, (turn / lanes.len()) % lane.connectors.len(), &tally).await;
    }
}

fn seen((status, body): &Answered) -> Seen {
    match status {
        200 => Seen::Served(body["data"][0]["state"].as_u64().unwrap().try_into().unwrap()),
        409 => Seen::Disabled,
        404 => Seen::Absent,
        _ => panic!("{status}: {body}"),
    }
}

/// Whether the log says that the markers could not be read, and that an instance answered all the same.
fn is_stale(heard: &[Value]) -> bool {
    let warned = |line: &Value| {
        line["level"] == "WARN"
            && line["message"] == "stale serve: markers not readable"
            && line["error"].is_string()
    };
    let answered = |line: &Value| line["message"] == "answered" && line["span"]["cache"] == "stale";
    heard.iter().any(warned) && heard.iter().any(answered)
}

#[track_caller]
fn ok((status, body): Answered, expected: u16) {
    assert_eq!(status, expected, "{body}");
}
