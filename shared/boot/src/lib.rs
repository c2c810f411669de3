//! What every function does at start, once: settings from the environment, AWS clients, logging, and then calls.

pub mod aws;
pub mod environment;
mod http;
pub mod logging;
mod observe;
pub mod settings;
mod tiers;

use std::{convert::Infallible, sync::Arc};

use egress::{Egress, Rules, SystemResolver};
use lambda_http::{Body, Request, Response, service_fn};
use model::{
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
};
use store::{Dynamo, SecretsManager};
use telemetry::{Metrics, StandardOutput};

use ::tiers::Tiers;

pub use environment::Environment;
pub use lambda_http::Error;
pub use observe::Observer;
pub use settings::{Settings, SettingsError};

/// What a function starts from.
pub struct Boot {
    /// The deployment's configuration.
    pub settings: Settings,
    /// The AWS clients.
    pub clients: aws::Clients,
    /// What operators are told; [`Boot::run`] writes it.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub entropy: Arc<dyn Entropy>,
}

impl Boot {
    /// Reads the environment, and stops the function with the variable's name where a value is wrong.
    pub fn from_environment() -> Result<Self, Error> {
        logging::json();
        let settings = Settings::from_environment().inspect_err(stopped)?;
        Ok(Self {
            clients: aws::Clients::of_function(&settings.environment)?,
            metrics: metrics(&settings.environment),
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
        let own = &self.clients.tls;
        let tls = match &self.settings.egress_ca_pem {
            Some(pem) => own.trusting(pem).map_err(wrong("EGRESS_CA_FILE"))?,
            None => own.clone(),
        };
        let rules = rules.map_err(wrong("AWS_LAMBDA_RUNTIME_API"))?;
        let egress = Egress::new(rules, tls, Arc::new(SystemResolver), Arc::clone(&self.clock));
        Ok(egress.counting(self.metrics.clone()))
    }

    /// Takes calls until the container ends; several at a time where Lambda's managed instances allow it.
    pub async fn run<H, F>(&self, handle: H) -> Result<(), Error>
    where
        H: Fn(Request) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
    {
        let initialization = self.settings.environment.get("AWS_LAMBDA_INITIALIZATION_TYPE");
        let observer = Observer::new(initialization, self.metrics.clone(), Arc::clone(&self.clock));
        let observer = Arc::new(observer);
        let service = service_fn(move |request| {
            let (observer, handle) = (Arc::clone(&observer), handle.clone());
            async move { observer.observe(request, handle).await }
        });
        lambda_http::run_concurrent(service).await
    }
}

/// Says in the log why a function does not start; what it returns then is shown by Lambda alone.
pub fn stopped(error: &SettingsError) {
    tracing::error!(%error, "start-up stopped");
}

/// Metrics carry the name that Lambda gives the function; where there is none, nobody reads them.
fn metrics(environment: &Environment) -> Metrics {
    let function = environment.get("AWS_LAMBDA_FUNCTION_NAME").filter(|name| !name.trim().is_empty());
    function.map_or_else(Metrics::off, |function| Metrics::new(function, StandardOutput))
}
