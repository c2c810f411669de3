//! One case: its tenants, and its steps one after the other, each held against the model.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use end_to_end::{soon, token};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use model::{
    clock::Clock,
    entropy::SystemEntropy,
    ids::TenantId,
    session::{ABSOLUTE_SECONDS, IDLE_SECONDS, Role, Session, SessionToken},
};
use serde_json::{Value, json};
use store::SessionWriter;

use crate::{
    books::Books,
    calls::{self, Heard, Marked},
    judge::Sent,
    known::Known,
    rig::Rig,
    steps::{IfMatch, NAMES, Op, Scope, Slot, Step, TENANTS, Trouble},
};

/// How long a license holds, in seconds.
const LICENSE: i64 = 5 * 3600;
/// What a call that would wait for ever is given, in milliseconds, of the gateway's 29 seconds.
const HURRY: i64 = 300;

/// Numbers calls: a call's number is its request id, and the mark of what it writes.
static CALLS: AtomicU64 = AtomicU64::new(1);

pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) license: License,
    pub(crate) session: SignedIn,
    pub(crate) secret: String,
    /// Since when each value of the secret stands.
    pub(crate) values: Vec<Timestamp>,
}

pub(crate) struct License {
    pub(crate) key: String,
    pub(crate) ends: i64,
}

/// A session, and between which moments its last noted use lies.
pub(crate) struct SignedIn {
    token: String,
    created: i64,
    noted: i64,
    perhaps_noted: i64,
}

pub(crate) struct Case<'a> {
    pub(crate) rig: &'a Rig,
    pub(crate) upstream: &'a Marked,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) all: License,
    pub(crate) known: Vec<Known>,
    pub(crate) books: Books,
}

/// Plays a case; an error tells what was wrong.
pub(crate) async fn play(rig: &Rig, upstream: &Marked, steps: &[Step]) -> Result<(), String> {
    let mut case = Case::new(rig, upstream).await;
    for (number, step) in steps.iter().enumerate() {
        case.step(step).await.map_err(|error| format!("step {}, {step:?}: {error}", number + 1))?;
    }
    case.end().await.map_err(|error| format!("at the end: {error}"))
}

pub(crate) fn number() -> u64 {
    CALLS.fetch_add(1, Ordering::Relaxed)
}

