//! Which cluster it is and who asks, from the record and its secret.

use egress::Egress;
use model::{
    cassandra_options::{consistency, serial_consistency},
    record::ConnectorRecord,
};
use scylla::statement::{Consistency, SerialConsistency};
use url::Url;
use zeroize::Zeroizing;

use crate::{ConnectorError, Credentials, cql};

const DEFAULT_PORT: u16 = 9042;

/// A node that the record names.
pub(super) struct ContactPoint {
    pub(super) host: String,
    pub(super) port: u16,
}

/// One keyspace of one cluster and one role in it. It has no `Debug`: it holds a password.
pub(super) struct Target {
    pub(super) contact_points: Vec<ContactPoint>,
    pub(super) keyspace: String,
    /// Whether sessions are sealed by TLS, with the server's name verified.
    pub(super) tls: bool,
    pub(super) user: Zeroizing<String>,
    pub(super) password: Zeroizing<String>,
    pub(super) consistency: Consistency,
    pub(super) serial_consistency: SerialConsistency,
    /// The data centre whose nodes are asked first.
    pub(super) local_dc: Option<String>,
    pub(super) max_retries: u8,
}

impl Target {
    pub(super) fn new(
        record: &ConnectorRecord,
        credentials: Option<&Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let (contact_points, keyspace) = parsed(record.connection_url.as_deref().unwrap_or_default())
            .ok_or_else(|| {
                let why = "connection_url is no URL such as cassandra://host1:9042,host2/keyspace";
                ConnectorError::Configuration(why.into())
            })?;
        // Its tables could be named without it, past the judgement of statements.
        if keyspace.eq_ignore_ascii_case(cql::PROTECTED_KEYSPACE) {
            let why = "connection_url names the keyspace of roles and rights; name another";
            return Err(ConnectorError::Configuration(why.into()));
        }
        let options = &record.options;
        let tls = options.get("tls").and_then(serde_json::Value::as_bool).unwrap_or(true);
        let listed = |point: &ContactPoint| egress.lists_host(&point.host);
        if !tls && !contact_points.iter().all(listed) {
            let why = "options.tls is false, which is only for hosts that EGRESS_ALLOW lists";
            return Err(ConnectorError::Configuration(why.into()));
        }
        let wrong =
            |option: &str| ConnectorError::Configuration(format!("options.{option} is no such level"));
        let consistency = match options.text("consistency") {
            None => Consistency::LocalQuorum,
            Some(level) => consistency(level).map(of_level).ok_or_else(|| wrong("consistency"))?,
        };
        let serial_consistency = match options.text("serial_consistency") {
            None => SerialConsistency::LocalSerial,
            Some(level) => match serial_consistency(level) {
                Some("SERIAL") => SerialConsistency::Serial,
                Some(_) => SerialConsistency::LocalSerial,
                None => return Err(wrong("serial_consistency")),
            },
        };
        let credentials = Credentials::needed(credentials)?;
        let text = |key: &str| credentials.require(&[key]).map(|text| Zeroizing::new(text.to_owned()));
        Ok(Self {
            contact_points,
            keyspace,
            tls,
            user: text("username")?,
            password: text("password")?,
            consistency,
            serial_consistency,
            local_dc: options.text("local_dc").map(str::to_owned),
            max_retries: record.max_retries,
        })
    }

    /// Hosts and ports, as errors name them.
    pub(super) fn address(&self) -> String {
        let each = self.contact_points.iter().map(ContactPoint::address);
        each.collect::<Vec<_>>().join(",")
    }

    /// The names that a node's certificate may be for.
    pub(super) fn names(&self) -> Vec<&str> {
        self.contact_points.iter().map(|point| point.host.as_str()).collect()
    }
}

impl ContactPoint {
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// `cassandra://h1[:port],h2[:port]/keyspace`.
fn parsed(url: &str) -> Option<(Vec<ContactPoint>, String)> {
    let (hosts, keyspace) = url.strip_prefix("cassandra://")?.split_once('/')?;
    let point = |host: &str| {
        let url = Url::parse(&format!("cql://{host}")).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
        Some(ContactPoint { host, port: url.port().unwrap_or(DEFAULT_PORT) })
    };
    let points = hosts.split(',').map(point).collect::<Option<Vec<_>>>()?;
    (!keyspace.is_empty()).then(|| (points, keyspace.to_owned()))
}

fn of_level(level: &'static str) -> Consistency {
    match level {
        "ANY" => Consistency::Any,
        "ONE" => Consistency::One,
        "TWO" => Consistency::Two,
        "THREE" => Consistency::Three,
        "QUORUM" => Consistency::Quorum,
        "ALL" => Consistency::All,
        "EACH_QUORUM" => Consistency::EachQuorum,
        "LOCAL_ONE" => Consistency::LocalOne,
        "SERIAL" => Consistency::Serial,
        "LOCAL_SERIAL" => Consistency::LocalSerial,
        _ => Consistency::LocalQuorum,
    }
}
