//! Who may do what on this stack: the key that its licenses are signed by, three licenses, and the tokens of two
//! sessions. All are made once and outlive the process.

use std::{collections::BTreeMap, fs, io, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    clock::Clock,
    entropy::Entropy,
    ids::TenantId,
    license::{License, SigningKey},
    session::SessionToken,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::files;

const FILE: &str = "identity.json";
/// The signing key as `connectorctl license issue --key` reads it.
const ISSUER: &str = "issuer.pem";
/// The seeded tenants.
pub const TENANTS: [&str; 2] = ["tenant-a", "tenant-b"];
/// What a license of every tenant is filed under.
pub const ALL_TENANTS: &str = "*";
/// What `EGRESS_ALLOW` opens where the user names nothing: the demo upstream and whatever else runs here.
pub const LOOPBACK: &str = "127.0.0.0/8, ::1, localhost";
const SCOPES: [&str; 4] = ["refresh", "stats", "query", "execute"];
const LICENSE_DAYS: i64 = 365;
const DAY: i64 = 24 * 3600;

/// Where the stack listens, as URLs, and the region that it plays.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is what its name says")]
pub struct Endpoints<'a> {
    pub portal: &'a str,
    pub agent: &'a str,
    pub aws: &'a str,
    pub demo: &'a str,
    pub region: &'a str,
}

/// Keys, licenses and session tokens.
#[derive(Serialize, Deserialize)]
pub struct Identity {
    signing_key: String,
    licenses_end: i64,
    licenses: BTreeMap<String, String>,
    sessions: BTreeMap<String, String>,
    #[serde(skip)]
    jwks: String,
}

