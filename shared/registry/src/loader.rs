//! From a name to a connector: the configuration from the first tier that has it, then the secret, then the
//! connector itself. Nothing is dialled.

use std::sync::Arc;

use connectors::{Connector, ConnectorError, Credentials};
use egress::Egress;
use model::{
    deadline::Deadline,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    rules::SecretTag,
    source::Source,
};
use store::{ConnectorReader, SecretReader};
use tiers::Tiers;
use zeroize::Zeroizing;

use crate::{error::LoadError, secret};

/// Where configuration and credentials come from, and the way out.
#[derive(Clone)]
pub struct Loader {
    /// The database tier.
    pub connectors: Arc<dyn ConnectorReader>,
    /// The file and the environment.
    pub tiers: Arc<Tiers>,
    /// The secrets.
    pub secrets: Arc<dyn SecretReader>,
    /// Whether a secret must say whose it is.
    pub secret_tag: SecretTag,
    /// The way out.
    pub egress: Egress,
}

/// The configuration of one connector, and the tier that it came from. It can't be printed: inline credentials are a
/// secret.
pub struct Configured {
    /// The settings.
    pub record: ConnectorRecord,
    /// The tier.
    pub source: Source,
    inline: Option<Zeroizing<String>>,
}

impl Loader {
    /// The configuration that a tenant's calls of a name mean. A database that can't be read is an error, and a
    /// database record shadows the lower tiers even when it is disabled: nothing falls through by accident.
    pub async fn configuration(
        &self,
        tenant: &TenantId,
        name: &ConnectorName,
        deadline: Deadline,
    ) -> Result<Configured, LoadError> {
        if let Some(record) = self.connectors.get(tenant, name, deadline).await? {
            return Ok(Configured::stored(record));
        }
        let entry = self.tiers.find(tenant, name).ok_or(LoadError::NotFound)?;
        Ok(Configured { record: entry.record, source: entry.source, inline: entry.credentials })
    }

    /// The credentials of a configuration: its own, or those of the secret that it names; `None` where it has none.
    pub async fn credentials(
        &self,
        configured: &Configured,
        deadline: Deadline,
    ) -> Result<Option<Credentials>, LoadError> {
        if let Some(text) = &configured.inline {
            return Ok(Some(Credentials::parse(text)?));
        }
        secret::credentials(&configured.record, self.secrets.as_ref(), self.secret_tag, deadline).await
    }

    /// The connector. To decrypt a private key takes up to half a second by intent, so it is made where no other call
    /// waits.
    pub async fn connect(
        &self,
        configured: &Configured,
        credentials: Option<Credentials>,
    ) -> Result<Box<dyn Connector>, ConnectorError> {
        let (record, egress) = (configured.record.clone(), self.egress.clone());
        let made = tokio::task::spawn_blocking(move || connectors::connect(&record, credentials, &egress));
        let unmade = |_| ConnectorError::Configuration("the connector can't be made of it".into());
        made.await.map_err(unmade)?
    }
}

impl Configured {
    /// A record of the database.
    pub fn stored(record: ConnectorRecord) -> Self {
        Self { record, source: Source::Database, inline: None }
    }
}
