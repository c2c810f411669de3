//! Holding what was heard of a step's calls against what is known.

use std::sync::atomic::Ordering;

use jiff::Timestamp;

use crate::{
    books::Expected,
    calls::{Heard, shown},
    case::{Case, License, REMEMBERED, SignedIn, TTL},
    model::{Change, Event, Sight, Told, heard},
    steps::{Kind, NAMES, Op, Scope, Slot, TENANTS},
};

/// A call as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) op: Op,
    pub(crate) number: u64,
    /// The version that its precondition names.
    pub(crate) version: Option<u64>,
}

impl Case<'_> {
    /// Judges calls that ran at the same time. `excused` says that requests met with trouble, or that the calls had
    /// little time: without that, none may fail.
    pub(crate) fn judge(
        &mut self,
        begun: Timestamp,
        calls: &[(Sent, Heard)],
        excused: bool,
    ) -> Result<(), String> {
        let ended = self.now();
        let failed = calls.iter().filter(|(_, heard)| matches!(heard.status, 503 | 504)).count();
        self.rig.tally.failed.fetch_add(failed, Ordering::Relaxed);
        let mut events = vec![Vec::new(); self.known.len()];
        for (sent, heard) in calls {
            let judged = self.judge_one((begun, ended), sent, heard, excused, &mut events);
            judged.map_err(|error| format!("{:?} [{}]: {error}: {heard:?}", sent.op, sent.number))?;
        }
        for (index, events) in events.iter().enumerate().filter(|(_, events)| !events.is_empty()) {
            let known = &mut self.known[index];
            let possible = heard(&known.possible, events);
            if possible.is_empty() {
                let before = &known.possible;
                return Err(format!("{events:?} can't be after {before:?}; all heard: {calls:?}"));
            }
            for (sent, _) in
                calls.iter().filter(|(sent, _)| sent.op.slot().is_some_and(|slot| slot.index() == index))
            {
                known.passed(sent.number, ended);
            }
            known.learn(possible, ended);
        }
        // Only now: a call beside a change may still have seen what was before it.
        for (sent, heard) in calls.iter().filter(|(_, heard)| (200..300).contains(&heard.status)) {
            for slot in sent.op.renews() {
                let value = self.tenants[slot.tenant].values.len() - 1;
                self.known[slot.index()].renewed(value);
            }
            if let Some(slot) = sent.op.slot()
                && let Some(shown) = shown(&heard.body, &heard.etag)
            {
                self.known[slot.index()].version = Some(shown.version);
            }
        }
        Ok(())
    }

    fn judge_one(
        &mut self,
        (begun, ended): (Timestamp, Timestamp),
        sent: &Sent,
        heard: &Heard,
        excused: bool,
        events: &mut [Vec<Event>],
    ) -> Result<(), String> {
        let licensed = matches!(sent.op, Op::Refresh(_) | Op::Query(..) | Op::Execute(..));
        if licensed {
            let license = self.license(&sent.op);
            let over = (begun.as_second() >= license.ends, ended.as_second() >= license.ends);
            match heard.status {
                401 if !over.1 => return Err("the license still stands".into()),
                401 => {}
                status if over.0 => return Err(format!("the license is over, and the answer is {status}")),
                _ => {}
            }
        } else {
            let session = &mut self.tenants[sent.op.tenant()].session;
            session.judge(begun.as_second(), ended.as_second(), heard.status, excused)?;
        }
        if heard.status == 401 {
            self.books.expect(sent, self.tenants[sent.op.tenant()].id.clone(), Expected::Nothing);
            return Ok(());
        }
        match &sent.op {
            Op::Query(slot, by, kind) | Op::Execute(slot, by, kind) => {
                self.judge_agent((begun, ended), sent, heard, excused, (*slot, *by, *kind), events)
            }
            Op::Refresh(scope) => {
                if let Scope::Connector(slot) = scope {
                    self.books.refreshed.insert(slot.index());
                }
                match heard.status {
                    200 => Ok(()),
                    503 if excused => Ok(()),
                    _ => Err("no refresh ends so".into()),
                }
            }
            Op::List(tenant) => self.judge_list(*tenant, heard, excused, events),
            op => {
                let slot = op.slot().ok_or("a call of no connector")?;
                let event = self.changed(slot, sent, heard, excused)?;
                events[slot.index()].extend(event);
                Ok(())
            }
        }
    }

    /// What was heard of a portal's call of one connector.
    fn changed(
        &mut self,
        slot: Slot,
        sent: &Sent,
        heard: &Heard,
        excused: bool,
    ) -> Result<Option<Event>, String> {
        let (mark, version) = (sent.number, sent.version);
        let (change, done, action) = match sent.op {
            Op::Read(_) => {
                return match heard.status {
                    200 => Ok(Some(Event::Saw(Sight::Shown(
                        shown(&heard.body, &heard.etag).ok_or("no record")?,
                    )))),
                    404 => Ok(Some(Event::Saw(Sight::Absent))),
                    503 if excused => Ok(None),
                    _ => Err("no read ends so".into()),
                };
            }
            Op::Create(_) => (Change::Create { mark }, 201, "connector_create"),
            Op::Put(_, enabled, _) => (Change::Put { mark, enabled, version }, 200, "connector_update"),
            Op::Delete(..) => (Change::Delete { version }, 204, "connector_delete"),
            _ => (Change::Test, 200, "connector_test"),
        };
        let (told, expected) = match heard.status {
            status if status == done => {
                let shown = shown(&heard.body, &heard.etag);
                if shown.is_none() && matches!(sent.op, Op::Create(_) | Op::Put(..)) {
                    return Err("no record".into());
                }
                (Told::Done(shown), Expected::One(action, ""))
            }
            404 | 409 | 412 => (Told::Refused(heard.status), Expected::Nothing),
            503 if excused => (Told::Nothing, Expected::IfItHappened(slot.index(), action)),
            _ => return Err("no change ends so".into()),
        };
        self.books.expect(sent, self.tenants[slot.tenant].id.clone(), expected);
        Ok(Some(Event::Changed(sent.number, change, told)))
    }

    fn judge_list(
        &self,
        tenant: usize,
        heard: &Heard,
        excused: bool,
        events: &mut [Vec<Event>],
    ) -> Result<(), String> {
        let records = match (heard.status, heard.body.as_array()) {
            (200, Some(records)) => records,
            (503, _) if excused => return Ok(()),
            _ => return Err("no list ends so".into()),
        };
        let names: Vec<&str> =
            records.iter().filter_map(|record| record["connector_name"].as_str()).collect();
        if !names.is_sorted() || names.iter().any(|name| !NAMES.contains(name)) {
            return Err("not this tenant's, or not in order".into());
        }
        if records.iter().any(|record| record["tenant_id"] != *self.tenants[tenant].id) {
            return Err("another tenant's".into());
        }
        for name in 0..NAMES.len() {
            let record = records.iter().find(|record| record["connector_name"] == NAMES[name]);
            let sight = match record {
                Some(record) => Sight::Shown(shown(record, "").ok_or("no record")?),
                None => Sight::Absent,
            };
            events[Slot { tenant, name }.index()].push(Event::Saw(sight));
        }
        Ok(())
    }

    fn judge_agent(
        &mut self,
        (begun, ended): (Timestamp, Timestamp),
        sent: &Sent,
        heard: &Heard,
        excused: bool,
        (slot, by, kind): (Slot, usize, Kind),
        events: &mut [Vec<Event>],
    ) -> Result<(), String> {
        let executes = matches!(sent.op, Op::Execute(..));
        let reached = self.upstream.reached(sent.number);
        let known = &mut self.known[slot.index()];
        let remembers = known.failed[by].is_some_and(|failed| ended < failed + REMEMBERED);
        let unconfirmed = executes && kind == Kind::Unconfirmed;
        let refused = if executes { "execute_refused" } else { "query_refused" };
        if heard.stale {
            if executes || !excused {
                return Err("answered without markers".into());
            }
            self.rig.tally.stale.fetch_add(1, Ordering::Relaxed);
        }
        let mut sights = |sight| {
            if !heard.stale {
                events[slot.index()].push(Event::Saw(sight));
            }
        };
        let (expected, fewest, most) = match heard.status {
            200 if kind != Kind::Forbidden && !unconfirmed => {
                let row = &heard.body["data"][0];
                let mark = row["mark"].as_u64().ok_or("no mark")?;
                if heard.stale && !known.may_linger(mark, begun) {
                    return Err("an instance that is too old answered".into());
                }
                let values = &self.tenants[slot.tenant].values;
                let young = values.iter().rposition(|since| *since <= begun - TTL).unwrap_or(0);
                let oldest = if heard.stale { young } else { young.max(known.oldest_value) };
                let value = row["token"].as_u64().map(|value| usize::try_from(value).unwrap_or(usize::MAX));
                if value.is_some() != slot.is_keyed() || value.is_some_and(|value| value < oldest) {
                    return Err(format!("a secret older than value {oldest}"));
                }
                sights(Sight::Serves(mark));
                let result = if excused { "" } else { "succeeded" };
                (if executes { Expected::One("execute", result) } else { Expected::Nothing }, 1, 1)
            }
            // What governance refuses is refused by what the record says, whichever write it is from.
            403 if kind == Kind::Forbidden => (Expected::refusal(refused, excused), 0, 0),
            404 => {
                sights(Sight::Absent);
                (Expected::Nothing, 0, 0)
            }
            409 => {
                sights(Sight::Disabled);
                (Expected::Nothing, 0, 0)
            }
            502 if unconfirmed => (Expected::One("execute", "unknown"), 1, 1),
            503 if excused || remembers => {
                known.failed[by] = if excused { Some(ended) } else { known.failed[by] };
                (if executes { Expected::AtMostOne("execute", "unknown") } else { Expected::Nothing }, 0, 0)
            }
            504 if excused => {
                (if executes { Expected::AtMostOne("execute", "") } else { Expected::Nothing }, 0, 1)
            }
            _ => return Err("no call ends so".into()),
        };
        if !(fewest..=most).contains(&reached) {
            return Err(format!("the upstream was reached {reached} times"));
        }
        self.books.expect(sent, self.tenants[slot.tenant].id.clone(), expected);
        Ok(())
    }

    fn license(&self, op: &Op) -> &License {
        if matches!(op, Op::Refresh(Scope::All)) { &self.all } else { &self.tenants[op.tenant()].license }
    }

    /// New licenses and sessions for those that are over.
    pub(crate) async fn sign_in(&mut self) {
        let now = self.now().as_second();
        if now >= self.all.ends {
            self.all = License::new(self.rig, "*");
        }
        for tenant in &mut self.tenants {
            if now >= tenant.license.ends {
                tenant.license = License::new(self.rig, &tenant.id);
            }
            if tenant.session.is_over(now) {
                tenant.session = SignedIn::new(self.rig, &tenant.id).await;
            }
        }
    }
}

