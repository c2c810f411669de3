//! Any HTTP service that speaks JSON. A query is a GET of a path below the record's base URL.

mod answer;
mod auth;
mod body;
mod path;

use async_trait::async_trait;
use egress::{Egress, HttpClient, Request};
use model::{
    connector_type::ConnectorType,
    data_path::DataPath,
    deadline::Deadline,
    policy::{Operation, OperationClass, Route},
    record::ConnectorRecord,
};
use reqwest::{
    Method,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use url::Url;

use crate::{
    Connector, Executed, Request as Asked, Stages, credentials::Credentials, error::ConnectorError,
    operation::OperationSpec, operation::find, rows::Rows,
};

const fn operation(name: &'static str, class: OperationClass, summary: &'static str) -> OperationSpec {
    OperationSpec { name, verb: name, class, summary, parameters: r#"{"type":"object"}"# }
}

/// The operations are the methods.
const OPERATIONS: [OperationSpec; 5] = [
    operation("GET", OperationClass::Read, "Reads a path; the parameters become query parameters."),
    operation("POST", OperationClass::Write, "Posts the parameters as JSON to a path."),
    operation("PUT", OperationClass::Write, "Puts the parameters as JSON to a path."),
    operation("PATCH", OperationClass::Write, "Patches a path with the parameters as JSON."),
    operation("DELETE", OperationClass::Write, "Deletes a path; parameters, if any, go as a JSON body."),
];

pub(crate) fn operations() -> &'static [OperationSpec] {
    &OPERATIONS
}

/// A query is a GET unless the caller names another operation, which governance then refuses.
pub(crate) fn classify(_route: Route, asked: Asked<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let found = find(&OPERATIONS, asked.operation.unwrap_or("GET"));
    found.map(|operation| vec![operation.judged()]).map_err(ConnectorError::Invalid)
}

/// One HTTP service.
pub(crate) struct Custom {
    base: Url,
    client: HttpClient,
    headers: HeaderMap,
    credentials: Option<Credentials>,
    data_path: Option<DataPath>,
}

impl Custom {
    pub(crate) fn new(
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let base = record.connection_url.as_deref().unwrap_or_default();
        let options = &record.options;
        let mut headers = plain_headers(options.get("headers"))?;
        auth::apply(options, credentials.as_ref(), &mut headers)?;
        let egress = match options.text("ca_pem") {
            None => egress.clone(),
            Some(pem) => egress
                .trusting(pem)
                .map_err(|error| ConnectorError::Configuration(format!("options.ca_pem: {error}")))?,
        };
        let data_path = options.text("data_path").map(DataPath::parse).transpose();
        let data_path =
            data_path.map_err(|why| ConnectorError::Configuration(format!("options.data_path {why}")))?;
        Ok(Self { client: egress.http(base)?, base: path::base(base)?, headers, credentials, data_path })
    }

    /// What must not come back in a message: the secret's values, and what was sent of them.
    fn secrets(&self) -> Vec<&str> {
        let sensitive = self.headers.values().filter(|value| value.is_sensitive());
        let sent = sensitive.filter_map(|value| value.to_str().ok()?.split(' ').next_back());
        self.credentials.iter().flat_map(Credentials::values).chain(sent).collect()
    }
}

#[async_trait]
impl Connector for Custom {
    async fn execute(&self, _asked: Asked<'_>, _deadline: Deadline) -> Result<Executed, ConnectorError> {
        Err(ConnectorError::Unsupported(ConnectorType::Custom))
    }

    async fn health(&self, _stages: &mut Stages<'_>, _deadline: Deadline) -> Result<(), ConnectorError> {
        Err(ConnectorError::Unsupported(ConnectorType::Custom))
    }

    async fn query(&self, query: Asked<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        let url = path::below(&self.base, query.statement.unwrap_or_default(), query.parameters)?;
        let request = Request { headers: self.headers.clone(), ..Request::new(Method::GET, url) };
        let response = self.client.send(request, deadline).await?;
        match answer::refusal(&response, &self.secrets()) {
            Some(refusal) => Err(refusal),
            None => body::rows(response, self.data_path.clone(), query.limit).await,
        }
    }
}

/// Headers by which some frameworks let a request act as another method than governance judged.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

/// The record's own headers; a credential among them was refused when it was written.
fn plain_headers(option: Option<&Value>) -> Result<HeaderMap, ConnectorError> {
    let wrong = || ConnectorError::Configuration("options.headers must map header names to strings".into());
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let Some(option) = option else { return Ok(headers) };
    for (name, value) in option.as_object().ok_or_else(wrong)? {
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        if METHOD_OVERRIDES.contains(&name.as_str()) {
            let why = format!("options.headers must not hold {name}: a read could become a write");
            return Err(ConnectorError::Configuration(why));
        }
        let value = value.as_str().and_then(|value| value.parse().ok()).ok_or_else(wrong)?;
        headers.insert(name, value);
    }
    Ok(headers)
}
