//! Stores that count what they are asked and fail as told, a clock that is moved by hand, and an upstream that
//! counts what reaches it.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{extract::Request as HttpRequest, handler::HandlerWithoutStateExt, http::StatusCode};
use connectors::Request;
use egress::{Egress, Resolver, Rules, SystemResolver, Tls};
use jiff::Timestamp;
use model::{
    audit::{Actor, AuditEntry},
    clock::{Clock, Moment, SystemClock},
    deadline::Deadline,
    draft::Draft,
    entropy::SystemEntropy,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
    parameters::Parameters,
    record::ConnectorRecord,
    rules::{DeploymentMode, PortalRules, SecretTag},
    secret_arn::SecretArn,
    statistics::StatisticsRow,
};
use registry::{Call, CallError, ExecuteAnswer, HealthReport, Listed, Loader, Parts, QueryAnswer, Runtime};
use serde_json::{Value, json};
use store::{
    AuditWriter, ConnectorReader, Described, Filter, LicenseReader, MarkerReader, Markers, Page, Position,
    Secret, SecretError, SecretOwner, SecretReader, StatisticsWriter, StoreError, TenantDirectory,
};
use telemetry::Metrics;
use test_servers::cloudwatch;
use tiers::Tiers;
use tokio::net::TcpListener;

pub(crate) const TTL: Duration = Duration::from_secs(30);
const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/crm";

/// A name that has an address of a private network.
pub(crate) const PRIVATE_NAME: &str = "private.test";

/// The machine's resolver, and one name more.
struct Names;

#[async_trait]
impl Resolver for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        if host == PRIVATE_NAME {
            return Ok(vec![IpAddr::from([10, 0, 0, 1])]);
        }
        SystemResolver.lookup(host).await
    }
}

/// Everything that the runtime stores and reads.
pub(crate) struct Stores {
    pub(crate) records: Mutex<BTreeMap<(TenantId, ConnectorName), ConnectorRecord>>,
    pub(crate) generation: AtomicU64,
    pub(crate) secret: Mutex<String>,
    pub(crate) owner: Mutex<SecretOwner>,
    /// The audit, in order: each entry with its result as it stands.
    pub(crate) audit: Mutex<Vec<(AuditEntry, String)>>,
    pub(crate) rows: Mutex<Vec<StatisticsRow>>,
    failing: Mutex<HashSet<&'static str>>,
    asked: Mutex<Vec<&'static str>>,
    clock: Arc<HandClock>,
}

/// A clock that moves only when it is told to; its two hands move apart if they are told so.
pub(crate) struct HandClock(Mutex<Moment>);

/// A runtime with all that it stands on.
pub(crate) struct World {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) loader: Loader,
    pub(crate) stores: Arc<Stores>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) upstream: Upstream,
    metrics: Metrics,
    written: Arc<Mutex<Vec<u8>>>,
}

/// An HTTP service that counts requests and accepts one token.
pub(crate) struct Upstream {
    pub(crate) url: String,
    pub(crate) accepted: Arc<Mutex<String>>,
    /// What it answers to whom it accepts.
    pub(crate) status: Arc<Mutex<StatusCode>>,
    seen: Arc<AtomicUsize>,
}

impl HandClock {
    /// Counters of another hour are in another row: no test comes over the end of an hour unless it means to.
    fn at_the_hour() -> Self {
        let now = SystemClock.now();
        let hours = now.wall.as_second() / 3_600;
        Self(Mutex::new(Moment { wall: Timestamp::from_second(hours * 3_600).unwrap(), ..now }))
    }

    pub(crate) fn advance(&self, ticks: Duration, wall: Duration) {
        let mut moment = self.0.lock().unwrap();
        *moment = Moment { ticks: moment.ticks + ticks, wall: moment.wall + wall };
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

impl Upstream {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, accepted) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new("first".to_owned())));
        let status = Arc::new(Mutex::new(StatusCode::OK));
        let (counter, current, answer) = (Arc::clone(&seen), Arc::clone(&accepted), Arc::clone(&status));
        let handler = move |request: HttpRequest| {
            counter.fetch_add(1, Ordering::SeqCst);
            let expected = format!("Bearer {}", current.lock().unwrap());
            let right = request.headers().get("authorization").is_some_and(|sent| *sent == *expected);
            let status = if right { *answer.lock().unwrap() } else { StatusCode::UNAUTHORIZED };
            std::future::ready((status, [("content-type", "application/json")], "[1]"))
        };
        tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
        Self { url, accepted, status, seen }
    }

    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

