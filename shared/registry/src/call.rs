//! What queries and executes have in common: the markers, the instance, and the second try with fresh credentials.

use std::{sync::Arc, time::Duration};

use crate::{
    Runtime,
    cache::{Failure, How, LoadFailure},
    error::{CallError, LoadError},
    instance::Instance,
    loader::Configured,
    statistics::Count,
};
use connectors::{ConnectorError, Request};
use model::{
    audit::Actor,
    clock::Moment,
    connector_type::ConnectorType,
    deadline::Deadline,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
    policy::{Policy, Route},
    source::Source,
};

/// The longest that a query waits for the markers when a cached instance could answer without them.
const MARKER_PATIENCE: Duration = Duration::from_secs(2);

/// A call on its way in.
#[derive(Clone)]
pub struct Call<'a> {
    /// Whose connector.
    pub tenant: &'a TenantId,
    /// Which.
    pub connector: &'a ConnectorName,
    /// The identifier of the license, which may have been revoked.
    pub license_id: &'a str,
    /// Who asks, for the audit.
    pub actor: Actor,
    /// What is asked.
    pub request: Request<'a>,
    /// The longest that the caller wants to wait.
    pub timeout: Option<Duration>,
    /// By when the invocation must have answered.
    pub deadline: Deadline,
}

/// What a log line says of a call that reached a connector.
#[derive(Clone, Copy, Debug)]
pub struct CallLog {
    /// The connector's type.
    pub connector_type: ConnectorType,
    /// The tier of its configuration.
    pub source: Source,
    /// `hit`, `loaded`, `joined` or `stale`.
    pub cache: &'static str,
}

/// A load that failed, and what it had found until then: a refusal by governance goes before a missing secret.
#[derive(Clone)]
pub(crate) struct FailedLoad {
    pub(crate) error: LoadError,
    pub(crate) configured: Option<Arc<Configured>>,
}

impl CallLog {
    /// Adds it to the line of the request.
    pub fn record(self) {
        let span = tracing::Span::current();
        span.record("connector_type", self.connector_type.as_str());
        span.record("source", self.source.as_str());
        span.record("cache", self.cache);
    }
}

/// An instance, and how a call came by it.
pub(crate) struct Taken {
    pub(crate) instance: Arc<Instance>,
    /// The markers that the call read; `None` where they could not be read.
    fingerprint: Option<Fingerprint>,
    pub(crate) log: CallLog,
    /// By when the call must have ended: the earliest of caller, invocation and record.
    pub(crate) deadline: Deadline,
}

impl Runtime {
    /// The instance that a call may use.
    /// `route` is absent for a look at its health, which governance has no say in.
    pub(crate) async fn take(&self, call: &Call<'_>, route: Option<Route>) -> Result<Taken, CallError> {
        let started = self.clock.now();
        let asked = call.timeout.map(|timeout| Deadline::after(started, timeout));
        let deadline = asked.map_or(call.deadline, |asked| asked.earliest(call.deadline));
        let (instance, fingerprint, cache) = match self.fingerprint(call, route, deadline).await {
            Ok(fingerprint) => {
                let (instance, how) = self.load(call, route, fingerprint, deadline, false).await?;
                (instance, Some(fingerprint), how)
            }
            Err(error) => (self.stale(call, route, error, deadline)?, None, "stale"),
        };
        let record = &instance.configured.record;
        let own = Duration::from_millis(u64::from(record.timeout_ms));
        let source = instance.configured.source;
        let log = CallLog { connector_type: record.connector_type, source, cache };
        Ok(Taken { fingerprint, log, deadline: deadline.earliest(Deadline::after(started, own)), instance })
    }

    /// The counters of now, in one round trip, which also tells whether the license still stands.
    async fn fingerprint(
        &self,
        call: &Call<'_>,
        route: Option<Route>,
        deadline: Deadline,
    ) -> Result<Fingerprint, CallError> {
        let read =
            |deadline| self.markers.read(self.shard, call.tenant, call.connector, call.license_id, deadline);
        let replaceable = |now| {
            route == Some(Route::Query) && self.cache.get_stale(call.tenant, call.connector, now).is_some()
        };
        let now = self.clock.now();
        let patience = Deadline::after(now, MARKER_PATIENCE).earliest(deadline);
        let first = if replaceable(now) { Some(read(patience).await) } else { None };
        let markers = match first {
            Some(Ok(markers)) => markers,
            Some(Err(error)) if replaceable(self.clock.now()) => return Err(error.into()),
            // The instance may have left meanwhile: its time is over, or another call has read newer markers. Then
            // there is nothing to answer with, and all of the call's time to read in.
            Some(Err(_)) | None => read(deadline).await?,
        };
        if markers.license_revoked { Err(CallError::LicenseRevoked) } else { Ok(markers.fingerprint) }
    }

