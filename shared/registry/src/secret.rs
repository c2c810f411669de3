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
    judge(&described.owner, &record.tenant_id, tag)?;
    let secret = secrets.value(&described.arn, deadline).await?;
    Ok(Some(Credentials::parse(secret.expose())?))
}

fn judge(owner: &SecretOwner, tenant: &TenantId, tag: SecretTag) -> Result<(), LoadError> {
    match owner {
        SecretOwner::Tagged(owner) if owner == "*" || owner == tenant.as_str() => Ok(()),
        SecretOwner::Tagged(_) => Err(LoadError::ForeignSecret),
        SecretOwner::Untagged if tag == SecretTag::Optional => Ok(()),
        SecretOwner::Untagged => Err(LoadError::UntaggedSecret),
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
            assert!(
                judge(&tagged("tenant-a"), &tenant, tag).is_ok() && judge(&tagged("*"), &tenant, tag).is_ok()
            );
            for other in ["tenant-b", "tenant-ab", "Tenant-A", "", "tenant-*"] {
                let judged = judge(&tagged(other), &tenant, tag);
                assert!(matches!(judged, Err(LoadError::ForeignSecret)), "{other}");
            }
        }
        let untagged = |tag| judge(&SecretOwner::Untagged, &tenant, tag);
        assert!(matches!(untagged(SecretTag::Required), Err(LoadError::UntaggedSecret)));
        assert!(untagged(SecretTag::Optional).is_ok());
    }
}