impl Stores {
    fn new(clock: Arc<HandClock>) -> Self {
        Self {
            records: Mutex::default(),
            generation: AtomicU64::new(1),
            secret: Mutex::new(r#"{"token":"first"}"#.into()),
            owner: Mutex::new(SecretOwner::Tagged("tenant-a".into())),
            audit: Mutex::default(),
            rows: Mutex::default(),
            failing: Mutex::default(),
            asked: Mutex::default(),
            clock,
        }
    }

    /// Lets an operation fail until it is mended.
    pub(crate) fn fail(&self, operation: &'static str) {
        self.failing.lock().unwrap().insert(operation);
    }

    pub(crate) fn mend(&self) {
        self.failing.lock().unwrap().clear();
    }

    /// What was asked since the last look, without the statistics, which go beside the upstream.
    pub(crate) fn asked(&self) -> Vec<&'static str> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.retain(|operation| *operation != "statistics");
        asked
    }

    /// Stores a record as the portal would: with a new generation.
    pub(crate) fn write(&self, record: ConnectorRecord) {
        let key = (record.tenant_id.clone(), record.connector_name.clone());
        self.records.lock().unwrap().insert(key, record);
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Each operation lets others run first: whoever drops a call may do so there.
    async fn ask(&self, operation: &'static str) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.asked.lock().unwrap().push(operation);
        tokio::task::yield_now().await;
        if self.failing.lock().unwrap().contains(operation) {
            return Err(StoreError::Unavailable(format!("{operation} is down")));
        }
        Ok(())
    }
}

#[async_trait]
impl MarkerReader for Stores {
    async fn read(
        &self,
        _: u8,
        _: &TenantId,
        _: &ConnectorName,
        _: &str,
        _: Deadline,
    ) -> Result<Markers, StoreError> {
        self.ask("markers").await?;
        let connector = self.generation.load(Ordering::SeqCst);
        Ok(Markers {
            fingerprint: Fingerprint { connector, ..Fingerprint::default() },
            license_revoked: false,
        })
    }
}

#[async_trait]
impl ConnectorReader for Stores {
    async fn get(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        _: Deadline,
    ) -> Result<Option<ConnectorRecord>, StoreError> {
        self.ask("record").await?;
        Ok(self.records.lock().unwrap().get(&(tenant.clone(), name.clone())).cloned())
    }
}

#[async_trait]
impl TenantDirectory for Stores {
    async fn page_of_tenant(
        &self,
        _: &TenantId,
        _: &Filter,
        _: Option<&Position>,
        _: usize,
        _: Deadline,
    ) -> Result<Page, StoreError> {
        self.ask("page").await?;
        Ok(Page { records: self.records.lock().unwrap().values().cloned().collect(), next: None })
    }
}

#[async_trait]
impl LicenseReader for Stores {
    async fn revoked(&self, _: &str, _: Deadline) -> Result<bool, StoreError> {
        self.ask("license").await.map(|()| false)
    }
}

#[async_trait]
impl AuditWriter for Stores {
    async fn append(&self, entry: &AuditEntry, _: Deadline) -> Result<(), StoreError> {
        self.ask("append").await?;
        self.audit.lock().unwrap().push((entry.clone(), entry.result.clone()));
        Ok(())
    }

    async fn conclude(&self, entry: &AuditEntry, result: &str, _: Deadline) -> Result<(), StoreError> {
        self.ask("conclude").await?;
        let mut audit = self.audit.lock().unwrap();
        let stored = audit.iter_mut().find(|(stored, _)| stored.id == entry.id).unwrap();
        result.clone_into(&mut stored.1);
        Ok(())
    }
}

#[async_trait]
impl StatisticsWriter for Stores {
    async fn put(&self, row: &StatisticsRow, _: Deadline) -> Result<(), StoreError> {
        self.ask("statistics").await?;
        self.rows.lock().unwrap().push(row.clone());
        Ok(())
    }
}

#[async_trait]
impl SecretReader for Stores {
    async fn describe(&self, arn: &SecretArn, deadline: Deadline) -> Result<Described, SecretError> {
        self.ask("describe").await.map_err(|_| SecretError::Missing("ResourceNotFoundException".into()))?;
        let _ = deadline.left(self.clock.now()).ok_or(SecretError::Deadline)?;
        Ok(Described { owner: self.owner.lock().unwrap().clone(), arn: arn.clone() })
    }

    async fn value(&self, _: &SecretArn, _: Deadline) -> Result<Secret, SecretError> {
        self.ask("value").await.map_err(|_| SecretError::Denied("AccessDeniedException".into()))?;
        Ok(Secret::new(self.secret.lock().unwrap().clone()))
    }
}

impl World {
    /// A container with the connector `crm` of tenant-a.
    pub(crate) async fn new() -> Self {
        Self::with(Tiers::default()).await
    }

