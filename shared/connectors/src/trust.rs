//! The way out of one connector: the deployment's own, and the private CA that its record may bring.

use egress::Egress;
use model::options::Options;

use crate::error::ConnectorError;

/// The deployment's way out, which trusts `options.ca_pem` too where there is one.
pub(crate) fn way_out(options: &Options, egress: &Egress) -> Result<Egress, ConnectorError> {
    let wrong = |error| ConnectorError::Configuration(format!("options.ca_pem: {error}"));
    match options.text("ca_pem") {
        None => Ok(egress.clone()),
        Some(pem) => egress.trusting(pem).map_err(wrong),
    }
}