impl<'a> Case<'a> {
    pub(crate) async fn new(rig: &'a Rig, upstream: &'a Marked) -> Self {
        let mut tenants = Vec::new();
        for _ in 0..TENANTS {
            let id = format!("t{}", number());
            let secret = rig.world.create_secret(&format!("axonflow/faults/{id}"), &id, &token("0")).await;
            let session = SignedIn::new(rig, &id).await;
            let license = License::new(rig, &id);
            tenants.push(Tenant { license, session, secret, values: vec![rig.clock.now().wall], id });
        }
        let known = (0..TENANTS * NAMES.len()).map(|_| Known::default()).collect();
        Self { rig, upstream, tenants, all: License::new(rig, "*"), known, books: Books::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.rig.clock.now().wall
    }

    pub(crate) async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Pass(time) => {
                self.rig.clock.forward(*time);
                Ok(())
            }
            Step::Rotate(tenant) => {
                self.rotate(*tenant).await;
                Ok(())
            }
            Step::Calls(ops, troubles) => self.calls(ops, troubles).await,
        }
    }

    async fn rotate(&mut self, tenant: usize) {
        let rig = self.rig;
        let tenant = &mut self.tenants[tenant];
        let value = token(&tenant.values.len().to_string());
        let token = format!("{}-{:-<32}", tenant.id, tenant.values.len());
        let request = json!({"SecretId": tenant.secret, "SecretString": value, "ClientRequestToken": token});
        rig.world.secrets("PutSecretValue", &request).await;
        tenant.values.push(rig.clock.now().wall);
    }

    /// Sends calls at the same time, and holds what was heard against the model.
    async fn calls(&mut self, ops: &[Op], troubles: &[Trouble]) -> Result<(), String> {
        let hurried = troubles.iter().any(Trouble::takes_long);
        let begun = self.now();
        let (hits, heard) = self.heard(ops, troubles, hurried).await?;
        self.judge(begun, &heard, hits > 0 || hurried)?;
        // Whoever was told so signs in again.
        if heard.iter().any(|(_, heard)| heard.status == 401) {
            self.sign_in().await;
        }
        Ok(())
    }

    /// The same with one call, which trouble is no excuse for. Gives how much it met with, and what was heard.
    pub(crate) async fn undaunted(&mut self, op: &Op, trouble: &Trouble) -> Result<(usize, Heard), String> {
        let begun = self.now();
        let (hits, heard) =
            self.heard(std::slice::from_ref(op), std::slice::from_ref(trouble), false).await?;
        self.judge(begun, &heard, false)?;
        let (_, heard) = heard.into_iter().next().ok_or("no call")?;
        Ok((hits, heard))
    }

    async fn heard(
        &self,
        ops: &[Op],
        troubles: &[Trouble],
        hurried: bool,
    ) -> Result<(usize, Vec<(Sent, Heard)>), String> {
        let sent: Vec<Sent> = ops.iter().map(|op| self.sent(op)).collect();
        self.rig.script.begin(troubles);
        let heard = try_join_all(sent.iter().map(|sent| self.send(sent, hurried))).await;
        let hits = self.rig.script.end();
        // What nobody waits for any more may still come true: the next step is to find it done.
        self.rig.proxy.settled().await;
        self.rig.tally.calls.fetch_add(ops.len(), Ordering::Relaxed);
        self.rig.tally.met.fetch_add(hits, Ordering::Relaxed);
        Ok((hits, sent.into_iter().zip(heard?).collect()))
    }

    /// Numbers a call and settles what it will say.
    pub(crate) fn sent(&self, op: &Op) -> Sent {
        let version = match op {
            Op::Put(slot, _, condition) | Op::Delete(slot, condition) => {
                let known = self.known[slot.index()].version;
                match condition {
                    IfMatch::None => None,
                    IfMatch::Known => known,
                    IfMatch::Old => Some(known.map_or(99, |version| version - 1)),
                }
            }
            _ => None,
        };
        Sent { op: op.clone(), number: number(), version }
    }

    pub(crate) async fn send(&self, sent: &Sent, hurried: bool) -> Result<Heard, String> {
        let mut event = self.event(sent);
        event["requestContext"]["requestId"] = json!(sent.number.to_string());
        if hurried {
            event["requestContext"]["timeEpoch"] = json!(self.now().as_millisecond() - 29_000 + HURRY);
        }
        let function = match sent.op {
            Op::Test(_) => &self.rig.test,
            Op::Refresh(_) => &self.rig.refresh,
            Op::Query(_, by, _) | Op::Execute(_, by, _) => &self.rig.agents[by],
            _ => &self.rig.portal,
        };
        calls::call(function.as_ref(), &event).await
    }

    fn event(&self, sent: &Sent) -> Value {
        let url = self.upstream.url(sent.number);
        let by_name = |slot: Slot, method: &str, test: bool, body: &Value| {
            let session = &self.tenants[slot.tenant].session.token;
            let mut event = calls::portal(session, method, Some(NAMES[slot.name]), test, body);
            if let Some(version) = sent.version {
                event["headers"]["if-match"] = json!(format!("\"{version}.0\""));
            }
            event
        };
        match &sent.op {
            Op::Create(slot) => {
                let tenant = &self.tenants[slot.tenant];
                let name = NAMES[slot.name];
                let mut body =
                    json!({"connector_name": name, "connector_type": "custom", "connection_url": url});
                if slot.is_keyed() {
                    body["options"] = json!({"auth_type": "bearer"});
                    body["credentials_secret_arn"] = json!(tenant.secret);
                }
                calls::portal(&tenant.session.token, "POST", None, false, &body)
            }
            Op::Put(slot, enabled, _) => {
                let mut body = json!({"connection_url": url});
                if let Some(enabled) = enabled {
                    body["enabled"] = json!(enabled);
                }
                by_name(*slot, "PUT", false, &body)
            }
            Op::Delete(slot, _) => by_name(*slot, "DELETE", false, &Value::Null),
            Op::Test(slot) => by_name(*slot, "POST", true, &Value::Null),
            Op::Read(slot) => by_name(*slot, "GET", false, &Value::Null),
            Op::List(tenant) => {
                calls::portal(&self.tenants[*tenant].session.token, "GET", None, false, &Value::Null)
            }
            Op::Refresh(Scope::All) => calls::refresh(&self.all.key, &[]),
            Op::Refresh(Scope::Tenant(tenant)) => {
                let tenant = &self.tenants[*tenant];
                calls::refresh(&tenant.license.key, &[&tenant.id])
            }
            Op::Refresh(Scope::Connector(slot)) => {
                let tenant = &self.tenants[slot.tenant];
                calls::refresh(&tenant.license.key, &[&tenant.id, NAMES[slot.name]])
            }
            Op::Query(slot, _, kind) | Op::Execute(slot, _, kind) => {
                let license = &self.tenants[slot.tenant].license.key;
                let executes = matches!(sent.op, Op::Execute(..));
                calls::agent(license, slot.name, sent.number, *kind, executes)
            }
        }
    }
}

