//! What this function says of its routes in the API's OpenAPI document. One handler answers all three.

use std::collections::BTreeMap;

use api::{
    document::{
        By, Shared,
        agent::{Licensed, TenantHeader, WithBody},
        describe, references,
    },
    routes::{REFRESH, REFRESH_CONNECTOR, REFRESH_TENANT},
};
use model::ids::{ConnectorName, TenantId};
use utoipa::{
    IntoResponses, Modify,
    openapi::{OpenApi, RefOr, Response},
};

use crate::answer::Refreshed;

/// The routes.
#[derive(utoipa::OpenApi)]
#[openapi(paths(all, tenant, connector), modifiers(&Components))]
pub struct Document;

/// What a route that names something can answer beside what all can.
const BY_NAME: [Shared; 1] = [Shared::agent(
    "NothingToRefresh",
    404,
    By::Function,
    "There can be no tenant or no connector of this name.",
)];

struct ByName;

impl IntoResponses for ByName {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(&BY_NAME)
    }
}

struct Components;

impl Modify for Components {
    fn modify(&self, document: &mut OpenApi) {
        describe(document, &BY_NAME);
    }
}

/// Load everything anew
///
/// Every connector of every tenant, with its secret, is loaded anew by the next call that needs it, in every
/// container. Needs the scope `refresh` and a license for all tenants and all connectors. Needs no body: one that is
/// sent is not read. Can be repeated.
#[utoipa::path(
    post, path = REFRESH, operation_id = "refreshAll", tag = "cache",
    responses(
        (status = 200, description = "It has happened: a call that starts from now on uses nothing older.",
            body = Refreshed,
            links(("stats" = (operation_id = "getCacheStats", description = "What the caches of all tenants did.")))),
        Licensed, WithBody
    )
)]
#[expect(dead_code, reason = "described here, answered by the one handler")]
fn all() {}

/// Load a tenant's connectors anew
///
/// As `refreshAll`, for one tenant, which need not exist. Needs the scope `refresh` and a license for the tenant and
/// all of its connectors.
#[utoipa::path(
    post, path = REFRESH_TENANT, operation_id = "refreshTenant", tag = "cache",
    params(
        ("tenant_id" = TenantId, Path, description = "Whose connectors.", example = "tenant-a"),
        TenantHeader
    ),
    responses(
        (status = 200, description = "It has happened: a call that starts from now on uses nothing older.",
            body = Refreshed,
            links(("stats" = (operation_id = "getCacheStats",
                parameters(("tenant_id" = "$response.body#/tenant_id")),
                description = "What the caches did for the tenant.")))),
        Licensed, WithBody, ByName
    )
)]
#[expect(dead_code, reason = "described here, answered by the one handler")]
fn tenant() {}

/// Load one connector anew
///
/// As `refreshAll`, for one connector, which need not exist. Needs the scope `refresh` and a license for the tenant
/// and the connector.
#[utoipa::path(
    post, path = REFRESH_CONNECTOR, operation_id = "refreshConnector", tag = "cache",
    params(
        ("tenant_id" = TenantId, Path, description = "Whose connector.", example = "tenant-a"),
        ("connector_name" = ConnectorName, Path, description = "Which connector.", example = "demo-crm"),
        TenantHeader
    ),
    responses(
        (status = 200, description = "It has happened: a call that starts from now on uses nothing older.",
            body = Refreshed,
            links(
                ("stats" = (operation_id = "getCacheStats",
                    parameters(("tenant_id" = "$response.body#/tenant_id")),
                    description = "What the caches did for the tenant.")),
                ("health" = (operation_id = "getConnectorHealth",
                    parameters(("name" = "$response.body#/connector"), ("tenant_id" = "$response.body#/tenant_id")),
                    description = "Whether the connector works as it is now."))
            )),
        Licensed, WithBody, ByName
    )
)]
#[expect(dead_code, reason = "described here, answered by the one handler")]
fn connector() {}
