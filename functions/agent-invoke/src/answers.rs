//! The error answers of a call as the document lists them: what [`crate::problems`] makes, by status.

use std::collections::BTreeMap;

use api::{
    agent_problem::AgentProblem,
    document::{By, RETRY_AFTER, Shared, describe, references},
};
use registry::PolicyInfo;
use utoipa::{
    IntoResponses, Modify, ToSchema,
    openapi::{OpenApi, RefOr, Response},
};

/// The error answer of a call that its upstream, or the way to it, did not answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a problem with a member; here it is described")]
pub(crate) struct CallProblem {
    #[serde(flatten)]
    problem: AgentProblem<'static>,
    /// Where it broke: `store`, `secret`, `name_resolution`, `egress`, `connect`, `tls`, `authenticate`, `call` or
    /// `response`; absent where the call itself is at fault.
    #[schema(nullable = false, examples("connect"))]
    stage: Option<String>,
}

/// A license that does not cover the call, or a refusal by governance, which has `blocked` and `policy_info`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a problem with members; here it is described")]
pub(crate) struct Refusal {
    #[serde(flatten)]
    problem: AgentProblem<'static>,
    /// True where governance refused, else absent. `error` says what would be allowed.
    #[schema(nullable = false)]
    blocked: Option<bool>,
    /// Which rule it was.
    #[schema(nullable = false)]
    policy_info: Option<PolicyInfo>,
}

const fn call(name: &'static str, status: u16, by: By, description: &'static str) -> Shared {
    Shared { schema: "CallProblem", ..Shared::agent(name, status, by, description) }
}

/// The connector that is named.
const BY_NAME: [Shared; 2] = [
    Shared::agent("NoSuchConnector", 404, By::Function, "The tenant has no connector of this name."),
    Shared::agent("Disabled", 409, By::Function, "The connector is switched off."),
];

/// The time.
const TIMED: [Shared; 1] = [call(
    "DeadlinePassed",
    504,
    By::Function,
    "The time of the call was over: `timeout`, the connector's `timeout_ms` or about 29 s. A write may have taken \
     effect.",
)];

/// Governance, the body, the secret and the upstream.
const GOVERNED: [Shared; 7] = [
    Shared {
        schema: "Refusal",
        ..Shared::agent(
            "Blocked",
            403,
            By::Function,
            "Refused by governance (`blocked-by-policy`), or not covered by the license.",
        )
    },
    Shared::agent("NotJson", 415, By::Function, "The body does not say that it is `application/json`."),
    call(
        "NotAccepted",
        422,
        By::Function,
        "The body is not accepted (`errors` names each fault); a statement, operation or parameters that the \
         connector can't take; a misconfigured connector; an address that may not be reached; or the upstream said no \
         to the request, in the words of `detail`.",
    ),
    call(
        "CredentialsNotUsable",
        424,
        By::Function,
        "The connector's secret is missing, another tenant's or malformed, or the upstream refused it.",
    ),
    Shared {
        header: RETRY_AFTER,
        ..call("RateLimited", 429, By::Either, "Too often for the upstream, or for the gateway.")
    },
    call(
        "UpstreamFailed",
        502,
        By::Function,
        "The upstream's name does not resolve, its certificate is not accepted, or it can't be reached or failed.",
    ),
    Shared {
        header: RETRY_AFTER,
        ..call(
            "NotReady",
            503,
            By::Either,
            "The platform's store or Secrets Manager did not answer in time. Of an execute nothing was sent.",
        )
    },
];

/// What a route that names a connector in its path can answer.
pub(crate) struct ByName;
/// What a route can answer whose time may be over.
pub(crate) struct Timed;
/// What a governed call can answer.
pub(crate) struct Governed;

impl IntoResponses for ByName {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&BY_NAME)
    }
}

impl IntoResponses for Timed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&TIMED)
    }
}

impl IntoResponses for Governed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [&BY_NAME[..], &TIMED, &GOVERNED].into_iter().flat_map(references).collect()
    }
}

/// The answers and their schemas among the components.
pub(crate) struct Components;

impl Modify for Components {
    fn modify(&self, document: &mut OpenApi) {
        for answers in [&BY_NAME[..], &TIMED, &GOVERNED] {
            describe(document, answers);
        }
    }
}
