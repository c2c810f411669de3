//! Any HTTP service that speaks JSON. A query is a GET of a path below the record's base URL, an execute another
//! method with a JSON body.

mod auth;
mod call;
mod health;
mod pages;
mod path;
mod write;

use std::fmt::Display;

use async_trait::async_trait;
use egress::{Egress, HttpClient};
use model::{
    data_path::DataPath,
    deadline::Deadline,
    policy::{Operation, OperationClass, Route},
    record::ConnectorRecord,
};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::{
    Connector, Executed, Request as Asked, Stages, credentials::Credentials, error::ConnectorError,
    http::auth::Auth, operation::OperationSpec, operation::find, rows::Rows, trust::way_out,
};

const fn operation(name: &'static str, class: OperationClass, summary: &'static str) -> OperationSpec {
    OperationSpec { name, verb: name, class, summary, parameters: None, choices: &[] }
}

const GET: &str = "GET";

/// The operations are the methods.
const OPERATIONS: [OperationSpec; 5] = [
    operation(GET, OperationClass::Read, "Reads a path; the parameters become query parameters."),
    operation("POST", OperationClass::Write, "Posts the parameters as JSON to a path."),
    operation("PUT", OperationClass::Write, "Puts the parameters as JSON to a path."),
    operation("PATCH", OperationClass::Write, "Patches a path with the parameters as JSON."),
    operation("DELETE", OperationClass::Write, "Deletes a path; parameters, if any, go as a JSON body."),
];

pub(crate) fn operations() -> &'static [OperationSpec] {
    &OPERATIONS
}

/// A query is a GET unless the caller names another operation, which governance then refuses. An execute must say
/// what it does.
pub(crate) fn classify(route: Route, asked: Asked<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let named = match route {
        Route::Query => Some(asked.operation.unwrap_or(GET)),
        Route::Execute => asked.operation,
    };
    named_operation(named).map(|operation| vec![operation.judged()])
}

fn named_operation(name: Option<&str>) -> Result<OperationSpec, ConnectorError> {
    let name = name.ok_or_else(|| {
        let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        ConnectorError::Invalid(format!("an execute needs an action; it is one of {}", known.join(", ")))
    })?;
    find(&OPERATIONS, name).map_err(ConnectorError::Invalid)
}

/// One HTTP service.
pub(crate) struct Custom {
    base: Url,
    client: HttpClient,
    headers: HeaderMap,
    auth: Auth,
    credentials: Option<Credentials>,
    data_path: Option<DataPath>,
    health_url: Option<Url>,
    max_retries: u8,
}

impl Custom {
    pub(crate) fn new(
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        let wrong = |option: &str, why: &dyn Display| {
            ConnectorError::Configuration(format!("options.{option} {why}"))
        };
        let (options, max_retries) = (&record.options, record.max_retries);
        let base_url = record.connection_url.as_deref().unwrap_or_default();
        let egress = way_out(options, egress)?;
        let base = path::base(base_url)?;
        let data_path = options.text("data_path").map(DataPath::parse).transpose();
        let health_url = options.text("health_path").map(|text| path::of_path(&base, text)).transpose();
        Ok(Self {
            headers: plain_headers(options.get("headers"))?,
            auth: auth::read(options, credentials.as_ref(), &egress, max_retries)?,
            data_path: data_path.map_err(|why| wrong("data_path", &why))?,
            health_url: health_url.map_err(|why| wrong("health_path", &why))?,
            client: egress.http(base_url)?,
            base,
            credentials,
            max_retries,
        })
    }
}

#[async_trait]
impl Connector for Custom {
    async fn query(&self, asked: Asked<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        let url = path::below(&self.base, asked.statement.unwrap_or_default(), asked.parameters)?;
        self.pages(url, asked.limit, asked.context(deadline)).await
    }

    async fn execute(&self, asked: Asked<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        let operation = named_operation(asked.operation)?;
        if operation.name != GET {
            return self.write(operation, asked, asked.context(deadline)).await;
        }
        let rows = self.query(asked, deadline).await?;
        Ok(Executed {
            rows_affected: 0,
            message: format!("GET, {} rows", rows.items().len()),
            rows: Some(rows),
        })
    }

    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError> {
        self.test(stages, stages.context(deadline)).await
    }
}

/// Headers by which some frameworks let a request act as another method than governance judged.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

fn refuse_override(name: &HeaderName, what: &str) -> Result<(), ConnectorError> {
    if METHOD_OVERRIDES.contains(&name.as_str()) {
        let why = format!("{what} {name}: a read could become a write");
        return Err(ConnectorError::Configuration(why));
    }
    Ok(())
}

/// The record's own headers; a credential among them was refused when it was written.
fn plain_headers(option: Option<&Value>) -> Result<HeaderMap, ConnectorError> {
    let wrong = || ConnectorError::Configuration("options.headers must map header names to strings".into());
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let Some(option) = option else { return Ok(headers) };
    for (name, value) in option.as_object().ok_or_else(wrong)? {
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        refuse_override(&name, "options.headers must not hold")?;
        let value = value.as_str().and_then(|value| value.parse().ok()).ok_or_else(wrong)?;
        headers.insert(name, value);
    }
    Ok(headers)
}
