//! Who calls, for which tenant and which connector: what every route here settles first.

use std::time::Duration;

use api::{Call, license_auth::Caller};
use connectors::Request;
use model::{
    ids::{ConnectorName, TenantId},
    problem::Problem,
};

use crate::request::CallRequest;

/// A caller whose license covers what it asks for.
pub(crate) struct Licensed {
    pub(crate) caller: Caller,
    pub(crate) tenant: TenantId,
}

impl Licensed {
    /// Settles the tenant, which the body or the query string may name too.
    pub(crate) fn of(call: &Call, caller: Caller, tenant_named: Option<&str>) -> Result<Self, Problem> {
        let tenant = caller.tenant(call, tenant_named)?;
        tracing::Span::current().record("tenant", tenant.as_str());
        Ok(Self { caller, tenant })
    }

    /// The connector of a name, where the license covers it; a name that no connector can have is one that does
    /// not exist.
    pub(crate) fn connector(&self, name: &str) -> Result<ConnectorName, Problem> {
        let connector = ConnectorName::parse(name).map_err(|_| Problem::connector_not_found())?;
        tracing::Span::current().record("connector", connector.as_str());
        self.caller.require_connector(&connector)?;
        Ok(connector)
    }

    /// A call of the runtime, from a body.
    pub(crate) fn call<'a>(
        &'a self,
        call: &Call,
        connector: &'a ConnectorName,
        request: &'a CallRequest,
    ) -> registry::Call<'a> {
        let asked = Request {
            statement: request.statement.as_deref(),
            operation: request.operation.as_deref(),
            parameters: &request.parameters,
            limit: request.limit,
            trace: call.trace,
        };
        registry::Call { request: asked, timeout: request.timeout, ..self.look(call, connector, None) }
    }

    /// A call of the runtime that asks nothing of the upstream but whether it is there.
    pub(crate) fn look<'a>(
        &'a self,
        call: &Call,
        connector: &'a ConnectorName,
        timeout: Option<Duration>,
    ) -> registry::Call<'a> {
        registry::Call {
            tenant: &self.tenant,
            connector,
            license_id: &self.caller.license.jti,
            actor: self.caller.actor(call),
            request: Request { trace: call.trace, ..Request::NOTHING },
            timeout,
            deadline: call.deadline,
        }
    }
}
