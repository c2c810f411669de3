//! What the operations of the agent's API have in common in its OpenAPI document: how a caller proves who it is, how
//! it names a tenant, and the error answers.

use model::ids::TenantId;
use utoipa::{
    IntoParams, Modify, PartialSchema, ToSchema,
    openapi::{
        OpenApi,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{By, RETRY_AFTER, Shared, WWW_AUTHENTICATE, describe, describe_shapes, groups};
use crate::agent_problem::AgentProblem;

/// The tenant in the query string.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TenantQuery {
    /// The tenant, where the license covers several. It must not differ from the one of `X-Tenant-ID` or the user name.
    #[param(required = false, nullable = false, example = "tenant-a")]
    pub tenant_id: TenantId,
}

/// The tenant in a header.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct TenantHeader {
    /// The tenant, as `tenant_id` names it; one of them is enough, and two that differ are 400.
    #[param(rename = "X-Tenant-ID", required = false, nullable = false, example = "tenant-a")]
    pub tenant: TenantId,
}

/// What every route with a license can answer.
const LICENSED: [Shared; 5] = [
    Shared::agent(
        "BadRequest",
        400,
        By::Either,
        "The request can't be read: an unknown query parameter, no tenant where the license covers several, two \
         that differ, or malformed JSON.",
    ),
    Shared {
        header: WWW_AUTHENTICATE,
        ..Shared::agent(
            "NotLicensed",
            401,
            By::Function,
            "No license key, or one that is forged, expired or revoked.",
        )
    },
    Shared::agent(
        "NotCovered",
        403,
        By::Function,
        "The license does not cover the tenant, the connector or the route's scope.",
    ),
    Shared::agent(
        "Internal",
        500,
        By::Either,
        "A fault of the platform; the request id finds it in the log.",
    ),
    Shared {
        header: RETRY_AFTER,
        ..Shared::agent(
            "Unavailable",
            503,
            By::Either,
            "The platform's store did not answer in time. Try again.",
        )
    },
];

/// What every route that takes a body can answer.
const WITH_BODY: [Shared; 1] = [Shared::agent("BodyTooLarge", 413, By::Either, "A body of more than 1 MiB.")];

/// What the gateway answers of its own, on every route.
const GATEWAY: [Shared; 5] = [
    Shared::agent("Malformed", 400, By::Gateway, "The gateway can't read the request."),
    Shared::agent("FunctionFailed", 500, By::Gateway, "The function failed before it could answer."),
    Shared::agent("FunctionUnanswered", 503, By::Gateway, "The function did not answer the gateway in time."),
    Shared::agent("Throttled", 429, By::Gateway, "Too many requests for the gateway."),
    Shared::agent("HeadTooLarge", 431, By::Gateway, "Request line and headers of more than 10,240 bytes."),
];

groups! {
    /// The answers of every route.
    Gateway: GATEWAY;
    /// The answers of every route with a license.
    Licensed: GATEWAY LICENSED;
    /// The answers of every route that takes a body.
    WithBody: WITH_BODY;
}

/// What every answer's header of a name means, with an example.
const HEADERS: [(&str, &str, &str); 3] = [
    ("RequestId", "Finds the request in the log; `instance` of a problem is the same.", "JKJaXmPLvHcESHA="),
    ("RetryAfter", "When to try again: seconds, or an HTTP date of an upstream.", "1"),
    ("WwwAuthenticate", "How to prove who you are.", "LicenseKey realm=\"agent\", header=\"X-License-Key\""),
];

/// The components that every part of the document refers to.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        for answers in [&LICENSED[..], &WITH_BODY, &GATEWAY] {
            describe(document, answers);
        }
        describe_shapes(document, &HEADERS);
        let components = document.components.get_or_insert_default();
        components.schemas.insert(AgentProblem::name().into(), AgentProblem::schema());
        let key = ApiKeyValue::with_description(
            "X-License-Key",
            "A license key: `AXON-` and a signed token. Its claims say which tenants, connectors and scopes it covers.",
        );
        components.add_security_scheme("license_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
        let basic = HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(
            "For existing SDKs: the tenant as user name and the license key as password. The license must cover the \
             tenant.",
        ));
        components.add_security_scheme("client", SecurityScheme::Http(basic.build()));
    }
}
