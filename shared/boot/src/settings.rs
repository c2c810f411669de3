//! The configuration of a deployment, read once from the environment. A wrong value stops the function at start
//! with an error that names the variable.

use std::path::Path;

use model::{
    allow_list::AllowList,
    connector_type::ConnectorType,
    license::LicenseKeys,
    rules::{DeploymentMode, PortalRules, SecretTag},
};
use store::schema::TableNames;
use url::Url;

use crate::logging;

/// A variable whose value can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {why}")]
pub struct SettingsError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub why: String,
}

/// The configuration.
#[derive(Clone)]
pub struct Settings {
    /// `DEPLOYMENT_MODE`: `saas` (default) or `invpc`.
    pub mode: DeploymentMode,
    /// `CONNECTORS_TABLE`, `GENERATIONS_TABLE`, `SESSIONS_TABLE`, `AUDIT_TABLE`, `CACHE_STATS_TABLE`,
    /// `LICENSES_TABLE`.
    pub tables: TableNames,
    /// `LICENSE_PUBLIC_KEYS`: a JWKS. Without it no license is valid.
    pub license_keys: LicenseKeys,
    /// `PORTAL_EXTRA_CONNECTOR_TYPES`: runtime types opened to the portal.
    pub extra_types: Vec<ConnectorType>,
    /// `PORTAL_ALLOWED_ORIGINS`: sites that may write.
    pub allowed_origins: Vec<String>,
    /// `EGRESS_ALLOW`: CIDRs and host patterns.
    pub egress_allow: AllowList,
    /// The content of `EGRESS_CA_FILE`.
    pub egress_ca_pem: Option<String>,
    /// `AWS_LAMBDA_RUNTIME_API`, set by Lambda: an address that no connector may reach.
    pub runtime_api: Option<String>,
    /// `SECRET_TENANT_TAG`: `required` (default in `saas`) or `optional` (default in `invpc`).
    pub secret_tag: SecretTag,
    /// How long.
    pub cache_ttl: std::time::Duration,
    /// How many.
    pub cache_capacity: usize,
}

impl SettingsError {
    pub(crate) fn new(variable: &'static str, why: impl ToString) -> Self {
        Self { variable, why: why.to_string() }
    }
}

impl Settings {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the process's environment, where `fixed` gives no value of its own.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_environment_with(fixed: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::from_lookup(|name| fixed(name).or_else(|| std::env::var(name).ok()))
    }

    /// Reads from a look-up by variable; an empty value counts as absent.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let get = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let mode = match get("DEPLOYMENT_MODE") {
            None => DeploymentMode::Saas,
            Some(word) => DeploymentMode::parse(&word).ok_or_else(|| {
                SettingsError::new("DEPLOYMENT_MODE", format!("is `{word}`; use saas or invpc"))
            })?,
        };
        for variable in logging::VARIABLES {
            if get(variable).is_some_and(|word| logging::level(&word).is_none()) {
                return Err(SettingsError::new(
                    variable,
                    "is no log level; use error, warn, info, debug or trace",
                ));
            }
        }
        Ok(Self {
            mode,
            tables: TableNames::from_lookup(|kind| get(&format!("{}_TABLE", kind.to_ascii_uppercase()))),
            license_keys: license_keys(get("LICENSE_PUBLIC_KEYS"))?,
            extra_types: extra_types(get("PORTAL_EXTRA_CONNECTOR_TYPES"))?,
            allowed_origins: origins(get("PORTAL_ALLOWED_ORIGINS"))?,
            egress_allow: AllowList::parse(&get("EGRESS_ALLOW").unwrap_or_default()).map_err(|error| {
                SettingsError::new("EGRESS_ALLOW", format!("has an entry that is wrong: {error}"))
            })?,
            egress_ca_pem: get("EGRESS_CA_FILE").map(|path| read(Path::new(&path))).transpose()?,
            runtime_api: get("AWS_LAMBDA_RUNTIME_API"),
            secret_tag: secret_tag(get("SECRET_TENANT_TAG"), mode)?,
            cache_ttl: std::time::Duration::from_secs(30),
            cache_capacity: 1000,
        })
    }

    /// What the portal checks bodies against.
    pub fn portal_rules(&self) -> PortalRules {
        PortalRules {
            mode: self.mode,
            allow: self.egress_allow.clone(),
            extra_types: self.extra_types.clone(),
        }
    }
}