    /// The same with what a file and an environment declare.
    pub(crate) async fn with(tiers: Tiers) -> Self {
        let clock = Arc::new(HandClock::at_the_hour());
        let stores = Arc::new(Stores::new(Arc::clone(&clock)));
        let upstream = Upstream::start().await;
        let rules = Rules::new("127.0.0.0/8".parse().unwrap(), None).unwrap();
        let tls = Tls::new(None).unwrap();
        let egress = Egress::new(rules, tls, Arc::new(Names), Arc::new(SystemClock));
        let (metrics, written) = metrics();
        let egress = egress.counting(metrics.clone());
        let loader = Loader {
            connectors: stores.clone(),
            tiers: Arc::new(tiers),
            secrets: stores.clone(),
            secret_tag: SecretTag::Required,
            egress,
        };
        let runtime = Runtime::new(Parts {
            loader: loader.clone(),
            directory: stores.clone(),
            markers: stores.clone(),
            licenses: stores.clone(),
            audit: stores.clone(),
            statistics: stores.clone(),
            metrics: metrics.clone(),
            cache_ttl: TTL,
            cache_capacity: 1000,
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
        });
        let world = Self { runtime: Arc::new(runtime), loader, stores, clock, upstream, metrics, written };
        world.stores.write(world.record(&json!({})));
        world
    }

    /// What was counted since the last look, as CloudWatch reads it.
    pub(crate) fn counted(&self) -> BTreeMap<String, u64> {
        self.metrics.emit(self.clock.now());
        let output = String::from_utf8(std::mem::take(&mut *self.written.lock().unwrap())).unwrap();
        cloudwatch::totals(&output, self.clock.now().wall.as_millisecond()).unwrap()
    }

    /// The record of `crm`, with further fields.
    pub(crate) fn record(&self, more: &Value) -> ConnectorRecord {
        let mut body = json!({
            "connector_name": "crm", "connector_type": "custom", "connection_url": self.upstream.url,
            "options": {"auth_type": "bearer"}, "credentials_secret_arn": ARN,
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let rules = PortalRules {
            mode: DeploymentMode::Saas,
            allow: "127.0.0.0/8".parse().unwrap(),
            extra_types: Vec::new(),
        };
        let draft = Draft::parse(&body, &rules).unwrap();
        draft.into_record(tenant(), uuid(), self.clock.now().wall)
    }

    pub(crate) async fn query(&self) -> Result<QueryAnswer, CallError> {
        query(&self.runtime, &self.clock).await
    }

    pub(crate) async fn execute(&self) -> Result<ExecuteAnswer, CallError> {
        execute(&self.runtime, &self.clock).await
    }

    pub(crate) async fn list(&self) -> Result<Vec<Listed>, CallError> {
        self.runtime.list(&tenant(), "license", self.deadline()).await
    }

    pub(crate) async fn health(&self) -> Result<HealthReport, CallError> {
        let (tenant, name) = (tenant(), name());
        self.runtime.health(call(&tenant, &name, None, &self.clock)).await
    }

    pub(crate) fn deadline(&self) -> Deadline {
        deadline(&self.clock)
    }
}

/// Metrics and what is written of them.
fn metrics() -> (Metrics, Arc<Mutex<Vec<u8>>>) {
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let output = Arc::clone(&written);
    (Metrics::new("f", move |lines: &[u8]| output.lock().unwrap().extend(lines)), written)
}

/// A query of `crm`.
pub(crate) async fn query(runtime: &Runtime, clock: &HandClock) -> Result<QueryAnswer, CallError> {
    let (tenant, name) = (tenant(), name());
    runtime.query(call(&tenant, &name, None, clock)).await
}

/// A POST to `crm`.
pub(crate) async fn execute(runtime: &Runtime, clock: &HandClock) -> Result<ExecuteAnswer, CallError> {
    let (tenant, name) = (tenant(), name());
    runtime.execute(call(&tenant, &name, Some("POST"), clock)).await
}

const NO_PARAMETERS: &Parameters = &Parameters::NONE;

fn call<'a>(
    tenant: &'a TenantId,
    connector: &'a ConnectorName,
    operation: Option<&'a str>,
    clock: &HandClock,
) -> Call<'a> {
    Call {
        tenant,
        connector,
        license_id: "license",
        actor: Actor { who: "license:test#license".into(), request_id: "request".into() },
        request: Request {
            statement: Some("/orders"),
            operation,
            parameters: NO_PARAMETERS,
            limit: None,
            trace: None,
        },
        timeout: None,
        deadline: deadline(clock),
    }
}

fn deadline(clock: &HandClock) -> Deadline {
    Deadline::after(clock.now(), Duration::from_secs(29))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("tenant-a").unwrap()
}

fn name() -> ConnectorName {
    ConnectorName::parse("crm").unwrap()
}

fn uuid() -> uuid::Uuid {
    use model::entropy::Entropy;
    SystemEntropy.uuid()
}
