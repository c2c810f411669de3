//! What the operations of the agent's API have in common in its OpenAPI document: how a caller proves who it is, how
//! it names a tenant, and the error answers. An answer is described once, among the components, and referred to by
//! the operations that can give it.

use std::collections::BTreeMap;

use model::ids::TenantId;
use utoipa::{
    IntoParams, IntoResponses, Modify, PartialSchema, ToSchema,
    openapi::{
        self, ContentBuilder, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

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

/// An error answer that several operations give.
pub struct Shared {
    /// Its name among the components.
    pub name: &'static str,
    /// Its status.
    pub status: u16,
    /// When it is given.
    pub description: &'static str,
    /// The name of its schema among the components.
    pub schema: &'static str,
    /// The header that goes with it, by its own name and the one among the components.
    pub header: Option<(&'static str, &'static str)>,
    /// Who gives it.
    pub by: By,
}

/// Who gives an answer. The gateway's own keep its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A function.
    Function,
    /// The gateway, before any function is asked.
    Gateway,
    /// Either of them.
    Either,
}

/// What 429 and 503 carry.
pub const RETRY_AFTER: Option<(&str, &str)> = Some(("retry-after", "RetryAfter"));
/// The header of every answer of a function, by its own name and the one among the components.
pub const REQUEST_ID: (&str, &str) = ("x-request-id", "RequestId");

impl Shared {
    /// An ordinary problem, without a header of its own.
    pub const fn new(name: &'static str, status: u16, by: By, description: &'static str) -> Self {
        Self { name, status, description, schema: "AgentProblem", header: None, by }
    }

    fn response(&self) -> Response {
        let content =
            |schema: &str| ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
        let mut response = ResponseBuilder::new().description(self.description);
        if self.by != By::Gateway {
            let (name, component) = REQUEST_ID;
            response = response
                .content("application/problem+json", content(self.schema))
                .header_ref(name, header(component));
        }
        if self.by != By::Function {
            response = response.content("application/json", content("GatewayMessage"));
        }
        if let Some((name, component)) = self.header {
            response = response.header_ref(name, header(component));
        }
        response.build()
    }
}

/// What every route with a license can answer.
const LICENSED: [Shared; 5] = [
    Shared::new(
        "BadRequest",
        400,
        By::Either,
        "The request can't be read: an unknown query parameter, no tenant where the license covers several, two \
         that differ, or malformed JSON.",
    ),
    Shared {
        header: Some(("www-authenticate", "WwwAuthenticate")),
        ..Shared::new(
            "NotLicensed",
            401,
            By::Function,
            "No license key, or one that is forged, expired or revoked.",
        )
    },
    Shared::new(
        "NotCovered",
        403,
        By::Function,
        "The license does not cover the tenant, the connector or the route's scope.",
    ),
    Shared::new("Internal", 500, By::Either, "A fault of the platform; the request id finds it in the log."),
    Shared {
        header: RETRY_AFTER,
        ..Shared::new(
            "Unavailable",
            503,
            By::Either,
            "The platform's store did not answer in time. Try again.",
        )
    },
];

/// What every route that takes a body can answer.
const WITH_BODY: [Shared; 1] = [Shared::new("BodyTooLarge", 413, By::Either, "A body of more than 1 MiB.")];

/// What the gateway answers of its own, on every route.
const GATEWAY: [Shared; 5] = [
    Shared::new("Malformed", 400, By::Gateway, "The gateway can't read the request."),
    Shared::new("FunctionFailed", 500, By::Gateway, "The function failed before it could answer."),
    Shared::new("FunctionUnanswered", 503, By::Gateway, "The function did not answer the gateway in time."),
    Shared::new("Throttled", 429, By::Gateway, "Too many requests for the gateway."),
    Shared::new("HeadTooLarge", 431, By::Gateway, "Request line and headers of more than 10,240 bytes."),
];

/// The answers of every route.
pub struct Gateway;
/// The answers of every route with a license.
pub struct Licensed;
/// The answers of every route that takes a body.
pub struct WithBody;

impl IntoResponses for Gateway {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&GATEWAY)
    }
}

impl IntoResponses for Licensed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = references(&GATEWAY);
        all.extend(references(&LICENSED));
        all
    }
}

impl IntoResponses for WithBody {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&WITH_BODY)
    }
}

/// References to answers, by their statuses.
pub fn references(answers: &[Shared]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |answer: &Shared| RefOr::Ref(Ref::from_response_name(answer.name));
    answers.iter().map(|answer| (answer.status.to_string(), reference(answer))).collect()
}

/// Adds answers to the components.
pub fn describe(document: &mut openapi::OpenApi, answers: &[Shared]) {
    let described = answers.iter().map(|answer| (answer.name.to_owned(), answer.response().into()));
    document.components.get_or_insert_default().responses.extend(described);
}

/// A reference to a header among the components.
pub fn header(component: &str) -> Ref {
    Ref::new(format!("#/components/headers/{component}"))
}

/// What the gateway itself answers, before any function is asked.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the gateway makes it; here it is described")]
struct GatewayMessage {
    /// What is wrong.
    #[schema(examples("Bad Request"))]
    message: String,
}

/// The components that every part of the document refers to.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut openapi::OpenApi) {
        for answers in [&LICENSED[..], &WITH_BODY, &GATEWAY] {
            describe(document, answers);
        }
        let components = document.components.get_or_insert_default();
        components.schemas.insert(AgentProblem::name().into(), AgentProblem::schema());
        components.schemas.insert(GatewayMessage::name().into(), GatewayMessage::schema());
        components.headers.extend(headers().map(|(name, header)| (name.to_owned(), header.into())));
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

fn headers() -> [(&'static str, Header); 3] {
    let header = |description: &str, example: &str| {
        let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String).examples([example]));
        header.description = Some(description.to_owned());
        header
    };
    [
        (
            "RequestId",
            header("Finds the request in the log; `instance` of a problem is the same.", "JKJaXmPLvHcESHA="),
        ),
        ("RetryAfter", header("When to try again: seconds, or an HTTP date of an upstream.", "1")),
        (
            "WwwAuthenticate",
            header("How to prove who you are.", "LicenseKey realm=\"agent\", header=\"X-License-Key\""),
        ),
    ]
}