    /// While the markers can't be read, a cached instance may answer queries until its time is over; nothing else
    /// may, and nothing is loaded.
    fn stale(
        &self,
        call: &Call<'_>,
        route: Option<Route>,
        error: CallError,
        deadline: Deadline,
    ) -> Result<Arc<Instance>, CallError> {
        let CallError::Store(error) = error else { return Err(error) };
        let now = self.clock.now();
        if deadline.left(now).is_none() {
            return Err(CallError::Deadline);
        }
        let cached =
            (route == Some(Route::Query)).then(|| self.cache.get_stale(call.tenant, call.connector, now));
        let Some(instance) = cached.flatten() else { return Err(error.into()) };
        self.statistics.count(call.tenant, Count::StaleServe);
        tracing::warn!(%error, tenant = %call.tenant, connector = %call.connector, "stale serve: markers not readable");
        Ok(instance)
    }

    /// The instance of a fingerprint, cached or loaded. `heals` says that the one before had its credentials
    /// refused.
    pub(crate) async fn load(
        &self,
        call: &Call<'_>,
        route: Option<Route>,
        fingerprint: Fingerprint,
        deadline: Deadline,
        heals: bool,
    ) -> Result<(Arc<Instance>, &'static str), CallError> {
        let (tenant, name) = (call.tenant, call.connector);
        // After the markers were read: a container that was frozen meanwhile sees how old its instances are.
        let now = self.clock.now();
        let make = || async move {
            let made = self.make(tenant, name, now, deadline, heals).await;
            self.statistics.count(tenant, if made.is_ok() { Count::Creation } else { Count::Failure });
            // What this call had no time for says nothing to others.
            let shared = deadline.left(self.clock.now()).is_some();
            made.map_err(|error| Failure { error, shared })
        };
        match self.cache.get_or_load(tenant, name, fingerprint, now, deadline, make).await {
            Ok(served) => {
                let (count, word) = match served.how {
                    How::Hit => (Count::Hit, "hit"),
                    How::Loaded => (Count::Miss, "loaded"),
                    How::Joined => (Count::Miss, "joined"),
                };
                self.statistics.count(tenant, count);
                Ok((served.value, word))
            }
            Err(failure) => {
                self.statistics.count(tenant, Count::Miss);
                Err(self.failed(call, route, failure, deadline).await)
            }
        }
    }

    async fn make(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        now: Moment,
        deadline: Deadline,
        heals: bool,
    ) -> Result<Instance, FailedLoad> {
        let early = |error| FailedLoad { error, configured: None };
        let configured = self.loader.configuration(tenant, name, deadline).await.map_err(early)?;
        if !configured.record.enabled {
            return Err(early(LoadError::Disabled));
        }
        let configured = Arc::new(configured);
        let failed = |error: LoadError| FailedLoad { error, configured: Some(Arc::clone(&configured)) };
        let credentials = self.loader.credentials(&configured, deadline).await.map_err(failed)?;
        let connector = self.loader.connect(&configured, credentials).await;
        let connector = connector.map_err(|error| failed(error.into()))?;
        Ok(Instance::new(Arc::clone(&configured), connector, now, heals))
    }

    /// A refusal by governance goes before whatever else kept the connector from being made.
    async fn failed(
        &self,
        call: &Call<'_>,
        route: Option<Route>,
        failure: LoadFailure<FailedLoad>,
        deadline: Deadline,
    ) -> CallError {
        let FailedLoad { error, configured } = match failure {
            LoadFailure::Deadline => return CallError::Deadline,
            LoadFailure::Failed(failed) => failed,
        };
        if let (Some(route), Some(configured)) = (route, configured) {
            let record = &configured.record;
            let policy = Policy::of(record.connector_type, &record.options);
            if let Err(refusal) = self.govern(call, route, record.connector_type, &policy, deadline).await {
                return refusal;
            }
        }
        let late = matches!(error, LoadError::Store(_)) && deadline.left(self.clock.now()).is_none();
        if late { CallError::Deadline } else { error.into() }
    }

    /// After refused credentials: the instance leaves the cache, and the secret is read afresh, so that a rotation
    /// heals itself. Gives the error back where that was just tried, or can't be.
    pub(crate) async fn healed(
        &self,
        call: &Call<'_>,
        taken: &Taken,
        refused: ConnectorError,
    ) -> Result<Arc<Instance>, CallError> {
        let healable = matches!(refused, ConnectorError::CredentialsRefused(_))
            && taken.instance.may_heal(self.clock.now());
        let Some(fingerprint) = taken.fingerprint.filter(|_| healable) else { return Err(refused.into()) };
        self.cache.discard(call.tenant, call.connector, &taken.instance);
        tracing::info!(tenant = %call.tenant, connector = %call.connector, "credentials refused: reading them again");
        let (fresh, _) = self.load(call, None, fingerprint, taken.deadline, true).await?;
        Ok(fresh)
    }
}
