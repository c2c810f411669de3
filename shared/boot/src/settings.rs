//! The configuration of a deployment, read once from the environment. A wrong value stops the function at start
//! with an error that names the variable.

use std::{
    fmt::Display,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use model::{
    allow_list::AllowList,
    connector_type::ConnectorType,
    license::LicenseKeys,
    rules::{DeploymentMode, PortalRules, SecretTag},
};
use store::schema::TableNames;
use url::Url;

use crate::{environment::Environment, logging};

/// Why a function can't start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable whose value can't be used.
    #[error("{variable} {why}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// What is wrong with its value.
        why: String,
    },
    /// Faults of the configuration file, or of the variables that declare connectors.
    #[error(transparent)]
    Tiers(#[from] tiers::Faults),
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
    /// `CONNECTOR_CACHE_TTL_MS`: how long a loaded connector may be used, 0 to 300000, 30000 by default. What is
    /// refreshed or written is seen at once whatever it is; it bounds how old a rotated secret can be, and how long
    /// queries go on while the markers can't be read.
    pub cache_ttl: Duration,
    /// `CONNECTOR_CACHE_CAPACITY`: how many connectors a container keeps loaded, 1 to 100000, 1000 by default.
    pub cache_capacity: usize,
    /// `AXONFLOW_CONFIG_FILE`: the configuration file, where one is named.
    pub config_file: Option<PathBuf>,
    /// All variables: those named `MCP_…` declare connectors, and the configuration file may name any.
    pub environment: Environment,
}

impl SettingsError {
    pub(crate) fn new(variable: &'static str, why: impl ToString) -> Self {
        Self::Variable { variable, why: why.to_string() }
    }
}

impl Settings {
    /// Reads the process's environment.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::of(&Environment::of_process())
    }

    /// Reads the process's environment, where `fixed` gives no value of its own.
    pub fn from_environment_with(fixed: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::with(&Environment::of_process(), fixed)
    }

    /// Reads an environment.
    pub fn of(environment: &Environment) -> Result<Self, SettingsError> {
        Self::with(environment, |_| None)
    }

    fn with(
        environment: &Environment,
        fixed: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let settings =
            Self::from_lookup(|name| fixed(name).or_else(|| environment.get(name).map(str::to_owned)))?;
        Ok(Self { environment: environment.clone(), ..settings })
    }

    /// Reads from a look-up by variable; an empty value counts as absent. No variable declares a connector then.
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
        let cache_ttl = get("CONNECTOR_CACHE_TTL_MS");
        let cache_ttl = number("CONNECTOR_CACHE_TTL_MS", cache_ttl, 0..=300_000)?;
        let cache_capacity = get("CONNECTOR_CACHE_CAPACITY");
        let cache_capacity = number("CONNECTOR_CACHE_CAPACITY", cache_capacity, 1..=100_000)?;
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
            cache_ttl: Duration::from_millis(cache_ttl.unwrap_or(30_000)),
            cache_capacity: cache_capacity.unwrap_or(1_000),
            config_file: get("AXONFLOW_CONFIG_FILE").map(PathBuf::from),
            environment: Environment::default(),
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
    // API Gateway takes `https://*` for every site, and the portal's cookie would go along.
    let is_origin = |text: &String| {
        !text.contains('*') && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text)
    };
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

fn number<N: FromStr + PartialOrd + Display>(
    variable: &'static str,
    value: Option<String>,
    range: RangeInclusive<N>,
) -> Result<Option<N>, SettingsError> {
    let wrong = || {
        let why = format!("must be an integer from {} to {}", range.start(), range.end());
        SettingsError::new(variable, why)
    };
    let parse = |text: String| text.trim().parse().ok().filter(|number| range.contains(number));
    value.map(|text| parse(text).ok_or_else(wrong)).transpose()
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
            ("PORTAL_ALLOWED_ORIGINS", "https://*"),
            ("PORTAL_ALLOWED_ORIGINS", "https://*.example.com"),
            ("CONNECTOR_CACHE_TTL_MS", "30s"),
            ("CONNECTOR_CACHE_TTL_MS", "-1"),
            ("CONNECTOR_CACHE_TTL_MS", "300001"),
            ("CONNECTOR_CACHE_CAPACITY", "0"),
            ("CONNECTOR_CACHE_CAPACITY", "100001"),
        ] {
            let error = with(&[(variable, value)]).err().unwrap().to_string();
            assert!(error.starts_with(&format!("{variable} ")), "{error}");
        }
    }

    #[test]
    fn the_caches_bounds_are_taken_on_both_sides() {
        let cache = |pairs: &[(&str, &str)]| {
            let settings = with(pairs).ok().unwrap();
            (settings.cache_ttl.as_millis(), settings.cache_capacity)
        };
        assert_eq!(cache(&[]), (30_000, 1_000));
        assert_eq!(cache(&[("CONNECTOR_CACHE_TTL_MS", "0"), ("CONNECTOR_CACHE_CAPACITY", "1")]), (0, 1));
        let most = [("CONNECTOR_CACHE_TTL_MS", "300000"), ("CONNECTOR_CACHE_CAPACITY", "100000")];
        assert_eq!(cache(&most), (300_000, 100_000));
    }

    #[test]
    fn settings_do_not_open_the_configuration_file() {
        let settings = with(&[("AXONFLOW_CONFIG_FILE", "/does/not/exist.yaml")]).ok().unwrap();
        assert_eq!(settings.config_file.as_deref(), Some(Path::new("/does/not/exist.yaml")));
    }

    #[test]
    fn a_fixed_value_comes_before_the_environments() {
        let pairs = [("DEPLOYMENT_MODE", "invpc"), ("MCP_SLACK_TOKEN", "x")];
        let environment =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let fixed = |name: &str| (name == "DEPLOYMENT_MODE").then(|| "saas".to_owned());
        let settings = Settings::with(&environment, fixed).ok().unwrap();
        assert_eq!(settings.mode, DeploymentMode::Saas);
        assert_eq!(settings.environment.get("MCP_SLACK_TOKEN"), Some("x"));
    }

    #[test]
    fn a_private_deployment_takes_untagged_secrets_unless_told_otherwise() {
        let tag = |pairs: &[(&str, &str)]| with(pairs).ok().unwrap().secret_tag;
        assert_eq!(tag(&[("DEPLOYMENT_MODE", "invpc")]), SecretTag::Optional);
        let both = [("DEPLOYMENT_MODE", "invpc"), ("SECRET_TENANT_TAG", "required")];
        assert_eq!(tag(&both), SecretTag::Required);
    }
}
