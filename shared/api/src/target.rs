//! Which connector a by-name route means. In `saas` it is the session's tenant's, always; in `invpc` the query
//! may name a tenant, and a name that is unique on the platform needs none.

use model::{
    ids::{ConnectorName, TenantId},
    problem::Problem,
    rules::DeploymentMode,
    session::Session,
};
use store::{ConnectorReader, NameDirectory};
use utoipa::IntoParams;

use crate::call::Call;

/// The path of a by-name route, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the parameter is read by its name")]
pub struct NameParameter {
    /// The connector's name. One that no connector can have is answered as one that does not exist.
    #[param(rename = "connectorName")]
    name: ConnectorName,
}

/// The tenant of a by-name route, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameter is read by its name")]
pub struct TenantParameter {
    /// Whose connector is meant. In `invpc` the session's tenant is tried first where it is not given, then a name
    /// that is unique on the platform. In `saas` another tenant than the session's has no connectors.
    #[param(value_type = TenantId, required = false)]
    tenant_id: Option<TenantId>,
}

/// The tenant and name that a request means; the connector need not exist.
pub async fn locate(
    call: &Call,
    session: &Session,
    mode: DeploymentMode,
    connectors: &(impl ConnectorReader + NameDirectory + ?Sized),
) -> Result<(TenantId, ConnectorName), Problem> {
    let name = call.connector_name()?;
    tracing::Span::current().record("connector", name.as_str());
    let own = session.tenant_id.clone();
    let tenant = match (mode, call.tenant_parameter()?) {
        (DeploymentMode::Saas, Some(named)) if named != own => return Err(Problem::connector_not_found()),
        (DeploymentMode::Saas, _) => own,
        (DeploymentMode::Invpc, Some(named)) => named,
        (DeploymentMode::Invpc, None) => anywhere(call, own, &name, connectors).await?,
    };
    if tenant != session.tenant_id {
        tracing::Span::current().record("tenant", tenant.as_str());
    }
    Ok((tenant, name))
}

async fn anywhere(
    call: &Call,
    own: TenantId,
    name: &ConnectorName,
    connectors: &(impl ConnectorReader + NameDirectory + ?Sized),
) -> Result<TenantId, Problem> {
    if connectors.get(&own, name, call.deadline).await?.is_some() {
        return Ok(own);
    }
    let tenants = connectors.tenants_with(name, call.deadline).await?;
    match tenants.as_slice() {
        [] => Err(Problem::connector_not_found()),
        [only] => Ok(only.clone()),
        several => Err(ambiguous(name, several)),
    }
}

/// 409: several tenants have a connector of this name.
fn ambiguous(name: &ConnectorName, tenants: &[TenantId]) -> Problem {
    let list: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
    let detail = format!(
        "Several tenants have a connector {name}: {}. Add ?tenant_id= to say which.",
        list.join(", ")
    );
    Problem::new(409, "ambiguous-connector", "Ambiguous connector name", detail).with_member("tenants", list)
}
