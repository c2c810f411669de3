//! What the matrix knows of each operation: which of its places can name something of another tenant, and what it
//! takes to call it. A place that is not here is one that nobody has thought about.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::World;
use model::license::Scope;

use crate::document::{Operation, operations};

/// What a place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Connector,
    Tenant,
    Cursor,
    Tag,
    Secret,
    /// Nothing that anybody owns.
    Nothing,
}

/// One operation as the matrix knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) id: &'static str,
    places: &'static [(Names, &'static [&'static str])],
    pub(crate) signed_in: SignedIn,
    /// Whether a viewer may call it.
    pub(crate) reads: bool,
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedIn {
    Anybody,
    Session,
    License(Scope),
}

/// The members of a record that a body may send and that name nobody's.
const RECORD: &[&str] = &[
    "body:connection_url",
    "body:connector_type",
    "body:description",
    "body:display_name",
    "body:enabled",
    "body:max_retries",
    "body:options",
    "body:timeout_ms",
];
/// Those that a server sets and that a body may send back.
const SERVED: &[&str] = &[
    "body:created_at",
    "body:health_status",
    "body:id",
    "body:last_error",
    "body:last_health_check",
    "body:updated_at",
    "body:version",
];
const BY_NAME: (Names, &[&str]) = (Names::Connector, &["path:connectorName"]);
const IN_QUERY: (Names, &[&str]) = (Names::Tenant, &["query:tenant_id"]);
const IN_HEADER: (Names, &[&str]) = (Names::Tenant, &["header:X-Tenant-ID"]);
const IN_BOTH: (Names, &[&str]) = (Names::Tenant, &["header:X-Tenant-ID", "query:tenant_id"]);
const IN_BODY: (Names, &[&str]) = (Names::Tenant, &["body:tenant_id", "header:X-Tenant-ID"]);
const CURSOR: (Names, &[&str]) = (Names::Cursor, &["query:cursor"]);
const IF_MATCH: (Names, &[&str]) = (Names::Tag, &["header:If-Match"]);
const SECRET: (Names, &[&str]) = (Names::Secret, &["body:credentials_secret_arn"]);
const CALLED: (Names, &[&str]) = (Names::Connector, &["body:connector"]);

const fn portal(id: &'static str, reads: bool, places: &'static [(Names, &'static [&'static str])]) -> Known {
    Known { id, places, signed_in: SignedIn::Session, reads }
}

const fn agent(id: &'static str, scope: Scope, places: &'static [(Names, &'static [&'static str])]) -> Known {
    Known { id, places, signed_in: SignedIn::License(scope), reads: false }
}

const OPEN: Known = Known { id: "getDocument", places: &[], signed_in: SignedIn::Anybody, reads: true };

const PORTAL: [Known; 7] = [
    OPEN,
    portal(
        "listConnectors",
        true,
        &[
            IN_QUERY,
            CURSOR,
            (
                Names::Nothing,
                &["query:connector_type", "query:enabled", "query:health_status", "query:limit"],
            ),
        ],
    ),
    portal(
        "createConnector",
        false,
        &[
            (Names::Connector, &["body:connector_name"]),
            (Names::Tenant, &["body:tenant_id"]),
            SECRET,
            (Names::Nothing, RECORD),
        ],
    ),
    portal("getConnector", true, &[BY_NAME, IN_QUERY, (Names::Tag, &["header:If-None-Match"])]),
    portal(
        "updateConnector",
        false,
        &[
            BY_NAME,
            IN_QUERY,
            IF_MATCH,
            SECRET,
            (Names::Connector, &["body:connector_name"]),
            (Names::Tenant, &["body:tenant_id"]),
            (Names::Nothing, RECORD),
            (Names::Nothing, SERVED),
        ],
    ),
    portal("deleteConnector", false, &[BY_NAME, IN_QUERY, IF_MATCH]),
    portal("testConnector", false, &[BY_NAME, IN_QUERY, (Names::Nothing, &["body:mode"])]),
];

const AGENT: [Known; 9] = [
    OPEN,
    agent(
        "listConnectors",
        Scope::Query,
        &[IN_BOTH, CURSOR, (Names::Nothing, &["query:health", "query:limit"])],
    ),
    agent("getConnectorHealth", Scope::Query, &[IN_BOTH, (Names::Connector, &["path:name"])]),
    agent(
        "query",
        Scope::Query,
        &[
            IN_BODY,
            CALLED,
            (
                Names::Nothing,
                &["body:limit", "body:operation", "body:parameters", "body:statement", "body:timeout"],
            ),
        ],
    ),
    agent(
        "execute",
        Scope::Execute,
        &[
            IN_BODY,
            CALLED,
            (
                Names::Nothing,
                &["body:action", "body:limit", "body:parameters", "body:statement", "body:timeout"],
            ),
        ],
    ),
    agent("refreshAll", Scope::Refresh, &[]),
    agent("refreshTenant", Scope::Refresh, &[IN_HEADER, (Names::Tenant, &["path:tenant_id"])]),
    agent(
        "refreshConnector",
        Scope::Refresh,
        &[IN_HEADER, (Names::Tenant, &["path:tenant_id"]), (Names::Connector, &["path:connector_name"])],
    ),
    agent("getCacheStats", Scope::Stats, &[IN_BOTH]),
];

impl Known {
    /// Its places, each with what it names.
    pub(crate) fn places(&self) -> BTreeMap<&'static str, Names> {
        let each = |(names, places): &(Names, &'static [&'static str])| {
            let names = *names;
            places.iter().map(move |place| (*place, names))
        };
        self.places.iter().flat_map(each).collect()
    }

    /// The names that the document has for its ways to sign in.
    fn security(&self) -> BTreeSet<String> {
        let schemes: &[&str] = match self.signed_in {
            SignedIn::Anybody => &[],
            SignedIn::Session => &["session"],
            SignedIn::License(_) => &["client", "license_key"],
        };
        schemes.iter().map(ToString::to_string).collect()
    }

    /// The scope that a license needs.
    pub(crate) fn scope(&self) -> Option<Scope> {
        match self.signed_in {
            SignedIn::License(scope) => Some(scope),
            _ => None,
        }
    }
}

/// What differs between what is served and what is known; empty where nothing does.
pub(crate) fn differences(served: &[Operation]) -> Vec<String> {
    let mut told = Vec::new();
    for operation in served {
        let Some(known) = known(operation) else {
            told.push(format!("{} {} is not known", operation.method, operation.path));
            continue;
        };
        let places: BTreeSet<String> = known.places().keys().map(ToString::to_string).collect();
        for place in places.symmetric_difference(&operation.places) {
            told.push(format!("{}: {place}", operation.id));
        }
        for scheme in known.security().symmetric_difference(&operation.security) {
            told.push(format!("{}: signed in by {scheme}", operation.id));
        }
    }
    let count = PORTAL.len() + AGENT.len();
    if served.len() != count {
        told.push(format!("{} operations are served, {count} are known", served.len()));
    }
    told
}

/// What is known of an operation.
pub(crate) fn known(operation: &Operation) -> Option<&'static Known> {
    let known: &[Known] = if operation.host == api::Host::Portal { &PORTAL } else { &AGENT };
    known.iter().find(|known| known.id == operation.id)
}

/// Every operation of a world with what is known of it.
pub(crate) async fn all(world: &World) -> Vec<(Operation, &'static Known)> {
    let served = operations(world).await;
    assert_eq!(differences(&served), Vec::<String>::new());
    served.into_iter().map(|operation| (operation.clone(), known(&operation).unwrap())).collect()
}
