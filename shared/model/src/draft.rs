//! The body that creates a connector.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    body::Body,
    connector_type::ConnectorType,
    fault::{Fault, Pointer},
    fields,
    health::Health,
    ids::{ConnectorName, TenantId},
    options::Options,
    record::{ConnectorRecord, DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT_MS},
    rules::{DeploymentMode, PortalRules},
    secret_arn::SecretArn,
};

/// Fields that only the server writes.
pub(crate) const SERVER_OWNED: [&str; 7] =
    ["id", "health_status", "last_health_check", "last_error", "created_at", "updated_at", "version"];
/// Fields that a client may write; the first three only on creation.
pub(crate) const CLIENT_FIELDS: [&str; 11] = [
    "tenant_id",
    "connector_name",
    "connector_type",
    "display_name",
    "description",
    "connection_url",
    "options",
    "credentials_secret_arn",
    "timeout_ms",
    "max_retries",
    "enabled",
];

/// A checked body: everything a record needs but its tenant, id and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The tenant that the body names, where the deployment permits that.
    pub tenant_id: Option<TenantId>,
    connector_name: ConnectorName,
    connector_type: ConnectorType,
    display_name: Option<String>,
    description: Option<String>,
    connection_url: Option<String>,
    options: Options,
    credentials_secret_arn: Option<SecretArn>,
    timeout_ms: u32,
    max_retries: u8,
    enabled: bool,
}

impl Draft {
    /// Checks a body and reports every fault of it.
    pub fn parse(value: &Value, rules: &PortalRules) -> Result<Self, Vec<Fault>> {
        let mut body = Body::new(value)?;
        refuse_foreign_fields(&mut body, rules.mode);
        let tenant_id = match rules.mode {
            DeploymentMode::Saas => None,
            DeploymentMode::Invpc => body.optional("tenant_id", fields::tenant_id),
        };
        let name = body.required("connector_name", fields::connector_name);
        let kind = body.required("connector_type", |value| fields::connector_type(value, rules));
        // Without a type the type's own rules can't be asked; what holds for every type still is.
        let options_kind = kind.unwrap_or(ConnectorType::Custom);
        let connection_url =
            body.optional("connection_url", |value| fields::connection_url(value, kind, rules));
        let url_named = body.fields().any(|(name, value)| name == "connection_url" && !value.is_null());
        if let Some(kind) = kind.filter(|kind| kind.requires_connection_url() && !url_named) {
            body.faults.push(fields::url_required(kind));
        }
        let display_name = body.optional("display_name", fields::display_name);
        let description = body.optional("description", fields::description);
        let options = body.optional("options", |value| fields::options(value, options_kind));
        let credentials_secret_arn = body.optional("credentials_secret_arn", fields::secret_arn);
        let timeout_ms = body.optional("timeout_ms", fields::timeout_ms);
        let max_retries = body.optional("max_retries", fields::max_retries);
        let enabled = body.optional("enabled", fields::enabled);
        match (name, kind) {
            (Some(connector_name), Some(connector_type)) if body.faults.is_empty() => Ok(Self {
                tenant_id,
                connector_name,
                connector_type,
                display_name,
                description,
                connection_url,
                options: options.unwrap_or_default(),
                credentials_secret_arn,
                timeout_ms: timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
                max_retries: max_retries.unwrap_or(DEFAULT_MAX_RETRIES),
                enabled: enabled.unwrap_or(true),
            }),
            _ => Err(body.faults),
        }
    }

    /// The connector's name.
    pub fn connector_name(&self) -> &ConnectorName {
        &self.connector_name
    }

