//! The answers that the portal's operations have in common, described once for the OpenAPI document. An operation names
//! the groups that apply to it; the document holds each answer as a component and refers to it.

use std::collections::BTreeMap;

use model::problem::Problem;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
        schema::{AdditionalProperties, Schema},
    },
};

/// What the gateway answers before a function is asked, or where none answers in time: a shape of its own.
const GATEWAY: &str = "GatewayMessage";

/// One answer, under the name of its component.
struct Answer {
    name: &'static str,
    description: &'static str,
    header: Option<(&'static str, &'static str)>,
    /// Who can make it.
    by: By,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Us,
    Gateway,
    Either,
}

const fn ours(name: &'static str, description: &'static str) -> Answer {
    Answer { name, description, header: None, by: By::Us }
}

const fn either(name: &'static str, description: &'static str) -> Answer {
    Answer { name, description, header: None, by: By::Either }
}

const fn gateways(name: &'static str, description: &'static str) -> Answer {
    Answer { name, description, header: None, by: By::Gateway }
}

const ANSWERS: [Answer; 14] = [
    either(
        "BadRequest",
        "The request can't be read: a query parameter that is malformed, or a body that is not JSON. The gateway answers a malformed path itself.",
    ),
    Answer {
        header: Some(("www-authenticate", "Names the cookie.")),
        ..ours("NotSignedIn", "No session, or one that is unknown, idle for 8 hours, or older than 24 hours.")
    },
    ours(
        "Forbidden",
        "A viewer's session only reads (`viewer`); or the `Origin` header names a site that may not write here (`foreign-origin`).",
    ),
    ours("NoSuchConnector", "There is no connector of this name that the session may see."),
    ours(
        "AmbiguousName",
        "Only in `invpc`: several tenants have a connector of this name. `tenants` lists them; `tenant_id` says which is meant.",
    ),
    ours("NameTaken", "The tenant already has a connector of this name."),
    Answer {
        header: Some(("etag", "The record as it stands.")),
        ..ours("StaleVersion", "The record is no longer the one that `If-Match` names. Nothing was changed.")
    },
    either("BodyTooLarge", "The body has more than 64 KiB. Over 10 MB the gateway answers itself."),
    ours("NotJson", "The body is not declared as JSON in UTF-8."),
    ours("InvalidBody", "The body is well-formed and not accepted. `errors` names every fault at once."),
    Answer {
        header: Some(("retry-after", "Seconds to wait.")),
        ..gateways("Throttled", "The API takes no more requests at the moment.")
    },
    gateways("HeadTooLarge", "The request line and headers are larger than the gateway takes."),
    either("InternalError", "A fault of ours. `instance` finds it in the log."),
    Answer {
        header: Some(("retry-after", "Seconds to wait.")),
        ..either(
            "Unavailable",
            "The platform's own store did not answer in time, or the gateway waited 30 seconds in vain.",
        )
    },
];

/// The answers as components of a document.
pub fn components() -> impl Iterator<Item = (&'static str, Response)> {
    ANSWERS.iter().map(|answer| (answer.name, answer.response()))
}

/// The schemas that they refer to.
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let message = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("An answer that API Gateway makes itself."))
        .property("message", ObjectBuilder::new().schema_type(Type::String).examples(["Service Unavailable"]))
        .required("message")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let mut schemas = vec![
        (GATEWAY.to_owned(), message.into()),
        (Problem::name().into(), <Problem as utoipa::PartialSchema>::schema()),
    ];
    Problem::schemas(&mut schemas);
    schemas
}

impl Answer {
    fn response(&self) -> Response {
        let mut response = ResponseBuilder::new().description(self.description);
        if self.by != By::Gateway {
            let id = header("Finds the request in every log.");
            response = response
                .header("x-request-id", id)
                .content("application/problem+json", content(Ref::from_schema_name(Problem::name())));
        }
        if self.by != By::Us {
            response = response.content("application/json", content(Ref::from_schema_name(GATEWAY)));
        }
        if let Some((name, description)) = self.header {
            response = response.header(name, header(description));
        }
        response.build()
    }
}

fn content(schema: Ref) -> Content {
    Content::new(Some(schema))
}

fn header(description: &str) -> Header {
    let mut header = Header::default();
    header.description = Some(description.to_owned());
    header
}

/// Declares a group of answers by status and component.
macro_rules! group {
    ($(#[$doc:meta])* $group:ident: $($status:literal $name:literal),+) => {
        $(#[$doc])*
        pub struct $group;

        impl IntoResponses for $group {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), RefOr::Ref(Ref::from_response_name($name)))),+])
            }
        }
    };
}

group!(
    /// Any operation at all.
    Always: "429" "Throttled", "431" "HeadTooLarge", "500" "InternalError", "503" "Unavailable"
);
group!(
    /// An operation of a session.
    InSession: "400" "BadRequest", "401" "NotSignedIn"
);
group!(
    /// An operation that changes something.
    Unsafe: "403" "Forbidden"
);
group!(
    /// An operation that names a connector.
    ByName: "404" "NoSuchConnector", "409" "AmbiguousName"
);
group!(
    /// An operation that takes a body.
    WithBody: "413" "BodyTooLarge", "415" "NotJson", "422" "InvalidBody"
);
group!(
    /// An operation that makes a new name.
    NewName: "409" "NameTaken"
);
group!(
    /// An operation that honours `If-Match`.
    IfMatch: "412" "StaleVersion"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_a_group_is_a_component_and_every_component_is_in_a_group() {
        let groups = [
            Always::responses(),
            InSession::responses(),
            Unsafe::responses(),
            ByName::responses(),
            WithBody::responses(),
            NewName::responses(),
            IfMatch::responses(),
        ];
        let mut referred: Vec<String> = groups
            .into_iter()
            .flatten()
            .map(|(_, response)| match response {
                RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().unwrap().to_owned(),
                RefOr::T(_) => panic!("not a reference"),
            })
            .collect();
        let mut described: Vec<String> = components().map(|(name, _)| name.to_owned()).collect();
        referred.sort();
        described.sort();
        assert_eq!(referred, described);
    }
}
