//! Where the database is and who asks, from the record and its secret. The record's URL wins over what the secret
//! says of host, port and database.

use egress::Egress;
use model::{options::Options, postgres_options::POOL_SIZES, record::ConnectorRecord};
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use crate::{ConnectorError, Credentials};

const DEFAULT_PORT: u16 = 5432;
/// Connections of one instance, unless the record says otherwise.
const DEFAULT_POOL_SIZE: usize = 4;

/// One database and one role in it. It has no `Debug`: it holds a password.
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    /// Whether the session is sealed by TLS, with the server's name verified.
    pub(super) tls: bool,
    pub(super) user: Zeroizing<String>,
    pub(super) password: Zeroizing<String>,
}

impl Target {
    pub(super) fn new(
        record: &ConnectorRecord,
        credentials: Option<&Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let wrong = |what: &str| ConnectorError::Configuration(format!("connection_url {what}"));
        let url = Url::parse(record.connection_url.as_deref().unwrap_or_default())
            .map_err(|_| wrong("is no URL such as postgres://host:5432/database"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let path = url.path().strip_prefix('/').unwrap_or_default();
        let database = percent_decode_str(path).decode_utf8().map_err(|_| wrong("names no database"))?;
        if database.is_empty() || database.contains('\0') {
            return Err(wrong("names no database"));
        }
        let tls = !url.query_pairs().any(|(key, value)| key == "sslmode" && value == "disable");
        if !tls && !egress.lists_host(host) {
            return Err(wrong("says sslmode=disable, which is only for hosts that EGRESS_ALLOW lists"));
        }
        let credentials = Credentials::needed(credentials)?;
        let text = |key: &str| credentials.require(&[key]).map(|text| Zeroizing::new(text.to_owned()));
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(DEFAULT_PORT),
            database: database.into_owned(),
            tls,
            user: text("username")?,
            password: text("password")?,
        })
    }

    /// Host and port, as errors name them.
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The name that the server's certificate must be for; an IPv6 address has no brackets there.
    pub(super) fn certificate_name(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}

/// How many connections an instance may hold.
pub(super) fn pool_size(options: &Options) -> Result<usize, ConnectorError> {
    let Some(option) = options.get("pool_size") else { return Ok(DEFAULT_POOL_SIZE) };
    let size = model::json::whole(option).filter(|size| POOL_SIZES.contains(size));
    size.and_then(|size| usize::try_from(size).ok()).ok_or_else(|| {
        ConnectorError::Configuration("options.pool_size must be a whole number from 1 to 10".into())
    })
}
