//! What the operations of an API have in common in its OpenAPI document: error answers above all. An answer is described
//! once, among the components, and referred to by the operations that can give it.

pub mod agent;
pub mod portal;

use std::collections::BTreeMap;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ContentBuilder, Header, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type},
};

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
    /// The gateway, before any function is asked or where none answers in time.
    Gateway,
    /// Either of them.
    Either,
}

/// What 429 and 503 carry.
pub const RETRY_AFTER: Option<(&str, &str)> = Some(("retry-after", "RetryAfter"));
/// What 401 carries.
pub const WWW_AUTHENTICATE: Option<(&str, &str)> = Some(("www-authenticate", "WwwAuthenticate"));
/// The header of every answer of a function, by its own name and the one among the components.
pub const REQUEST_ID: (&str, &str) = ("x-request-id", "RequestId");

impl Shared {
    /// An ordinary problem of the portal, without a header of its own.
    pub const fn portal(name: &'static str, status: u16, by: By, description: &'static str) -> Self {
        Self { name, status, description, schema: "Problem", header: None, by }
    }

    /// An ordinary problem of the agent's API, without a header of its own.
    pub const fn agent(name: &'static str, status: u16, by: By, description: &'static str) -> Self {
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

/// References to answers, by their statuses.
pub fn references(answers: &[Shared]) -> BTreeMap<String, RefOr<Response>> {
    let reference = |answer: &Shared| RefOr::Ref(Ref::from_response_name(answer.name));
    answers.iter().map(|answer| (answer.status.to_string(), reference(answer))).collect()
}

/// Adds answers to the components.
pub fn describe(document: &mut OpenApi, answers: &[Shared]) {
    let described = answers.iter().map(|answer| (answer.name.to_owned(), answer.response().into()));
    document.components.get_or_insert_default().responses.extend(described);
}

/// A reference to a header among the components.
pub fn header(component: &str) -> Ref {
    Ref::new(format!("#/components/headers/{component}"))
}

/// What API Gateway answers itself.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the gateway makes it; here it is described")]
struct GatewayMessage {
    /// What is wrong.
    #[schema(examples("Bad Request"))]
    message: String,
}

/// Adds what answers refer to: the gateway's shape, and headers with a description and an example each.
fn describe_shapes(document: &mut OpenApi, headers: &[(&str, &str, &str)]) {
    let components = document.components.get_or_insert_default();
    components.schemas.insert(GatewayMessage::name().into(), GatewayMessage::schema());
    let described = headers.iter().map(|(name, description, example)| {
        let schema = ObjectBuilder::new().schema_type(Type::String).examples([*example]);
        let mut header = Header::new(schema);
        header.description = Some((*description).to_owned());
        ((*name).to_owned(), header.into())
    });
    components.headers.extend(described);
}

/// Declares groups of answers that an operation names.
macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident: $($answers:ident)+;)+) => {
        $(
            $(#[$doc])*
            pub struct $group;

            impl utoipa::IntoResponses for $group {
                fn responses() -> std::collections::BTreeMap<
                    String,
                    utoipa::openapi::RefOr<utoipa::openapi::Response>,
                > {
                    let mut responses = std::collections::BTreeMap::new();
                    $(responses.extend($crate::document::references(&$answers));)+
                    responses
                }
            }
        )+
    };
}
use groups;