impl Identity {
    /// Takes what the folder holds, or makes it; licenses in their last month are issued anew.
    pub fn open(folder: &Path, clock: &dyn Clock, entropy: &dyn Entropy) -> io::Result<Self> {
        let now = clock.now().epoch_seconds();
        let mut identity = match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                io::Error::other(format!("{FILE} can't be read ({error}); delete it to start anew"))
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::new(entropy),
            Err(error) => return Err(error),
        };
        let key = identity.key()?;
        identity.jwks = key.public_jwks().to_string();
        if identity.licenses_end - now < 30 * DAY {
            identity.issue(&key, now, entropy);
        }
        let bytes = serde_json::to_vec_pretty(&identity).map_err(io::Error::other)?;
        files::write_private(folder, FILE, &bytes)?;
        files::write_private(folder, ISSUER, identity.pem().as_bytes())?;
        Ok(identity)
    }

    fn new(entropy: &dyn Entropy) -> Self {
        let token =
            |tenant: &&str| ((*tenant).to_owned(), SessionToken::generate(entropy).expose().to_owned());
        Self {
            signing_key: BASE64_STANDARD.encode(SigningKey::generate(entropy).to_pkcs8()),
            licenses_end: 0,
            licenses: BTreeMap::new(),
            sessions: TENANTS.iter().map(token).collect(),
            jwks: String::new(),
        }
    }

    fn issue(&mut self, key: &SigningKey, now: i64, entropy: &dyn Entropy) {
        self.licenses_end = now + LICENSE_DAYS * DAY;
        for tenant in TENANTS.into_iter().chain([ALL_TENANTS]) {
            let license = License {
                sub: "local".to_owned(),
                tenants: vec![tenant.to_owned()],
                scopes: SCOPES.map(str::to_owned).to_vec(),
                connectors: None,
                exp: self.licenses_end,
                iat: now,
                jti: entropy.uuid().to_string(),
            };
            self.licenses.insert(tenant.to_owned(), key.issue(&license));
        }
    }

    /// The key that licenses are signed by.
    pub fn key(&self) -> io::Result<SigningKey> {
        let pkcs8 = BASE64_STANDARD.decode(&self.signing_key).map_err(io::Error::other)?;
        SigningKey::from_pkcs8(pkcs8)
            .map_err(|error| io::Error::other(format!("the signing key in {FILE} {error}")))
    }

    /// The key's 48 bytes are one line of PEM.
    fn pem(&self) -> String {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", self.signing_key)
    }

    /// The value of `LICENSE_PUBLIC_KEYS`.
    pub fn public_jwks(&self) -> String {
        self.jwks.clone()
    }

    /// The session token of a tenant; empty for a tenant that is not seeded.
    pub fn session(&self, tenant: &str) -> &str {
        self.sessions.get(tenant).map_or("", String::as_str)
    }

    /// The license of a tenant, or of [`ALL_TENANTS`]; empty for another.
    pub fn license(&self, tenant: &str) -> &str {
        self.licenses.get(tenant).map_or("", String::as_str)
    }

    /// The sessions with their tenants.
    pub fn sessions(&self) -> impl Iterator<Item = (TenantId, SessionToken)> {
        let tenants = self.sessions.iter();
        tenants.filter_map(|(tenant, token)| {
            Some((TenantId::parse(tenant).ok()?, SessionToken::from_cookie(token)))
        })
    }

    /// `credentials.json`.
    pub fn document(&self, at: Endpoints<'_>) -> String {
        let Endpoints { portal, agent, aws, region, .. } = at;
        let document = json!({
            "portal": {"url": portal, "sessions": self.sessions},
            "agent": {"url": agent, "licenses": self.licenses},
            "aws": {"endpoint": aws, "region": region},
        });
        format!("{document:#}\n")
    }

    /// `env`: the same for a shell, and what `connectorctl`, the AWS CLI and `cargo lambda watch` need.
    pub fn environment(&self, at: Endpoints<'_>) -> String {
        let Endpoints { portal, agent, aws, demo, region } = at;
        let lines = [
            ("PORTAL", portal),
            ("AGENT", agent),
            ("DEMO", demo),
            ("SESSION", self.session("tenant-a")),
            ("SESSION_B", self.session("tenant-b")),
            ("LICENSE", self.license("tenant-a")),
            ("LICENSE_B", self.license("tenant-b")),
            ("LICENSE_ADMIN", self.license(ALL_TENANTS)),
            ("LICENSE_PUBLIC_KEYS", &self.jwks),
            ("EGRESS_ALLOW", LOOPBACK),
            ("AWS_ENDPOINT_URL", aws),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        // No value holds a single quote: they are URLs, base64url, JSON and words.
        let exports: Vec<String> =
            lines.iter().map(|(name, value)| format!("export {name}='{value}'")).collect();
        exports.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{clock::SystemClock, entropy::SystemEntropy, license::LicenseKeys};

    #[test]
    fn keys_licenses_and_sessions_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Identity::open(folder.path(), &SystemClock, &SystemEntropy).unwrap();
        let (first, second) = (open(), open());
        for tenant in TENANTS {
            assert_eq!(
                (first.session(tenant), first.license(tenant)),
                (second.session(tenant), second.license(tenant))
            );
        }
        let keys = LicenseKeys::from_jwks(&second.public_jwks()).unwrap();
        assert!(keys.verify(first.license(ALL_TENANTS), SystemClock.now().wall).is_ok());
    }

    #[test]
    fn a_sourced_environment_is_one_that_a_function_starts_in() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::open(folder.path(), &SystemClock, &SystemEntropy).unwrap();
        let at = Endpoints { portal: "http://p", agent: "http://a", aws: "", demo: "", region: "us-east-1" };
        let environment = identity.environment(at);
        let value = |name: &str| {
            let start = format!("export {name}='");
            let value = |line: &str| Some(line.strip_prefix(&start)?.strip_suffix('\'')?.to_owned());
            environment.lines().find_map(value)
        };
        let settings = boot::Settings::from_lookup(value).ok().unwrap();
        for (variable, tenants) in
            [("LICENSE", "tenant-a"), ("LICENSE_B", "tenant-b"), ("LICENSE_ADMIN", ALL_TENANTS)]
        {
            let verified = settings.license_keys.verify(&value(variable).unwrap(), SystemClock.now().wall);
            let license = verified.unwrap();
            assert_eq!(
                (license.tenants.as_slice(), license.scopes),
                ([tenants.to_owned()].as_slice(), SCOPES.map(str::to_owned).to_vec())
            );
        }
        assert!(
            settings.egress_allow.allows_host("127.0.0.1") && settings.egress_allow.allows_host("localhost")
        );
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        let error = Identity::open(folder.path(), &SystemClock, &SystemEntropy).err().unwrap();
        assert!(error.to_string().contains(FILE), "{error}");
    }
}
