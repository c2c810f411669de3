//! The kinds of calls, and the answers that the contract has for each: a status with the kind of its problem.

/// One kind of call.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Statuses with the kind of problem; success has none.
    pub(crate) answers: &'static [(u16, &'static str)],
}

const STORE: (u16, &str) = (503, "store-unavailable");
const SECRETS: (u16, &str) = (503, "secrets-unavailable");
const NOT_FOUND: (u16, &str) = (404, "connector-not-found");
const DISABLED: (u16, &str) = (409, "connector-disabled");
const STALE: (u16, &str) = (412, "stale-version");
const LATE: (u16, &str) = (504, "upstream-deadline");
const BLOCKED: (u16, &str) = (403, "blocked-by-policy");
const OTHER_TENANT: (u16, &str) = (403, "license-tenant");

/// What any answer of an upstream can come to.
const CALLED: [(u16, &str); 11] = [
    (200, ""),
    NOT_FOUND,
    DISABLED,
    (422, "upstream-refused"),
    (424, "credentials-refused"),
    (429, "upstream-rate-limit"),
    (502, "upstream-failed"),
    (502, "upstream-unreachable"),
    STORE,
    SECRETS,
    LATE,
];
/// What any answer to a write can come to: where it was cut, or did not come, nobody knows what was done.
const WRITTEN: [(u16, &str); 12] = [
    (200, ""),
    NOT_FOUND,
    DISABLED,
    (422, "upstream-refused"),
    (424, "credentials-refused"),
    (429, "upstream-rate-limit"),
    (502, "upstream-failed"),
    (502, "upstream-unreachable"),
    (504, "outcome-unknown"),
    STORE,
    SECRETS,
    LATE,
];

pub(crate) const CREATE: Kind = kind("portal create", &[(201, ""), STORE]);
pub(crate) const READ: Kind = kind("portal read", &[(200, ""), NOT_FOUND, STORE]);
pub(crate) const UPDATE: Kind = kind("portal update", &[(200, ""), STORE]);
pub(crate) const STALE_UPDATE: Kind = kind("portal update, stale If-Match", &[STALE, STORE]);
pub(crate) const DELETE: Kind = kind("portal delete", &[(204, ""), STORE]);
pub(crate) const LIST: Kind = kind("portal list", &[(200, ""), STORE]);
pub(crate) const TEST: Kind = kind("portal test", &[(200, ""), NOT_FOUND, STORE]);
pub(crate) const REFRESH: Kind = kind("agent refresh", &[(200, ""), STORE]);
pub(crate) const STATISTICS: Kind = kind("agent statistics", &[(200, ""), STORE]);
pub(crate) const AGENT_LIST: Kind = kind("agent list", &[(200, ""), STORE, LATE]);
pub(crate) const HEALTH: Kind = kind("agent health", &[(200, ""), NOT_FOUND, DISABLED, STORE, SECRETS, LATE]);
pub(crate) const QUERY: Kind = kind("agent query", &CALLED);
pub(crate) const EXECUTE: Kind = kind("agent execute", &WRITTEN);
pub(crate) const REFUSED: Kind =
    kind("agent execute, refused", &[BLOCKED, NOT_FOUND, DISABLED, STORE, SECRETS, LATE]);
pub(crate) const OTHERS_RECORD: Kind = kind("another tenant's record", &[NOT_FOUND, STORE]);
pub(crate) const OTHERS_CALL: Kind = kind("another tenant's connector", &[OTHER_TENANT]);

const fn kind(name: &'static str, answers: &'static [(u16, &'static str)]) -> Kind {
    Kind { name, answers }
}
