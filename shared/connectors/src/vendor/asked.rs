//! What a call asks of a vendor: an operation by its name, or a statement in the vendor's query language.

use super::{Vendor, args::Args, op::Op};
use crate::{ConnectorError, Request, operation::find};

/// An operation and its parameters.
pub(super) struct Asked<'a> {
    pub(super) op: Op,
    pub(super) args: Args<'a>,
}

impl Vendor {
    pub(super) fn asked<'a>(&self, request: Request<'a>) -> Result<Asked<'a>, ConnectorError> {
        let statement = request.statement.filter(|text| !text.trim().is_empty());
        let named =
            |text: &str| self.operations.iter().find(|op| op.spec.name.eq_ignore_ascii_case(text.trim()));
        let (op, statement) = match (request.operation, statement) {
            // Existing clients name the operation in the statement, some in both.
            (Some(name), Some(text)) if name.eq_ignore_ascii_case(text.trim()) => (self.find(name)?, None),
            (Some(name), statement) => (self.find(name)?, statement),
            (None, Some(text)) => match (named(text), self.language) {
                (Some(op), _) => (*op, None),
                (None, Some(language)) => (self.find(language(text))?, Some(text)),
                (None, None) => (self.find(text)?, None),
            },
            (None, None) => {
                let known: Vec<&str> = self.specs().map(|spec| spec.name).collect();
                let why = format!("the call names no operation; known are {}", known.join(", "));
                return Err(ConnectorError::Invalid(why));
            }
        };
        let args = Args::new(request.parameters);
        let args = match (statement, op.statement) {
            (None, _) => args,
            (Some(_), Some(parameter)) if args.has(parameter) => {
                let why =
                    format!("the statement and the parameter {parameter} say the same; give one of them");
                return Err(ConnectorError::Invalid(why));
            }
            (Some(text), Some(parameter)) => args.with(parameter, text),
            (Some(_), None) => {
                let name = op.spec.name;
                let why = format!("{name} takes no statement; what it takes goes in `parameters`");
                return Err(ConnectorError::Invalid(why));
            }
        };
        Ok(Asked { op, args })
    }

    fn find(&self, name: &str) -> Result<Op, ConnectorError> {
        let spec = find(self.specs(), name).map_err(ConnectorError::Invalid)?;
        let op = self.operations.iter().find(|op| op.spec.name == spec.name);
        op.copied().ok_or_else(|| ConnectorError::Invalid(format!("there is no operation {name}")))
    }
}
