//! Credentials of a connector, bound to its tenant. The owner is asked before the value is read: otherwise one
//! tenant could name another's secret and have it sent to a server of its own.

use connectors::Credentials;
use model::{deadline::Deadline, ids::TenantId, record::ConnectorRecord, rules::SecretTag};
use store::{SecretOwner, SecretReader};

use crate::error::LoadError;

/// The credentials that a record names; `None` where it names none.
pub(crate) async fn credentials(
    record: &ConnectorRecord,
    secrets: &dyn SecretReader,
    tag: SecretTag,
    deadline: Deadline,
) -> Result<Option<Credentials>, LoadError> {
    let Some(arn) = &record.credentials_secret_arn else { return Ok(None) };
    let described = secrets.describe(arn, deadline).await?;
    if !may_use(&described.owner, &record.tenant_id, tag) {
        return Err(LoadError::ForeignSecret);
    }
    let secret = secrets.value(&described.arn, deadline).await?;
    Ok(Some(Credentials::parse(secret.expose())?))
}

fn may_use(owner: &SecretOwner, tenant: &TenantId, tag: SecretTag) -> bool {
    match owner {
        SecretOwner::Tagged(owner) => owner == "*" || owner == tenant.as_str(),
        SecretOwner::Untagged => tag == SecretTag::Optional,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_serves_its_own_tenant_and_where_tagged_so_everyone() {
        let tenant = TenantId::parse("tenant-a").unwrap();
        let tagged = |owner: &str| SecretOwner::Tagged(owner.to_owned());
        for tag in [SecretTag::Required, SecretTag::Optional] {
            assert!(may_use(&tagged("tenant-a"), &tenant, tag) && may_use(&tagged("*"), &tenant, tag));
            for other in ["tenant-b", "tenant-ab", "Tenant-A", "", "tenant-*"] {
                assert!(!may_use(&tagged(other), &tenant, tag), "{other}");
            }
        }
        assert!(!may_use(&SecretOwner::Untagged, &tenant, SecretTag::Required));
        assert!(may_use(&SecretOwner::Untagged, &tenant, SecretTag::Optional));
    }
}
