//! The body that updates a connector: fields that are present change, `null` clears or restores the default,
//! everything else stays.

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    body::{Body, Change},
    draft::{CLIENT_FIELDS, SERVER_OWNED, unknown_field},
    fault::Fault,
    fields,
    options::Options,
    record::{ConnectorRecord, DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT_MS},
    rules::PortalRules,
    secret_arn::SecretArn,
};

/// A checked update. It depends on the record's type and identity only, so it can be applied again to a newer
/// version of the same record after a lost race.
#[derive(Clone, Debug)]
pub struct Patch {
    display_name: Change<String>,
    description: Change<String>,
    connection_url: Change<String>,
    options: Change<Options>,
    credentials_secret_arn: Change<SecretArn>,
    timeout_ms: Change<u32>,
    max_retries: Change<u8>,
    enabled: Change<bool>,
}

impl Patch {
    /// Checks a body against the record it is to change, and reports every fault of it.
    pub fn parse(value: &Value, record: &ConnectorRecord, rules: &PortalRules) -> Result<Self, Vec<Fault>> {
        let mut body = Body::new(value)?;
        refuse_foreign_fields(&mut body, record);
        let kind = record.connector_type;
        let own_mask = record.credentials_secret_arn.as_ref().map(SecretArn::masked);
        let patch = Self {
            display_name: body.change("display_name", fields::display_name),
            description: body.change("description", fields::description),
            connection_url: body.change("connection_url", |value| {
                // A stored URL that the deployment's list no longer opens may stay: the way out judges it.
                match value.as_str().filter(|url| record.connection_url.as_deref() == Some(url)) {
                    Some(same) => Ok(same.to_owned()),
                    None => fields::connection_url(value, Some(kind), rules),
                }
            }),
            options: body.change("options", |value| fields::options(value, kind)),
            credentials_secret_arn: match value.get("credentials_secret_arn") {
                Some(Value::String(text)) if own_mask.as_deref() == Some(text.as_str()) => Change::Keep,
                _ => body.change("credentials_secret_arn", fields::secret_arn),
            },
            timeout_ms: body.change("timeout_ms", fields::timeout_ms),
            max_retries: body.change("max_retries", fields::max_retries),
            enabled: body.change("enabled", fields::enabled),
        };
        if patch.connection_url == Change::Clear && kind.requires_connection_url() {
            body.faults.push(fields::url_required(kind));
        }
        if body.faults.is_empty() { Ok(patch) } else { Err(body.faults) }
    }

    /// The record after the update.
    #[must_use]
    pub fn apply(&self, before: &ConnectorRecord, now: Timestamp) -> ConnectorRecord {
        ConnectorRecord {
            display_name: self.display_name.onto(&before.display_name, || before.connector_name.to_string()),
            description: self.description.onto_option(before.description.as_ref()),
            connection_url: self.connection_url.onto_option(before.connection_url.as_ref()),
            options: self.options.onto(&before.options, Options::default),
            credentials_secret_arn: self
                .credentials_secret_arn
                .onto_option(before.credentials_secret_arn.as_ref()),
            timeout_ms: self.timeout_ms.onto(&before.timeout_ms, || DEFAULT_TIMEOUT_MS),
            max_retries: self.max_retries.onto(&before.max_retries, || DEFAULT_MAX_RETRIES),
            enabled: self.enabled.onto(&before.enabled, || true),
            updated_at: now.max(before.updated_at),
            version: before.version + 1,
            ..before.clone()
        }
    }
}

