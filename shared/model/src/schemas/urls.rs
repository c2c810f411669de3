//! The forms of `connection_url`. Each pattern takes what `connection_url::check` takes where `EGRESS_ALLOW` opens the
//! host; what is no valid IPv6 address or punycode is left to it.

use utoipa::openapi::{ObjectBuilder, Ref};

use super::{named, refer, text};
use crate::{connection_url::MAX_CHARS, connector_type::ConnectorType};

/// Labels of letters, digits, `-` and `_`, with or without a final dot.
const NAME: &str = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?";
/// Not a name whose last label is a number: such a one is read as an address.
const NO_NUMBER: &str = r"(?!(?:[A-Za-z0-9_-]+\.)*(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?(?:[:/]|$))";
const IPV4: &str =
    r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV6: &str = r"\[[0-9A-Fa-f:.]+\]";
const PORT: &str =
    r"(?::(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?";
/// What follows a host: anything but a query, a fragment, space, control characters and backslashes.
const PATH: &str = r"(?:/[^?#\\\s\x00-\x1f\x7f-\x9f]*)?";

fn web_host() -> String {
    format!("(?:{IPV4}|{IPV6}|{NO_NUMBER}{NAME}){PORT}")
}

fn database_host() -> String {
    format!("(?:{IPV6}|{NAME}){PORT}")
}

fn url(pattern: String) -> ObjectBuilder {
    text(pattern).max_length(Some(MAX_CHARS))
}

pub(crate) struct BaseUrl;

named!(
    BaseUrl,
    "BaseUrl",
    url(format!("^https?://{}{PATH}$", web_host()))
        .description(Some(
            "An `https://` base URL without user, password, query or fragment. `http://` is taken only to hosts that \
             the deployment's `EGRESS_ALLOW` lists."
        ))
        .examples(["https://crm.example.com/api/v2"])
);

pub(crate) struct PostgresUrl;

named!(
    PostgresUrl,
    "PostgresUrl",
    url(format!(
        r"^postgres(?:ql)?://{}/(?!(?:\.|%2[eE]){{1,2}}(?:\?|$))[^/?#\\\s\x00-\x1f\x7f-\x9f]+(?:\?(?:sslmode=(?:verify-full|verify-ca|require|disable))?)?$",
        database_host()
    ))
    .description(Some(
        "`postgres://host[:port]/database[?sslmode=…]` without user or password. The server's certificate is always \
         verified: `verify-ca` and `require` are treated as `verify-full`, the default. `disable` is taken only to \
         hosts that the deployment's `EGRESS_ALLOW` lists."
    ))
    .examples(["postgres://db.example.com:5432/app?sslmode=verify-full"])
);

pub(crate) struct CassandraUrl;

named!(
    CassandraUrl,
    "CassandraUrl",
    url(format!(r"^cassandra://{host}(?:,{host})*/[A-Za-z0-9_]{{1,48}}$", host = database_host()))
        .description(Some("`cassandra://host1[:port],host2[:port]/keyspace`; the port is 9042 unless given."))
        .examples(["cassandra://n1.example.com,n2.example.com:9142/orders"])
);

pub(crate) struct SnowflakeUrl;

named!(
    SnowflakeUrl,
    "SnowflakeUrl",
    url(format!("^(?:https?://)?{}{PATH}$", web_host()))
        .description(Some("An account host, with or without `https://`."))
        .examples(["finance-org.us-east-1.snowflakecomputing.com"])
);

/// The form of a type's URL.
pub(super) fn of(kind: ConnectorType) -> Ref {
    match kind {
        ConnectorType::Postgres => refer::<PostgresUrl>(),
        ConnectorType::Cassandra => refer::<CassandraUrl>(),
        ConnectorType::Snowflake => refer::<SnowflakeUrl>(),
        _ => refer::<BaseUrl>(),
    }
}
