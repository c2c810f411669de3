//! The query parameters of the list, for the OpenAPI document.

use model::{connector_type::ConnectorType, health::HealthStatus, ids::TenantId};
use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read one by one")]
pub(crate) struct ListParameters {
    /// Only connectors of this type.
    #[param(value_type = ConnectorType, required = false)]
    connector_type: Option<ConnectorType>,
    /// Only connectors that agents may use, or only those that they may not.
    #[param(value_type = bool, required = false)]
    enabled: Option<bool>,
    /// Only connectors of this state of health.
    #[param(value_type = HealthStatus, required = false)]
    health_status: Option<HealthStatus>,
    /// The most records of a page. Without it, everything up to 1,000.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where to go on: what the `next` link of the page before holds. It is opaque, and good for the session's tenant
    /// alone.
    #[param(value_type = String, required = false)]
    cursor: Option<String>,
    /// Only this tenant's connectors. In `saas` another tenant than the session's has none.
    #[param(value_type = TenantId, required = false)]
    tenant_id: Option<TenantId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::{MAX_LIMIT, PARAMETERS, UNLIMITED};

    #[test]
    fn the_document_names_the_parameters_that_are_known_and_their_bounds() {
        let described = serde_json::to_value(ListParameters::into_params(|| None)).unwrap();
        let described = described.as_array().unwrap();
        let names: Vec<_> = described.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(names, PARAMETERS);
        assert_eq!(described[3]["schema"]["maximum"], MAX_LIMIT);
        assert!(
            described[3]["description"].as_str().unwrap().ends_with("up to 1,000.") && UNLIMITED == 1_000
        );
    }
}
