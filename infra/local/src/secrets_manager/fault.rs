//! Refusals, in the service's own words: code and people match on them, so each is written once, here.

use std::io;

use serde_json::json;

use super::Reply;

/// The service's exceptions. Names are those on the wire, less the suffix `Exception`.
#[derive(Clone, Copy)]
enum Kind {
    InternalServiceError,
    InvalidNextToken,
    InvalidParameter,
    InvalidRequest,
    LimitExceeded,
    ResourceExists,
    ResourceNotFound,
    Serialization,
    UnknownOperation,
    Validation,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::InternalServiceError => "InternalServiceError",
            Self::InvalidNextToken => "InvalidNextTokenException",
            Self::InvalidParameter => "InvalidParameterException",
            Self::InvalidRequest => "InvalidRequestException",
            Self::LimitExceeded => "LimitExceededException",
            Self::ResourceExists => "ResourceExistsException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Serialization => "SerializationException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::Validation => "ValidationException",
        }
    }

    const fn status(self) -> u16 {
        match self {
            Self::InternalServiceError => 500,
            _ => 400,
        }
    }
}

/// Why a call was refused.
pub(super) struct Fault {
    kind: Kind,
    message: String,
}

impl Fault {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// No such secret in this account and region.
    pub(super) fn secret_not_found() -> Self {
        Self::new(Kind::ResourceNotFound, "Secrets Manager can't find the specified secret.")
    }

    /// The secret has no version with that id.
    pub(super) fn version_not_found(id: &str) -> Self {
        let message = format!("Secrets Manager can't find the specified secret value for VersionId: {id}");
        Self::new(Kind::ResourceNotFound, message)
    }

    /// The secret has no version with that staging label, as when it was created without a value.
    pub(super) fn stage_not_found(stage: &str) -> Self {
        let message =
            format!("Secrets Manager can't find the specified secret value for staging label: {stage}");
        Self::new(Kind::ResourceNotFound, message)
    }

    /// The version exists, without the label asked for.
    pub(super) fn stage_mismatch() -> Self {
        let message = "You provided a VersionStage that is not associated to the provided VersionId.";
        Self::new(Kind::InvalidRequest, message)
    }

    /// The name is taken.
    pub(super) fn secret_exists(name: &str) -> Self {
        Self::new(
            Kind::ResourceExists,
            format!("The operation failed because the secret {name} already exists."),
        )
    }

    /// The token names a version of another value.
    pub(super) fn token_in_use(token: &str, arn: &str) -> Self {
        let message = format!(
            "You can't use ClientRequestToken {token} because that value is already in use for a version of \
             secret {arn}."
        );
        Self::new(Kind::ResourceExists, message)
    }

    /// The secret waits for its deletion: only `DescribeSecret`, `ListSecretVersionIds` and `RestoreSecret`
    /// go.
    pub(super) fn marked_for_deletion() -> Self {
        let message = "You can't perform this operation on the secret because it was marked for deletion.";
        Self::new(Kind::InvalidRequest, message)
    }

    /// A second `DeleteSecret`.
    pub(super) fn already_scheduled() -> Self {
        let message =
            "You can't perform this operation on the secret because it was already scheduled for deletion.";
        Self::new(Kind::InvalidRequest, message)
    }

    /// The name is free only once the deletion is done or undone.
    pub(super) fn name_scheduled() -> Self {
        let message = "You can't create this secret because a secret with this name is already scheduled for \
                       deletion.";
        Self::new(Kind::InvalidRequest, message)
    }

    /// SDKs fill the token in; a hand-written client may not, and the service refuses it.
    pub(super) fn token_missing() -> Self {
        let message = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
        Self::new(Kind::InvalidRequest, message)
    }

    /// `PutSecretValue` without a value.
    pub(super) fn value_missing() -> Self {
        Self::new(Kind::InvalidRequest, "You must provide either SecretString or SecretBinary.")
    }

    /// More staging labels than a secret may have.
    pub(super) fn too_many_stages() -> Self {
        Self::new(Kind::LimitExceeded, "You've exceeded the number of staging labels that a secret can have.")
    }

    /// A parameter that is well-formed and not acceptable. `message` says which and why.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidParameter, message)
    }

    /// A name with a character that names may not have.
    pub(super) fn invalid_name() -> Self {
        let message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
                       following: -/_+=.@";
        Self::new(Kind::Validation, message)
    }

    /// A member outside its declared range. `member` is spelled as the service does, with a small first
    /// letter; its value is never repeated.
    pub(super) fn constraint(member: &str, rule: &str) -> Self {
        let message =
            format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {rule}");
        Self::new(Kind::Validation, message)
    }

    /// A required member that is absent or null.
    pub(super) fn required(member: &str) -> Self {
        Self::constraint(member, "Member must not be null")
    }

    /// A paging token this service did not hand out.
    pub(super) fn next_token() -> Self {
        Self::new(Kind::InvalidNextToken, "Invalid NextToken.")
    }

    /// A body that is not the request. What the JSON reader says is left out: it quotes what it read.
    pub(super) fn serialization() -> Self {
        Self::new(Kind::Serialization, "The request body isn't valid JSON for this operation.")
    }

    /// An operation not served here.
    pub(super) fn unknown_operation() -> Self {
        Self::new(Kind::UnknownOperation, "This endpoint doesn't serve the requested operation.")
    }

    /// The disk failed. What was stored before is stored still. The system's reason is told, since nothing
    /// else tells it: it names neither a file nor what was in it.
    pub(super) fn disk(error: &io::Error) -> Self {
        Self::new(Kind::InternalServiceError, format!("The secret couldn't be stored: {error}."))
    }

    /// What can't happen, should it happen.
    pub(super) fn internal() -> Self {
        Self::new(Kind::InternalServiceError, "An error occurred on the server side.")
    }

    /// The fault on the wire.
    pub(super) fn reply(self) -> Reply {
        let body = json!({ "__type": self.kind.name(), "Message": self.message });
        Reply { status: self.kind.status(), body }
    }
}

/// Refuses text outside `minimum..=maximum` characters.
pub(super) fn check_length(member: &str, text: &str, minimum: usize, maximum: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    if length < minimum {
        let rule = format!("Member must have length greater than or equal to {minimum}");
        return Err(Fault::constraint(member, &rule));
    }
    if length > maximum {
        let rule = format!("Member must have length less than or equal to {maximum}");
        return Err(Fault::constraint(member, &rule));
    }
    Ok(())
}
