//! What a request refreshes, and whether its license covers all of that.

use api::{
    Call,
    license_auth::Caller,
    routes::{REFRESH_CONNECTOR, REFRESH_TENANT, Route},
};
use model::{
    ids::{ConnectorName, IdError, TenantId},
    problem::Problem,
};
use store::RefreshScope;

/// The scope of a route and its parameters. Tenants and connectors that do not exist are refreshed like others; a text
/// that can name none is 404. A license for some connectors refreshes those, and never more than it covers.
pub(crate) fn of(call: &Call, route: &Route, caller: &Caller) -> Result<RefreshScope, Problem> {
    match route.template {
        REFRESH_CONNECTOR => {
            let tenant = tenant(call, caller)?;
            let text = call.parameter("connector_name").unwrap_or_default();
            let name = ConnectorName::parse(text)
                .map_err(|error| impossible("connector", "connector_name", error))?;
            tracing::Span::current().record("connector", name.as_str());
            caller.require_connector(&name)?;
            Ok(RefreshScope::Connector(tenant, name))
        }
        REFRESH_TENANT => {
            let tenant = tenant(call, caller)?;
            caller.require_every_connector()?;
            Ok(RefreshScope::Tenant(tenant))
        }
        _ => {
            caller.require_every_tenant()?;
            caller.require_every_connector()?;
            Ok(RefreshScope::All)
        }
    }
}

/// The tenant of the path, which a user name or a header beside it must not contradict.
fn tenant(call: &Call, caller: &Caller) -> Result<TenantId, Problem> {
    let text = call.parameter("tenant_id").unwrap_or_default();
    TenantId::parse(text).map_err(|error| impossible("tenant", "tenant_id", error))?;
    let tenant = caller.tenant(call, Some(text))?;
    tracing::Span::current().record("tenant", tenant.as_str());
    Ok(tenant)
}

/// 404: there can't be one of this name, so the path is nothing that could ever be refreshed.
fn impossible(what: &str, parameter: &str, error: IdError) -> Problem {
    let detail = format!("There can be no {what} of this name: {parameter} {error}.");
    Problem::new(404, "nothing-to-refresh", "Nothing to refresh", detail)
}
