//! A vendor with an HTTP API that speaks JSON, as data: its operations, how it is reached, what its answers mean. One
//! connector, [`Api`], serves them all; a vendor's file says only what is the vendor's own. How to write one:
//! docs/adding-a-vendor.md.

pub(crate) mod api;
pub(crate) mod args;
mod asked;
mod call;
pub(crate) mod draft;
mod health;
mod lists;
pub(crate) mod node;
pub(crate) mod op;
mod pages;
pub(crate) mod reference;
pub(crate) mod said;
pub(crate) mod way;

use egress::Response;
use model::{connector_type::ConnectorType, policy::Operation};

use self::{
    op::Op,
    said::Refused,
    way::{Setup, Way},
};
use crate::{ConnectorError, Request, operation::OperationSpec, parameter::check};

/// One vendor.
#[derive(Debug)]
pub(crate) struct Vendor {
    /// Its type.
    pub(crate) kind: ConnectorType,
    /// Its name, for people.
    pub(crate) name: &'static str,
    /// What can be asked of it.
    pub(crate) operations: &'static [Op],
    /// The operation that a statement in the vendor's query language means, where it has one. The operation says
    /// which of its parameters the statement is.
    pub(crate) language: Option<fn(&str) -> &'static str>,
    /// Where a record's API is, and who calls.
    pub(crate) way: fn(&Setup<'_>) -> Result<Way, ConnectorError>,
    /// What an answer says against its request, if anything.
    pub(crate) refusal: fn(&Response) -> Option<Refused>,
    /// The cheapest call that changes nothing and needs the credentials.
    pub(crate) health: Health,
}

/// The call of the live test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Health {
    /// An operation without parameters; it is not listed.
    pub(crate) op: Op,
    /// What its answer shows, for people; or what is wrong all the same.
    pub(crate) told: fn(&Response, &Setup<'_>) -> Result<String, ConnectorError>,
}

impl Vendor {
    /// What governance judges: the operation, or each piece of one that is made of several.
    pub(crate) fn classify(&self, request: Request<'_>) -> Result<Vec<Operation>, ConnectorError> {
        let asked = self.asked(request)?;
        match asked.op.pieces {
            Some(pieces) => pieces(&asked.op, &asked.args),
            None => Ok(vec![asked.op.spec.judged()]),
        }
    }

    /// Every fault of a call's parameters, before anything is dialled.
    pub(crate) fn check(&self, request: Request<'_>) -> Result<(), ConnectorError> {
        let asked = self.asked(request)?;
        let faults = check::faults(asked.op.parameters(), asked.op.spec.choices, asked.args.all());
        if faults.is_empty() { Ok(()) } else { Err(ConnectorError::Faults(faults)) }
    }

    /// The operations as listings have them.
    pub(crate) fn specs(&self) -> impl Iterator<Item = &'static OperationSpec> + Clone {
        self.operations.iter().map(|op| &op.spec)
    }
}