/// Refuses unknown fields, and fixed ones that differ from what is stored; equal ones pass, so that a record
/// can be read, edited and sent back whole.
fn refuse_foreign_fields(body: &mut Body<'_>, record: &ConnectorRecord) {
    let stored = serde_json::to_value(record.view()).unwrap_or_default();
    for (name, sent) in body.fields() {
        let same = stored.get(name) == Some(sent);
        if SERVER_OWNED.contains(&name) {
            let absent = sent.is_null() && stored.get(name).is_none();
            if !same && !absent {
                body.refuse(name, "is set by the server and differs from what is stored");
            }
        } else if matches!(name, "tenant_id" | "connector_name" | "connector_type") {
            if !same {
                body.refuse(name, "can't be changed; create another connector instead");
            }
        } else if !CLIENT_FIELDS.contains(&name) {
            body.faults.push(unknown_field(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{allow_list::AllowList, draft::Draft, ids::TenantId, rules::DeploymentMode};
    use serde_json::json;
    use uuid::Uuid;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:axonflow/a/db";

    fn rules() -> PortalRules {
        PortalRules { mode: DeploymentMode::Saas, allow: AllowList::default(), extra_types: Vec::new() }
    }

    fn record() -> ConnectorRecord {
        let body = json!({
            "connector_name": "db", "connector_type": "postgres", "display_name": "Database",
            "connection_url": "postgres://db.example.com/app", "description": "text",
            "options": {"a": 1}, "credentials_secret_arn": ARN, "timeout_ms": 5000, "max_retries": 1,
            "enabled": false,
        });
        let tenant = TenantId::parse("tenant-a").unwrap();
        Draft::parse(&body, &rules()).unwrap().into_record(tenant, Uuid::nil(), Timestamp::UNIX_EPOCH)
    }

    fn applied(body: &Value) -> ConnectorRecord {
        Patch::parse(body, &record(), &rules()).unwrap().apply(&record(), Timestamp::UNIX_EPOCH)
    }

    fn pointers(body: &Value) -> Vec<String> {
        let faults = Patch::parse(body, &record(), &rules()).unwrap_err();
        faults.iter().map(|fault| fault.pointer.to_string()).collect()
    }

    #[test]
    fn absent_fields_stay_and_the_version_rises() {
        assert_eq!(applied(&json!({})), ConnectorRecord { version: 2, ..record() });
    }

    #[test]
    fn null_clears_optional_fields_and_restores_defaults() {
        let after = applied(&json!({
            "display_name": null, "description": null, "options": null, "credentials_secret_arn": null,
            "timeout_ms": null, "max_retries": null, "enabled": null,
        }));
        assert_eq!((after.display_name.as_str(), after.description), ("db", None));
        assert_eq!((after.options, after.credentials_secret_arn), (Options::default(), None));
        assert_eq!((after.timeout_ms, after.max_retries, after.enabled), (30_000, 3, true));
    }

    #[test]
    fn a_new_url_is_stored_and_the_change_is_dated_but_never_back() {
        let url = "postgres://other.example.com/app";
        let patch = Patch::parse(&json!({ "connection_url": url }), &record(), &rules()).unwrap();
        let second = |second| Timestamp::from_second(second).unwrap();
        let after = patch.apply(&record(), second(7));
        assert_eq!((after.connection_url.as_deref(), after.updated_at), (Some(url), second(7)));
        assert_eq!(after.created_at, record().created_at);
        // The clock of another container may be behind.
        assert_eq!(patch.apply(&after, second(6)).updated_at, second(7));
    }

    #[test]
    fn only_the_stored_url_may_stay_when_the_deployment_no_longer_opens_it() {
        let stored = "postgres://10.0.0.1/app?sslmode=disable";
        let before = ConnectorRecord { connection_url: Some(stored.into()), ..record() };
        let parsed = |url: &str| Patch::parse(&json!({ "connection_url": url }), &before, &rules());
        assert_eq!(
            parsed(stored).unwrap().apply(&before, before.updated_at).connection_url,
            before.connection_url
        );
        assert!(parsed("postgres://10.0.0.2/app?sslmode=disable").is_err());
    }

    #[test]
    fn options_are_replaced_whole() {
        assert_eq!(applied(&json!({"options": {"b": 2}})).options.get("a"), None);
    }

    #[test]
    fn a_record_read_and_sent_back_whole_changes_nothing_but_the_version() {
        let view = serde_json::to_value(record().view()).unwrap();
        assert_eq!(applied(&view), ConnectorRecord { version: 2, ..record() });
    }

    #[test]
    fn a_masked_arn_means_keep_only_where_it_is_the_records_own() {
        let own = record().credentials_secret_arn.unwrap().masked();
        assert_eq!(
            applied(&json!({"credentials_secret_arn": own})),
            ConnectorRecord { version: 2, ..record() }
        );
        let foreign = own.replace("axonflow", "other");
        assert_eq!(pointers(&json!({"credentials_secret_arn": foreign})), ["/credentials_secret_arn"]);
    }

    #[test]
    fn null_stands_for_a_server_s_field_only_where_the_record_has_none() {
        assert_eq!(applied(&json!({"last_error": null})), ConnectorRecord { version: 2, ..record() });
        assert_eq!(pointers(&json!({"id": null})), ["/id"]);
        assert_eq!(pointers(&json!({"last_error": "a test's finding"})), ["/last_error"]);
    }

    #[test]
    fn fixed_fields_that_differ_are_refused() {
        let body = json!({
            "id": "x", "version": 9, "tenant_id": "tenant-b", "connector_name": "x", "connector_type": "slack",
            "health_status": "healthy", "nonsense": 1, "connection_url": null,
        });
        let mut found = pointers(&body);
        found.sort();
        assert_eq!(
            found,
            [
                "/connection_url",
                "/connector_name",
                "/connector_type",
                "/health_status",
                "/id",
                "/nonsense",
                "/tenant_id",
                "/version"
            ]
        );
    }
}
