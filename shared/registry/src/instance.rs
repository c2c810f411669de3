//! A connector that is ready to be called, with what a call needs to know of its configuration. Its credentials
//! live inside the connector and nowhere else.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use connectors::{Connector, ConnectorError};
use model::{clock::Moment, policy::Policy};

use crate::loader::Configured;

/// Milliseconds after which an instance whose credentials never worked has them read again.
const HEAL_AGAIN_MS: u64 = 1_000;

pub(crate) struct Instance {
    pub(crate) configured: Arc<Configured>,
    pub(crate) policy: Policy,
    /// Taken when the last user is gone.
    connector: Option<Box<dyn Connector>>,
    born: Moment,
    /// Whether it was made because the upstream refused the credentials of the one before.
    heals: bool,
    /// Whether the upstream ever took its credentials.
    proven: AtomicBool,
}

impl Instance {
    pub(crate) fn new(
        configured: Arc<Configured>,
        connector: Box<dyn Connector>,
        born: Moment,
        heals: bool,
    ) -> Self {
        let record = &configured.record;
        let policy = Policy::of(record.connector_type, &record.options);
        Self { policy, configured, connector: Some(connector), born, heals, proven: AtomicBool::new(false) }
    }

    pub(crate) fn connector(&self) -> Result<&dyn Connector, ConnectorError> {
        let gone = || ConnectorError::Upstream("the connector was closed".into());
        self.connector.as_deref().ok_or_else(gone)
    }

    /// Notes that the upstream took the credentials.
    pub(crate) fn prove(&self) {
        if !self.proven.load(Ordering::Relaxed) {
            self.proven.store(true, Ordering::Relaxed);
        }
    }

    /// Whether refused credentials are worth reading again. Those that were just read for that very reason, and
    /// never worked, are not: an upstream may lock the account of whoever keeps trying.
    pub(crate) fn may_heal(&self, now: Moment) -> bool {
        !self.heals || self.proven.load(Ordering::Relaxed) || now.millis_since(self.born) >= HEAL_AGAIN_MS
    }
}

/// The last call that used it is over.
impl Drop for Instance {
    fn drop(&mut self) {
        let Some(connector) = self.connector.take() else { return };
        // Without a runtime the process is ending, and the sockets with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { connector.close().await });
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use connectors::{Executed, Request, Rows, Stages};
    use model::{
        clock::{Clock, SystemClock},
        deadline::Deadline,
        draft::Draft,
        ids::TenantId,
        rules::{DeploymentMode, PortalRules},
    };
    use serde_json::json;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;

    /// Tells when it is closed, and can do nothing else.
    struct Closing(UnboundedSender<()>);

    fn nothing<T>() -> Result<T, ConnectorError> {
        Err(ConnectorError::Upstream("nothing is there".into()))
    }

    #[async_trait]
    impl Connector for Closing {
        async fn query(&self, _: Request<'_>, _: Deadline) -> Result<Rows, ConnectorError> {
            nothing()
        }

        async fn execute(&self, _: Request<'_>, _: Deadline) -> Result<Executed, ConnectorError> {
            nothing()
        }

        async fn health(&self, _: &mut Stages<'_>, _: Deadline) -> Result<(), ConnectorError> {
            nothing()
        }

        async fn close(&self) {
            self.0.send(()).unwrap();
        }
    }

    #[tokio::test]
    async fn what_it_holds_open_is_ended_with_its_last_call_and_not_before() {
        let body = json!({"connector_name": "crm", "connector_type": "custom", "connection_url": "https://crm.example.com"});
        let rules =
            PortalRules { mode: DeploymentMode::Saas, allow: "".parse().unwrap(), extra_types: Vec::new() };
        let (tenant, now) = (TenantId::parse("tenant-a").unwrap(), SystemClock.now());
        let record = Draft::parse(&body, &rules).unwrap().into_record(tenant, uuid::Uuid::nil(), now.wall);
        let (closing, mut closed) = unbounded_channel();
        let configured = Arc::new(Configured::stored(record));
        let of_cache = Arc::new(Instance::new(configured, Box::new(Closing(closing)), now, false));
        let of_call = Arc::clone(&of_cache);
        drop(of_cache);
        tokio::task::yield_now().await;
        assert!(of_call.connector().is_ok() && closed.try_recv().is_err());
        drop(of_call);
        assert_eq!(closed.recv().await, Some(()));
    }
}
