//! What upstreams' answers mean, apart from any call. An answer is written by somebody else; whoever holds one can ask
//! here what would be made of it, without a server that gives it.

use std::time::Duration;

use egress::Response;
use model::{connector_type::ConnectorType, data_path::DataPath};
use reqwest::header::HeaderMap;
use url::Url;

use crate::{
    ConnectorError, Rows,
    http::{answer, body, follow, link, token},
    snowflake, vendors,
};

/// What an answer says against its request, if anything. `secrets` are taken out of the upstream's words. Nothing for
/// types that do not speak HTTP.
pub fn refusal(kind: ConnectorType, answer: &Response, secrets: &[&str]) -> Option<ConnectorError> {
    match (kind, vendors::of(kind)) {
        (_, Some(vendor)) => {
            (vendor.refusal)(answer).map(|refused| refused.error(answer, vendor.name, secrets))
        }
        (ConnectorType::Custom, _) => answer::refusal(answer, secrets),
        (ConnectorType::Snowflake, _) => snowflake::failure::of(answer, "the host", secrets),
        _ => None,
    }
}

/// How long the token of a token endpoint's answer is good for.
pub fn token(answer: Response) -> Result<Duration, ConnectorError> {
    token::read(answer, token::DEFAULT_LIFETIME, None).map(|(_, lifetime)| lifetime)
}

/// The target of the link to the next page, as written.
pub fn next_page(headers: &HeaderMap) -> Option<&str> {
    link::next(headers)
}

/// Where a link that stands on a page leads, if it stays below the base URL.
pub fn followed(base: &Url, page: &Url, target: &str) -> Result<Url, ConnectorError> {
    follow::linked(base, page, target)
}

/// The rows of an answer's body.
pub fn rows(answer: &Response, path: &DataPath) -> Result<Rows, ConnectorError> {
    body::read(answer, Some(path), Rows::default())
}
