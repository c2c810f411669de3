//! What the operations of the portal's API have in common in its OpenAPI document: the session, and the error answers.

use model::{problem::Problem, session::COOKIE};
use utoipa::{
    Modify, PartialSchema, ToSchema,
    openapi::{
        OpenApi,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use super::{By, RETRY_AFTER, Shared, WWW_AUTHENTICATE, describe, describe_shapes, groups};

const ALWAYS: [Shared; 4] = [
    Shared::portal("Throttled", 429, By::Gateway, "The API takes no more requests at the moment."),
    Shared::portal(
        "HeadTooLarge",
        431,
        By::Gateway,
        "The request line and headers are larger than the gateway takes.",
    ),
    Shared::portal("InternalError", 500, By::Either, "A fault of ours. `instance` finds it in the log."),
    Shared {
        header: RETRY_AFTER,
        ..Shared::portal(
            "Unavailable",
            503,
            By::Either,
            "The platform's own store did not answer in time, or the gateway waited 30 seconds in vain.",
        )
    },
];

const IN_SESSION: [Shared; 2] = [
    Shared::portal(
        "BadRequest",
        400,
        By::Either,
        "The request can't be read: a query parameter that is malformed, or a body that is not JSON. The gateway \
         answers a malformed path itself.",
    ),
    Shared {
        header: WWW_AUTHENTICATE,
        ..Shared::portal(
            "NotSignedIn",
            401,
            By::Function,
            "No session, or one that is unknown, idle for 8 hours, or older than 24 hours.",
        )
    },
];

const UNSAFE: [Shared; 1] = [Shared::portal(
    "Forbidden",
    403,
    By::Function,
    "A viewer's session only reads (`viewer`); or the `Origin` header names a site that may not write here \
     (`foreign-origin`).",
)];

const BY_NAME: [Shared; 2] = [
    Shared::portal(
        "NoSuchConnector",
        404,
        By::Function,
        "There is no connector of this name that the session may see.",
    ),
    Shared::portal(
        "AmbiguousName",
        409,
        By::Function,
        "Only in `invpc`: several tenants have a connector of this name. `tenants` lists them; `tenant_id` says \
         which is meant.",
    ),
];

const WITH_BODY: [Shared; 3] = [
    Shared::portal(
        "BodyTooLarge",
        413,
        By::Either,
        "The body has more than 64 KiB. Over 10 MB the gateway answers itself.",
    ),
    Shared::portal("NotJson", 415, By::Function, "The body is not declared as JSON in UTF-8."),
    Shared::portal(
        "InvalidBody",
        422,
        By::Function,
        "The body is well-formed and not accepted. `errors` names every fault at once.",
    ),
];

const NEW_NAME: [Shared; 1] =
    [Shared::portal("NameTaken", 409, By::Function, "The tenant already has a connector of this name.")];

const IF_MATCH: [Shared; 1] = [Shared {
    header: Some(("etag", "ETag")),
    ..Shared::portal(
        "StaleVersion",
        412,
        By::Function,
        "The record is no longer the one that `If-Match` names. Nothing was changed.",
    )
}];

groups! {
    /// Any operation at all.
    Always: ALWAYS;
    /// An operation of a session.
    InSession: IN_SESSION;
    /// An operation that changes something.
    Unsafe: UNSAFE;
    /// An operation that names a connector.
    ByName: BY_NAME;
    /// An operation that takes a body.
    WithBody: WITH_BODY;
    /// An operation that makes a new name.
    NewName: NEW_NAME;
    /// An operation that honours `If-Match`.
    IfMatch: IF_MATCH;
}

/// What every answer's header of a name means, with an example.
const HEADERS: [(&str, &str, &str); 4] = [
    ("RequestId", "Finds the request in every log; `instance` of a problem is the same.", "JKJaXmPLvHcESHA="),
    ("RetryAfter", "Seconds to wait.", "1"),
    ("WwwAuthenticate", "Names the cookie.", "Cookie realm=\"portal\", cookie-name=\"axonflow_session\""),
    ("ETag", "The record as it stands.", "\"3.1\""),
];

/// The components that every part of the document refers to.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        for answers in [&ALWAYS[..], &IN_SESSION, &UNSAFE, &BY_NAME, &WITH_BODY, &NEW_NAME, &IF_MATCH] {
            describe(document, answers);
        }
        describe_shapes(document, &HEADERS);
        let components = document.components.get_or_insert_default();
        components.schemas.insert(Problem::name().into(), Problem::schema());
        let mut referred = Vec::new();
        Problem::schemas(&mut referred);
        components.schemas.extend(referred);
        let cookie = ApiKeyValue::with_description(COOKIE, "The cookie of a portal session.");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}
