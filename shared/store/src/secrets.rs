//! Secrets Manager: whose a secret is, and what it holds. What is read lives only as long as its [`Secret`] and
//! is zeroised after it; nothing here prints, compares or serialises it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
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

/// The longest one attempt may take; what is lost on the way is tried again after it.
const ATTEMPT: Duration = Duration::from_secs(3);

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

/// A secret as Secrets Manager describes it.
#[derive(Clone, Debug)]
pub struct Described {
    /// Whose it is.
    pub owner: SecretOwner,
    /// The ARN of this very secret: a record may leave out the suffix that tells it from one made anew.
    pub arn: SecretArn,
}

/// Reading secrets.
#[async_trait]
pub trait SecretReader: Send + Sync {
    /// Which secret an ARN means, and whose it is.
    async fn describe(&self, arn: &SecretArn, deadline: Deadline) -> Result<Described, SecretError>;
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
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(left)
            .operation_attempt_timeout(ATTEMPT.min(left))
            .build();
        Ok(Builder::new().timeout_config(timeouts))
    }
}

#[async_trait]
impl SecretReader for SecretsManager {
    async fn describe(&self, arn: &SecretArn, deadline: Deadline) -> Result<Described, SecretError> {
        let request = self.client(arn.region()).describe_secret().secret_id(arn.expose());
        let answer = request.customize().config_override(self.within(deadline)?).send().await;
        let answer = answer.map_err(|error| self.judge(&error, deadline))?;
        let tag = answer.tags().iter().find(|tag| tag.key() == Some(TENANT_TAG)).and_then(|tag| tag.value());
        let owner = tag.map_or(SecretOwner::Untagged, |tenant| SecretOwner::Tagged(tenant.to_owned()));
        let exact = answer.arn().and_then(|arn| SecretArn::parse(arn).ok());
        Ok(Described { owner, arn: exact.unwrap_or_else(|| arn.clone()) })
    }

    async fn value(&self, arn: &SecretArn, deadline: Deadline) -> Result<Secret, SecretError> {
        let request = self.client(arn.region()).get_secret_value().secret_id(arn.expose());
        let answer = request.customize().config_override(self.within(deadline)?).send().await;
        let text = answer.map_err(|error| self.judge(&error, deadline))?.secret_string;
        text.map(Secret::new).ok_or(SecretError::Binary)
    }
}

impl SecretsManager {
    fn judge<E: ProvideErrorMetadata, R>(&self, error: &SdkError<E, R>, deadline: Deadline) -> SecretError {
        if deadline.left(self.clock.now()).is_none() { SecretError::Deadline } else { judge(error) }
    }
}

fn judge<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> SecretError {
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
