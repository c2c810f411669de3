//! The vendors. A further one takes a file here, its place in [`VENDORS`], and its word in `model`'s `ConnectorType`:
//! docs/adding-a-vendor.md.

mod amadeus;
mod hubspot;
mod jira;
mod salesforce;
mod servicenow;
mod slack;

use model::connector_type::ConnectorType;

use crate::{ConnectorError, vendor::Vendor};

/// All of them.
const VENDORS: &[&Vendor] = &[
    &amadeus::AMADEUS,
    &hubspot::HUBSPOT,
    &jira::JIRA,
    &salesforce::SALESFORCE,
    &servicenow::SERVICENOW,
    &slack::SLACK,
];

/// The vendor of a type, where the type is one.
pub(crate) fn of(kind: ConnectorType) -> Option<&'static Vendor> {
    VENDORS.iter().copied().find(|vendor| vendor.kind == kind)
}

/// The same, where it must be one.
pub(crate) fn needed(kind: ConnectorType) -> Result<&'static Vendor, ConnectorError> {
    of(kind).ok_or_else(|| ConnectorError::Configuration(format!("this version can't call {kind} upstreams")))
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_tests;