    /// The new record.
    pub fn into_record(self, tenant_id: TenantId, id: Uuid, now: Timestamp) -> ConnectorRecord {
        ConnectorRecord {
            id,
            tenant_id,
            display_name: self.display_name.unwrap_or_else(|| self.connector_name.to_string()),
            connector_name: self.connector_name,
            connector_type: self.connector_type,
            description: self.description,
            connection_url: self.connection_url,
            options: self.options,
            credentials_secret_arn: self.credentials_secret_arn,
            timeout_ms: self.timeout_ms,
            max_retries: self.max_retries,
            enabled: self.enabled,
            health: Health::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

fn refuse_foreign_fields(body: &mut Body<'_>, mode: DeploymentMode) {
    for (name, _) in body.fields() {
        if SERVER_OWNED.contains(&name) {
            body.refuse(name, "is set by the server");
        } else if name == "tenant_id" && mode == DeploymentMode::Saas {
            body.refuse(name, "comes from the session in saas mode");
        } else if !CLIENT_FIELDS.contains(&name) {
            body.faults.push(unknown_field(name));
        }
    }
}

/// The fault of a field that no record has.
pub(crate) fn unknown_field(name: &str) -> Fault {
    Fault::at(Pointer::field(name), format!("is not a known field; known are {}", CLIENT_FIELDS.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allow_list::AllowList;
    use serde_json::json;

    pub(crate) fn rules(mode: DeploymentMode) -> PortalRules {
        PortalRules { mode, allow: AllowList::default(), extra_types: Vec::new() }
    }

    fn pointers(body: &Value, mode: DeploymentMode) -> Vec<String> {
        Draft::parse(body, &rules(mode))
            .err()
            .map_or_else(Vec::new, |faults| faults.iter().map(|fault| fault.pointer.to_string()).collect())
    }

    #[test]
    fn two_fields_are_enough_where_the_vendor_has_a_well_known_host() {
        let body = json!({"connector_name": "chat", "connector_type": "slack"});
        let draft = Draft::parse(&body, &rules(DeploymentMode::Saas)).unwrap();
        let tenant = TenantId::parse("t").unwrap();
        let record = draft.into_record(tenant, Uuid::nil(), Timestamp::UNIX_EPOCH);
        assert_eq!(record.display_name, "chat");
        assert_eq!((record.timeout_ms, record.max_retries, record.enabled), (30_000, 3, true));
        assert_eq!((record.version, record.health.status.as_str()), (1, "unknown"));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let body = json!({
            "connector_name": "Bad Name", "connector_type": "oracle", "display_name": 7, "description": [],
            "options": {"password": "x"}, "credentials_secret_arn": "nope", "timeout_ms": 99,
            "max_retries": 11, "enabled": "yes", "id": "x", "tenant_id": "t", "colour": "red",
        });
        let mut found = pointers(&body, DeploymentMode::Saas);
        found.sort();
        assert_eq!(
            found,
            [
                "/colour",
                "/connector_name",
                "/connector_type",
                "/credentials_secret_arn",
                "/description",
                "/display_name",
                "/enabled",
                "/id",
                "/max_retries",
                "/options/password",
                "/tenant_id",
                "/timeout_ms"
            ]
        );
    }

    #[test]
    fn missing_required_fields_are_named() {
        assert_eq!(pointers(&json!({}), DeploymentMode::Saas), ["/connector_name", "/connector_type"]);
        let body = json!({"connector_name": "a", "connector_type": "postgres", "connection_url": null});
        assert_eq!(pointers(&body, DeploymentMode::Saas), ["/connection_url"]);
        assert_eq!(pointers(&json!([]), DeploymentMode::Saas), [""]);
    }

    #[test]
    fn a_runtime_type_is_refused_with_its_reason_unless_the_deployment_opens_it() {
        let body = json!({"connector_name": "a", "connector_type": "hubspot"});
        let faults = Draft::parse(&body, &rules(DeploymentMode::Saas)).unwrap_err();
        assert_eq!(
            faults[0].detail,
            "hubspot is runtime-supported but not portal-managed; the portal manages \
             postgres, cassandra, salesforce, amadeus, slack, snowflake, custom; \
             PORTAL_EXTRA_CONNECTOR_TYPES opens it to the portal, and the configuration file may declare it"
        );
        let mut open = rules(DeploymentMode::Saas);
        open.extra_types.push(ConnectorType::Hubspot);
        assert!(Draft::parse(&body, &open).is_ok());
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"connector_name": "a", "connector_type": "slack"});
            body[name] = value;
            pointers(&body, DeploymentMode::Saas).is_empty()
        };
        for (name, fits, does_not) in [
            ("timeout_ms", json!(100), json!(99)),
            ("timeout_ms", json!(120_000), json!(120_001)),
            ("max_retries", json!(0), json!(-1)),
            ("max_retries", json!(10), json!(11)),
            ("timeout_ms", json!(1000.0), json!(1000.5)),
            ("display_name", json!("ä".repeat(255)), json!("ä".repeat(256))),
            ("description", json!("ä".repeat(2_000)), json!("ä".repeat(2_001))),
        ] {
            assert!(with(name, fits.clone()), "{name} {fits}");
            assert!(!with(name, does_not.clone()), "{name} {does_not}");
        }
    }
}
