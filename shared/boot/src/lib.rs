//! What every function does at start, once: settings from the environment, AWS clients, logging, and then calls.

pub mod aws;
pub mod environment;
pub mod logging;
pub mod settings;
mod tiers;

use std::sync::Arc;

use egress::{Egress, Rules, SystemResolver, Tls};
use lambda_http::{Body, Request, Response, Service};
use model::{
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
};
use store::{Dynamo, SecretsManager};

use ::tiers::Tiers;

pub use environment::Environment;
pub use lambda_http::Error;
pub use settings::{Settings, SettingsError};

/// What a function starts from.
pub struct Boot {
    /// The deployment's configuration.
    pub settings: Settings,
    /// The AWS clients.
    pub clients: aws::Clients,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

impl Boot {
    /// Reads the environment, and stops the function with the variable's name where a value is wrong.
    pub async fn from_environment() -> Result<Self, Error> {
        logging::json();
        let settings = Settings::from_environment().inspect_err(stopped)?;
        Ok(Self {
            clients: aws::Clients::from_environment().await,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            settings,
        })
    }

    /// The tables.
    pub fn dynamo(&self) -> Dynamo {
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
        Dynamo::new(self.clients.dynamo.clone(), self.settings.tables.clone(), clock, entropy)
    }

    /// The secrets.
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(self.clients.secrets.clone(), Arc::clone(&self.clock))
    }

    /// The connectors that the configuration file and the environment declare; for functions that call them. Any
    /// fault is an error that names file, line and key, or the variable.
    pub fn tiers(&self) -> Result<Arc<Tiers>, SettingsError> {
        let tiers = tiers::read(&self.settings, self.clock.now().millis())?;
        if !tiers.ignored().is_empty() {
            let variables = tiers.ignored().join(" ");
            tracing::warn!(%variables, "ignored: no MCP_<NAME>_TYPE declares a connector that they belong to");
        }
        Ok(Arc::new(tiers))
    }

    /// The way out.
    pub fn egress(&self) -> Result<Egress, SettingsError> {
        let wrong =
            |variable: &'static str| move |error: egress::SetupError| SettingsError::new(variable, error);
        let rules = Rules::new(self.settings.egress_allow.clone(), self.settings.runtime_api.as_deref());
        let tls = Tls::new(self.settings.egress_ca_pem.as_deref()).map_err(wrong("EGRESS_CA_FILE"))?;
        let rules = rules.map_err(wrong("AWS_LAMBDA_RUNTIME_API"))?;
        Ok(Egress::new(rules, tls, Arc::new(SystemResolver), Arc::clone(&self.clock)))
    }
}

/// Says in the log why a function does not start; what it returns then is shown by Lambda alone.
pub fn stopped(error: &SettingsError) {
    tracing::error!(%error, "start-up stopped");
}

/// Takes calls until the container ends; several at a time where Lambda's managed instances allow it.
pub async fn run<S, E>(service: S) -> Result<(), Error>
where
    S: Service<Request, Response = Response<Body>, Error = E> + Clone + Send + 'static,
    S::Future: Send + 'static,
    E: std::fmt::Debug + std::fmt::Display + Into<lambda_http::lambda_runtime::Diagnostic> + Send + 'static,
{
    lambda_http::run_concurrent(service).await
}