impl Slot {
    pub(crate) fn index(self) -> usize {
        self.tenant * NAMES.len() + self.name
    }

    /// Whether it has a secret.
    pub(crate) fn is_keyed(self) -> bool {
        NAMES[self.name] == "keyed"
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..TENANTS).flat_map(|tenant| (0..NAMES.len()).map(move |name| Self { tenant, name }))
    }
}

impl Op {
    /// The connector that it is about.
    pub(crate) fn slot(&self) -> Option<Slot> {
        match self {
            Self::Create(slot)
            | Self::Put(slot, ..)
            | Self::Delete(slot, _)
            | Self::Test(slot)
            | Self::Read(slot)
            | Self::Query(slot, ..)
            | Self::Execute(slot, ..)
            | Self::Refresh(Scope::Connector(slot)) => Some(*slot),
            Self::List(_) | Self::Refresh(_) => None,
        }
    }

    pub(crate) fn tenant(&self) -> usize {
        match self {
            Self::List(tenant) | Self::Refresh(Scope::Tenant(tenant)) => *tenant,
            op => op.slot().map_or(0, |slot| slot.tenant),
        }
    }

    /// The connectors of which nothing that was loaded before may be used once it was answered.
    fn renews(&self) -> Vec<Slot> {
        match self {
            Self::Refresh(Scope::All) => Slot::all().collect(),
            Self::Refresh(Scope::Tenant(tenant)) => {
                Slot::all().filter(|slot| slot.tenant == *tenant).collect()
            }
            Self::Refresh(Scope::Connector(slot))
            | Self::Create(slot)
            | Self::Put(slot, ..)
            | Self::Delete(slot, _) => vec![*slot],
            _ => Vec::new(),
        }
    }
}
