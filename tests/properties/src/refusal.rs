//! What an upstream says against a request is passed on short, without the credentials, and never as a success.

use connectors::{ConnectorError, answers};
use egress::Response;
use model::connector_type::ConnectorType;

use crate::{
    said::{bounded, without},
    upstream::answered,
};

/// Credentials that a hostile or careless upstream repeats: of one line and of several.
const SECRETS: [&str; 3] =
    ["CANARY-7f3a91", "-----BEGIN KEY-----\nCANARYab\nCANARYcd\n-----END KEY-----\n", "CANARY-7f3a91-long"];
/// How the secrets look to somebody who reads them in one line.
const SHOWN: [&str; 2] = ["CANARY-7f3a91", "-----BEGIN KEY-----CANARYabCANARYcd-----END KEY-----"];

/// Any answer, as any vendor's.
pub fn check(data: &[u8]) {
    let Some((kind, response)) = answered(data) else { return };
    let status = response.status.as_u16();
    let Some(error) = answers::refusal(kind, &response, &SECRETS) else {
        // A refusal may come with a success's status, but not the other way round.
        assert!(response.status.is_success() || !speaks_http(kind), "status {status} is taken for an answer");
        return;
    };
    let said = error.to_string();
    bounded(&said, 1_200);
    without(&said, &SHOWN);
    told_apart(kind, &response, &error);
    again(kind, &response, &error);
}

fn speaks_http(kind: ConnectorType) -> bool {
    !matches!(kind, ConnectorType::Cassandra | ConnectorType::Postgres)
}

/// Where no vendor has codes of its own, the status alone decides.
fn told_apart(kind: ConnectorType, response: &Response, error: &ConnectorError) {
    use ConnectorError::{CredentialsRefused, Forbidden, QuotaUsed, RateLimited};
    let status = response.status.as_u16();
    if kind == ConnectorType::Custom {
        assert_eq!(matches!(error, RateLimited { .. } | QuotaUsed { .. }), status == 429);
        assert_eq!(matches!(error, CredentialsRefused(_)), status == 401);
        assert_eq!(matches!(error, Forbidden(_)), status == 403);
    }
}

/// The same answer says the same again.
fn again(kind: ConnectorType, response: &Response, error: &ConnectorError) {
    assert_eq!(answers::refusal(kind, response, &SECRETS).as_ref(), Some(error));
}
