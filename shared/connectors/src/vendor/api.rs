//! One vendor's API for one record: the connector that every vendor shares.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use egress::{Egress, HttpClient};
use model::{deadline::Deadline, policy::OperationClass, record::ConnectorRecord};
use url::Url;

use super::{
    Vendor,
    args::Args,
    draft::Draft,
    lists,
    op::{Effect, Op},
    way::{Setup, Way},
};
use crate::{
    Connector, ConnectorError, Credentials, Executed, Request as Asked, Rows, Stages, http::body,
    request::Context, trust::way_out,
};

/// A vendor's API, ready to be called.
pub(crate) struct Api {
    pub(crate) vendor: &'static Vendor,
    pub(crate) record: ConnectorRecord,
    pub(crate) way: Way,
    pub(crate) credentials: Credentials,
    pub(crate) egress: Egress,
    pub(super) client: HttpClient,
    /// The client for where the token's issuer sent us, if it did.
    elsewhere: Mutex<Option<(Url, HttpClient)>>,
}

/// One operation under way.
#[derive(Clone, Copy)]
pub(crate) struct Running<'r> {
    pub(crate) api: &'r Api,
    pub(crate) op: &'r Op,
    pub(crate) args: &'r Args<'r>,
    pub(crate) limit: Option<usize>,
    pub(crate) context: Context,
}

impl Api {
    pub(crate) fn new(
        vendor: &'static Vendor,
        record: &ConnectorRecord,
        credentials: Option<Credentials>,
        egress: &Egress,
    ) -> Result<Self, ConnectorError> {
        lists::check(vendor, &record.options)?;
        Credentials::needed(credentials.as_ref())?;
        let credentials = credentials.unwrap_or_default();
        let egress = way_out(&record.options, egress)?;
        let way = (vendor.way)(&Setup { record, credentials: &credentials, egress: &egress })?;
        let client = egress.http(way.base.as_str())?;
        Ok(Self {
            vendor,
            record: record.clone(),
            way,
            credentials,
            egress,
            client,
            elsewhere: Mutex::default(),
        })
    }

    /// What the vendor's file was given.
    pub(crate) fn setup(&self) -> Setup<'_> {
        Setup { record: &self.record, credentials: &self.credentials, egress: &self.egress }
    }

    /// The client for a base URL, judged like any other where it is not the record's own.
    pub(super) fn client_for(&self, base: &Url) -> Result<HttpClient, ConnectorError> {
        if base.origin() == self.way.base.origin() {
            return Ok(self.client.clone());
        }
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = elsewhere.as_ref().filter(|(known, _)| known == base) {
            return Ok(client.clone());
        }
        let client = self.egress.http(base.as_str())?;
        *elsewhere = Some((base.clone(), client.clone()));
        Ok(client)
    }

    async fn run(&self, request: Asked<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        self.vendor.check(request)?;
        let asked = self.vendor.asked(request)?;
        let context = request.context(deadline);
        let running = Running { api: self, op: &asked.op, args: &asked.args, limit: request.limit, context };
        match asked.op.run {
            Some(run) => run(running).await,
            None => running.plainly().await,
        }
    }
}

impl Running<'_> {
    /// The operation as its declaration says.
    pub(crate) async fn plainly(self) -> Result<Executed, ConnectorError> {
        let draft = self.draft()?;
        match self.op.spec.class {
            OperationClass::Read => self.read(draft).await,
            OperationClass::Write => self.write(draft).await,
        }
    }

    /// The operation's request.
    pub(crate) fn draft(self) -> Result<Draft, ConnectorError> {
        Draft::of(self.op, self.args, &self.api.way, self.limit)
    }

    /// Reads a request's answer and every page after it.
    pub(crate) async fn read(self, draft: Draft) -> Result<Executed, ConnectorError> {
        let rows = self.api.pages(self.op, draft, self.limit, self.context).await?;
        let message = format!("{}, {} rows", self.op.spec.name, rows.items().len());
        Ok(Executed { rows_affected: 0, message, rows: Some(rows) })
    }

    /// Sends a request that changes something. It is done when it is answered, whatever the answer holds.
    pub(crate) async fn write(self, draft: Draft) -> Result<Executed, ConnectorError> {
        let response = self.send(&draft).await?;
        let message = format!("{} {}", self.op.spec.name, response.status.as_u16());
        let rows = body::after_write(response, Some(super::pages::pointer(self.op.rows)), self.limit).await;
        // Where an answer lists what was written, it may be several.
        let listed = rows.as_ref().filter(|_| !self.op.rows.is_empty()).map(|rows| rows.items().len());
        let rows_affected = listed.and_then(|count| count.try_into().ok()).unwrap_or(1);
        Ok(Executed { rows_affected, message, rows })
    }

    /// Sends one request of the operation: again where that does no harm.
    pub(crate) async fn send(self, draft: &Draft) -> Result<egress::Response, ConnectorError> {
        self.api.call(draft, self.op.effect(), self.context).await
    }

    /// Sends one request that only reads, whatever the operation does.
    pub(crate) async fn look(self, draft: &Draft) -> Result<egress::Response, ConnectorError> {
        self.api.call(draft, Effect::None, self.context).await
    }
}

#[async_trait]
impl Connector for Api {
    async fn query(&self, asked: Asked<'_>, deadline: Deadline) -> Result<Rows, ConnectorError> {
        Ok(self.run(asked, deadline).await?.rows.unwrap_or_default())
    }

    async fn execute(&self, asked: Asked<'_>, deadline: Deadline) -> Result<Executed, ConnectorError> {
        self.run(asked, deadline).await
    }

    async fn health(&self, stages: &mut Stages<'_>, deadline: Deadline) -> Result<(), ConnectorError> {
        self.test(stages, stages.context(deadline)).await
    }
}
