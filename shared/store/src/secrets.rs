//! Secrets Manager: whose a secret is, and what it holds. What is read lives only as long as its [`Secret`] and
//! is zeroised after it; nothing here prints, compares or serialises it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    config::{Builder, Region, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
};
use model::{clock::Clock, deadline::Deadline, secret_arn::SecretArn};
use zeroize::Zeroizing;

/// The tag that says whose a secret is.
pub const TENANT_TAG: &str = "axonflow:tenant_id";

/// More clients than AWS has regions are never kept.
const MAX_REGIONS: usize = 64;

/// The text of a secret.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for the code that reads its shape.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whose a secret is, by its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOwner {
    /// The tag names this tenant, or `*` for everyone.
    Tagged(String),
    /// There is no tag.
    Untagged,
}

/// Why a secret could not be read. Holds codes only: AWS's own messages spell out the ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no such secret, or it is scheduled for deletion.
    #[error("secret missing: {0}")]
    Missing(String),
    /// This deployment may not read it, or not decrypt it.
    #[error("secret not readable: {0}")]
    Denied(String),
    /// It holds binary data.
    #[error("secret is binary")]
    Binary,
    /// The time for the call is over.
    #[error("the call's deadline passed before the secret was read")]
    Deadline,
    /// Secrets Manager did not answer.
    #[error("Secrets Manager unavailable: {0}")]
    Unavailable(String),
}

/// Reading secrets.
#[async_trait]
pub trait SecretReader: Send + Sync {
    /// Whose the secret is.
    async fn owner(&self, arn: &SecretArn, deadline: Deadline) -> Result<SecretOwner, SecretError>;
    /// Its current value.
    async fn value(&self, arn: &SecretArn, deadline: Deadline) -> Result<Secret, SecretError>;
}

/// Secrets Manager itself, with a client for each region that a secret lies in.
#[derive(Clone)]
pub struct SecretsManager {
    home: Client,
    regions: Arc<Mutex<HashMap<String, Client>>>,
    clock: Arc<dyn Clock>,
}

impl SecretsManager {
    /// Secrets Manager behind the client of the deployment's own region.
    pub fn new(home: Client, clock: Arc<dyn Clock>) -> Self {
        Self { home, regions: Arc::default(), clock }
    }

    fn client(&self, region: &str) -> Client {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        // Regions come from records: a list of made-up ones must not grow the process.
        if regions.len() >= MAX_REGIONS {
            regions.clear();
        }
        let client = regions.entry(region.to_owned()).or_insert_with(|| {
            let config = self.home.config().to_builder().region(Region::new(region.to_owned()));
            Client::from_conf(config.build())
        });
        client.clone()
    }

    fn within(&self, deadline: Deadline) -> Result<Builder, SecretError> {
        let left = deadline.left(self.clock.now()).ok_or(SecretError::Deadline)?;
        Ok(Builder::new().timeout_config(TimeoutConfig::builder().operation_timeout(left).build()))
    }
}

#[async_trait]
impl SecretReader for SecretsManager {
    async fn owner(&self, arn: &SecretArn, deadline: Deadline) -> Result<SecretOwner, SecretError> {
        let request = self.client(arn.region()).describe_secret().secret_id(arn.expose());
        let answer = request.customize().config_override(self.within(deadline)?).send().await;
        let answer = answer.map_err(|error| judge(&error))?;
        let tag = answer.tags().iter().find(|tag| tag.key() == Some(TENANT_TAG)).and_then(|tag| tag.value());
        Ok(tag.map_or(SecretOwner::Untagged, |tenant| SecretOwner::Tagged(tenant.to_owned())))
    }

    async fn value(&self, arn: &SecretArn, deadline: Deadline) -> Result<Secret, SecretError> {
        let request = self.client(arn.region()).get_secret_value().secret_id(arn.expose());
        let answer = request.customize().config_override(self.within(deadline)?).send().await;
        let text = answer.map_err(|error| judge(&error))?.secret_string;
        text.map(Secret::new).ok_or(SecretError::Binary)
    }
}

fn judge<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> SecretError {
    // The only time that a request is given is what is left of the call.
    if matches!(error, SdkError::TimeoutError(_)) {
        return SecretError::Deadline;
    }
    let code = crate::error::kind(error).text().to_owned();
    match code.as_str() {
        // A secret scheduled for deletion answers InvalidRequestException.
        "ResourceNotFoundException" | "InvalidRequestException" => SecretError::Missing(code),
        "AccessDeniedException"
        | "DecryptionFailure"
        | "InvalidParameterException"
        | "ValidationException" => SecretError::Denied(code),
        _ => SecretError::Unavailable(code),
    }
}
