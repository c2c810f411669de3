//! Writes: the parameters go as a JSON body, each value in the digits that the caller wrote.
//!
//! HTTP has no count of what a request touched, so that a write that was accepted counts as one, whatever came back.

use reqwest::Method;

use super::{Custom, path};
use crate::{
    Executed, Request, error::ConnectorError, http::body, operation::OperationSpec, request::Context,
};

impl Custom {
    pub(super) async fn write(
        &self,
        operation: OperationSpec,
        asked: Request<'_>,
        context: Context,
    ) -> Result<Executed, ConnectorError> {
        let unknown = |_| ConnectorError::Invalid(format!("{} is no HTTP method", operation.name));
        let method = Method::from_bytes(operation.name.as_bytes()).map_err(unknown)?;
        let url = path::of_statement(&self.base, asked.statement.unwrap_or_default())?;
        let unwritable = |_| ConnectorError::Invalid("the parameters can't be written as JSON".into());
        let sent = if asked.parameters.is_empty() {
            Vec::new()
        } else {
            serde_json::to_vec(asked.parameters).map_err(unwritable)?
        };
        let response = self.call(method, url, sent, context).await?;
        let message = format!("{} {}", operation.name, response.status.as_u16());
        let rows = body::after_write(response, self.data_path.clone(), asked.limit).await;
        Ok(Executed { rows_affected: 1, message, rows })
    }
}