impl License {
    pub(crate) fn new(rig: &Rig, tenant: &str) -> Self {
        let now = rig.clock.now().epoch_seconds();
        let key = rig.world.license(|license| {
            license.tenants = vec![tenant.to_owned()];
            license.scopes = ["query", "execute", "refresh"].map(str::to_owned).to_vec();
            (license.iat, license.exp) = (now, now + LICENSE);
            license.jti = format!("license-{}", number());
        });
        Self { key, ends: now + LICENSE }
    }
}

impl SignedIn {
    pub(crate) async fn new(rig: &Rig, tenant: &str) -> Self {
        let (now, token) = (rig.clock.now().epoch_seconds(), SessionToken::generate(&SystemEntropy));
        let session = Session {
            token_hash: token.hash(),
            tenant_id: TenantId::parse(tenant).unwrap(),
            user: "somebody".to_owned(),
            role: Role::Editor,
            created_at: now,
            last_seen_at: now,
        };
        rig.world.stack.boot.dynamo().put(&session, soon()).await.unwrap();
        Self { token: token.expose().to_owned(), created: now, noted: now, perhaps_noted: now }
    }

    pub(crate) fn is_over(&self, now: i64) -> bool {
        now >= self.end(self.noted)
    }

    fn end(&self, noted: i64) -> i64 {
        (noted + IDLE_SECONDS).min(self.created + ABSOLUTE_SECONDS)
    }

    /// Holds an answer against the session's two ends; an error, where it should have been the other one.
    pub(crate) fn judge(&mut self, begun: i64, ended: i64, status: u16, excused: bool) -> Result<(), String> {
        if status == 401 {
            return if self.is_over(ended) { Ok(()) } else { Err("the session still stands".into()) };
        }
        if status < 500 && begun >= self.end(self.perhaps_noted) {
            return Err(format!("the session is over, and the answer is {status}"));
        }
        // A use is noted when the one before it is a minute old.
        if ended - self.noted >= 59 {
            if begun - self.perhaps_noted >= 60 && status < 500 && !excused {
                self.noted = begun;
            }
            self.perhaps_noted = ended;
        }
        Ok(())
    }
}

/// How long an instance serves, and a failure is remembered, with room for the time that steps take.
pub(crate) const TTL: Duration = Duration::from_secs(30);
pub(crate) const REMEMBERED: Duration = Duration::from_millis(1_100);
