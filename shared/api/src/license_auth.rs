//! Who is asking, on the agent's API: the license key, from its own header or, for existing SDKs, as the
//! password of Basic authentication, where the user name is the tenant.

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    audit::Actor,
    ids::{ConnectorName, TenantId},
    license::{License, LicenseKeys, Scope},
    problem::Problem,
};
use store::LicenseReader;

use crate::{call::Call, problems};

/// A verified license, and the tenant that its user name claimed.
#[derive(Debug)]
pub struct Caller {
    /// The license.
    pub license: License,
    client_id: Option<TenantId>,
}

/// Verifies the key of a request and that it has a scope. No network is asked; whether the license was revoked is read
/// with the markers of a call, or by [`Caller::require_unrevoked`].
pub fn authenticate(call: &Call, keys: &LicenseKeys, scope: Scope) -> Result<Caller, Problem> {
    let (key, client_id) = presented(call)?;
    let license = keys
        .verify(&key, call.started.wall)
        .map_err(|error| problems::not_licensed(problems::sentence(&error.to_string())))?;
    let caller = Caller { license, client_id };
    // Before anything can be refused: whoever tries what the license does not cover is named in the log.
    tracing::Span::current().record("who", caller.actor(call).who);
    if let Some(tenant) = &caller.client_id {
        caller.require_tenant(tenant)?;
    }
    if !caller.license.has_scope(scope) {
        let detail = format!("The license lacks the scope `{}`.", scope.as_str());
        return Err(problems::forbidden("license-scope", detail));
    }
    Ok(caller)
}

/// The key as sent, and the tenant beside it.
fn presented(call: &Call) -> Result<(String, Option<TenantId>), Problem> {
    if let Some(key) = call.headers.get("x-license-key") {
        return Ok((key.to_str().unwrap_or_default().trim().to_owned(), None));
    }
    let missing = || {
        problems::not_licensed(
            "Send a license key in X-License-Key, or as the password of Basic authentication with the tenant as \
             the user name.",
        )
    };
    let (scheme, encoded) =
        call.header("authorization").and_then(|h| h.split_once(' ')).ok_or_else(missing)?;
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((user, key)) if scheme.eq_ignore_ascii_case("basic") => {
            let tenant = TenantId::parse(user).map_err(|_| {
                problems::not_licensed("The user name of Basic authentication must be a tenant id.")
            })?;
            Ok((key.to_owned(), Some(tenant)))
        }
        _ => Err(missing()),
    }
}

impl Caller {
    /// The one tenant that a call is for: named by body, header or user name, or the only one of the license.
    pub fn tenant(&self, call: &Call, in_body: Option<&str>) -> Result<TenantId, Problem> {
        let mut named: Option<TenantId> = self.client_id.clone();
        let in_header = call.header_lossy("x-tenant-id");
        for (place, text) in [("tenant_id", in_body), ("X-Tenant-ID", in_header.as_deref())] {
            let Some(text) = text else { continue };
            let tenant =
                TenantId::parse(text).map_err(|error| Problem::bad_request(format!("{place} {error}.")))?;
            if named.as_ref().is_some_and(|other| *other != tenant) {
                let detail = "The request names two different tenants (tenant_id, X-Tenant-ID, user name).";
                return Err(Problem::bad_request(detail));
            }
            named = Some(tenant);
        }
        let tenant = named.or_else(|| self.license.only_tenant()).ok_or_else(|| {
            Problem::bad_request(
                "The license covers several tenants; name one as tenant_id or in X-Tenant-ID.",
            )
        })?;
        self.require_tenant(&tenant)?;
        Ok(tenant)
    }

    /// The one tenant that a look at many is for, or `None` where the license covers all and none is named.
    pub fn tenant_or_all(&self, call: &Call, in_query: Option<&str>) -> Result<Option<TenantId>, Problem> {
        let named =
            in_query.is_some() || self.client_id.is_some() || call.headers.contains_key("x-tenant-id");
        if self.license.covers_every_tenant() && !named {
            return Ok(None);
        }
        self.tenant(call, in_query).map(Some)
    }

    /// Refuses a license that does not cover every tenant.
    pub fn require_every_tenant(&self) -> Result<(), Problem> {
        if self.license.covers_every_tenant() {
            return Ok(());
        }
        let detail = "This needs a license for all tenants; name a tenant that the license covers.";
        Err(problems::forbidden("license-tenant", detail))
    }

    /// Refuses a license that names its connectors and not this one. Whether it exists is not for it to know.
    pub fn require_connector(&self, name: &ConnectorName) -> Result<(), Problem> {
        if self.license.covers_connector(name) {
            return Ok(());
        }
        Err(problems::forbidden("license-connector", "The license does not cover this connector."))
    }

    /// Refuses a license that names its connectors, where something is for all of them.
    pub fn require_every_connector(&self) -> Result<(), Problem> {
        if self.license.covers_every_connector() {
            return Ok(());
        }
        let detail = "The license covers some connectors only; name one of them.";
        Err(problems::forbidden("license-connector", detail))
    }

    /// Refuses a license that was revoked. Asked last of all refusals: it is the only one that costs a request.
    pub async fn require_unrevoked(&self, call: &Call, licenses: &dyn LicenseReader) -> Result<(), Problem> {
        if licenses.revoked(&self.license.jti, call.deadline).await? {
            return Err(problems::license_revoked());
        }
        Ok(())
    }

    /// Who is named in the audit.
    pub fn actor(&self, call: &Call) -> Actor {
        let License { sub, jti, .. } = &self.license;
        Actor { who: format!("license:{sub}#{jti}"), request_id: call.request_id.clone() }
    }

    fn require_tenant(&self, tenant: &TenantId) -> Result<(), Problem> {
        if self.license.covers_tenant(tenant) {
            Ok(())
        } else {
            Err(problems::forbidden("license-tenant", "The license does not cover this tenant."))
        }
    }
}