fn list(value: Option<String>) -> Vec<String> {
    let value = value.unwrap_or_default();
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

fn origins(value: Option<String>) -> Result<Vec<String>, SettingsError> {
    let origins = list(value);
    let is_origin =
        |text: &String| Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text);
    match origins.iter().find(|text| !is_origin(text)) {
        None => Ok(origins),
        Some(text) => {
            let why = format!("names `{text}`, which is no origin; write it as https://portal.example.com");
            Err(SettingsError::new("PORTAL_ALLOWED_ORIGINS", why))
        }
    }
}

fn license_keys(value: Option<String>) -> Result<LicenseKeys, SettingsError> {
    let keys = value.map(|jwks| LicenseKeys::from_jwks(&jwks)).transpose();
    Ok(keys.map_err(|error| SettingsError::new("LICENSE_PUBLIC_KEYS", error))?.unwrap_or_default())
}

fn extra_types(value: Option<String>) -> Result<Vec<ConnectorType>, SettingsError> {
    let words = list(value).into_iter();
    words
        .map(|word| {
            ConnectorType::parse(&word).ok_or_else(|| {
                let why =
                    format!("names `{word}`, which is no connector type; use hubspot, jira, servicenow");
                SettingsError::new("PORTAL_EXTRA_CONNECTOR_TYPES", why)
            })
        })
        .collect()
}

fn secret_tag(value: Option<String>, mode: DeploymentMode) -> Result<SecretTag, SettingsError> {
    match (value.as_deref(), mode) {
        (Some("required"), _) | (None, DeploymentMode::Saas) => Ok(SecretTag::Required),
        (Some("optional"), _) | (None, DeploymentMode::Invpc) => Ok(SecretTag::Optional),
        (Some(word), _) => {
            Err(SettingsError::new("SECRET_TENANT_TAG", format!("is `{word}`; use required or optional")))
        }
    }
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|error| {
        SettingsError::new("EGRESS_CA_FILE", format!("can't be read: {}: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn an_empty_environment_has_safe_defaults() {
        let settings = with(&[]).ok().unwrap();
        assert_eq!((settings.mode, settings.secret_tag), (DeploymentMode::Saas, SecretTag::Required));
        assert_eq!(settings.tables.cache_stats, "cache_stats");
        assert!(!settings.egress_allow.allows_host("127.0.0.1"));
    }

    #[test]
    fn a_wrong_value_names_its_variable() {
        for (variable, value) in [
            ("DEPLOYMENT_MODE", "SaaS"),
            ("LICENSE_PUBLIC_KEYS", "{}"),
            ("LICENSE_PUBLIC_KEYS", r#"{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}"#),
            ("PORTAL_EXTRA_CONNECTOR_TYPES", "hubspot,oracle"),
            ("EGRESS_ALLOW", "10.0.0.0/99"),
            ("EGRESS_CA_FILE", "/does/not/exist.pem"),
            ("SECRET_TENANT_TAG", "no"),
            ("LOG_LEVEL", "verbose"),
            ("PORTAL_ALLOWED_ORIGINS", "portal.example.com"),
            ("PORTAL_ALLOWED_ORIGINS", "https://portal.example.com/"),
        ] {
            let error = with(&[(variable, value)]).err().unwrap();
            assert_eq!(error.variable, variable, "{error}");
        }
    }

    #[test]
    fn a_private_deployment_takes_untagged_secrets_unless_told_otherwise() {
        let tag = |pairs: &[(&str, &str)]| with(pairs).ok().unwrap().secret_tag;
        assert_eq!(tag(&[("DEPLOYMENT_MODE", "invpc")]), SecretTag::Optional);
        let both = [("DEPLOYMENT_MODE", "invpc"), ("SECRET_TENANT_TAG", "required")];
        assert_eq!(tag(&both), SecretTag::Required);
    }
}
