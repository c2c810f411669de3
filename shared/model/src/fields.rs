//! The rule of each field that a client may write, one function a field. Creating and updating share them, so
//! that both say the same about the same value.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::{
    connection_url,
    connector_type::ConnectorType,
    fault::{Fault, Pointer},
    ids::{ConnectorName, TenantId},
    json::whole,
    options::Options,
    rules::PortalRules,
    secret_arn::SecretArn,
};

/// The longest display name, in characters.
pub(crate) const DISPLAY_NAME_CHARS: usize = 255;
/// The longest description, in characters.
pub(crate) const DESCRIPTION_CHARS: usize = 2_000;
/// How long a call may take, in milliseconds.
pub(crate) const TIMEOUT_MS: RangeInclusive<u32> = 100..=120_000;
/// How often a call may be repeated.
pub(crate) const MAX_RETRIES: RangeInclusive<u32> = 0..=10;

/// The value, or everything that is wrong with it.
pub(crate) type Field<T> = Result<T, Vec<Fault>>;

fn fault<T>(name: &str, detail: impl Into<String>) -> Field<T> {
    Err(vec![Fault::at(Pointer::field(name), detail)])
}

fn text<'v>(name: &str, value: &'v Value) -> Field<&'v str> {
    value.as_str().map_or_else(|| fault(name, "must be a string"), Ok)
}

fn text_up_to(name: &str, value: &Value, longest: usize) -> Field<String> {
    let text = text(name, value)?;
    match text.chars().count() {
        count if count > longest => fault(name, format!("has {count} characters; the limit is {longest}")),
        _ => Ok(text.to_owned()),
    }
}

fn integer(name: &str, value: &Value, range: RangeInclusive<u32>) -> Field<u32> {
    let number = whole(value).and_then(|number| u32::try_from(number).ok());
    match number.filter(|number| range.contains(number)) {
        Some(number) => Ok(number),
        None => fault(name, format!("must be an integer from {} to {}", range.start(), range.end())),
    }
}

pub(crate) fn tenant_id(value: &Value) -> Field<TenantId> {
    TenantId::parse(text("tenant_id", value)?).or_else(|error| fault("tenant_id", error.to_string()))
}

pub(crate) fn connector_name(value: &Value) -> Field<ConnectorName> {
    let text = text("connector_name", value)?;
    ConnectorName::parse(text).or_else(|error| fault("connector_name", error.to_string()))
}

pub(crate) fn connector_type(value: &Value, rules: &PortalRules) -> Field<ConnectorType> {
    let word = text("connector_type", value)?;
    rules.portal_type(word).or_else(|error| fault("connector_type", error))
}

pub(crate) fn display_name(value: &Value) -> Field<String> {
    let name = text_up_to("display_name", value, DISPLAY_NAME_CHARS)?;
    if name.trim().is_empty() {
        return fault("display_name", "must not be blank; send null to show the connector's name");
    }
    Ok(name)
}

pub(crate) fn description(value: &Value) -> Field<String> {
    text_up_to("description", value, DESCRIPTION_CHARS)
}

/// Without a type only what holds for every type is asked.
pub(crate) fn connection_url(
    value: &Value,
    kind: Option<ConnectorType>,
    rules: &PortalRules,
) -> Field<String> {
    let text = text("connection_url", value)?;
    let checked = match kind {
        Some(kind) => connection_url::check(kind, text, &rules.allow),
        None => connection_url::check_text(text),
    };
    checked.map(|()| text.to_owned()).or_else(|why| fault("connection_url", why))
}

pub(crate) fn options(value: &Value, kind: ConnectorType) -> Field<Options> {
    Options::check(value, kind, &Pointer::field("options"))
}

pub(crate) fn secret_arn(value: &Value) -> Field<SecretArn> {
    const NAME: &str = "credentials_secret_arn";
    SecretArn::parse(text(NAME, value)?).or_else(|error| fault(NAME, error.to_string()))
}

pub(crate) fn timeout_ms(value: &Value) -> Field<u32> {
    integer("timeout_ms", value, TIMEOUT_MS)
}

pub(crate) fn max_retries(value: &Value) -> Field<u8> {
    integer("max_retries", value, MAX_RETRIES).map(|number| u8::try_from(number).unwrap_or(u8::MAX))
}

pub(crate) fn enabled(value: &Value) -> Field<bool> {
    value.as_bool().map_or_else(|| fault("enabled", "must be true or false"), Ok)
}

/// The fault of a record that lacks the URL its type needs.
pub(crate) fn url_required(kind: ConnectorType) -> Fault {
    Fault::at(Pointer::field("connection_url"), format!("is required for {kind}"))
}
