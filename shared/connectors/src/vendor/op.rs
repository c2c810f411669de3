//! One operation of a vendor: what it is called, what it takes, and the request that it is.

use futures_util::future::BoxFuture;
use model::policy::{Operation, OperationClass};

use super::{api::Running, args::Args, draft::Draft};
use crate::{
    ConnectorError, Executed,
    operation::OperationSpec,
    parameter::{Choice, Parameter, Place},
};

/// One operation. Its declaration reads like a row of the vendor's documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    pub(crate) spec: OperationSpec,
    pub(crate) method: &'static str,
    /// Below the API's base; `{name}` is a parameter, `{$name}` one of the way's variables.
    pub(crate) path: &'static str,
    pub(crate) encoding: Encoding,
    /// What always goes with it: query parameters, or a form's fields.
    pub(crate) fixed: &'static [(&'static str, &'static str)],
    /// Where in the answer the rows are: a JSON Pointer.
    pub(crate) rows: &'static str,
    pub(crate) pages: Pages,
    /// Where a page's size goes, and the most that the vendor gives.
    pub(crate) size: Option<(Place, usize)>,
    /// How many rows the vendor lets anybody page through, where it refuses to go on.
    pub(crate) end: Option<usize>,
    /// Whether a repetition changes nothing more, as the vendor has it: a write by a key of the caller's.
    pub(crate) keyed: bool,
    /// The parameter that a statement is.
    pub(crate) statement: Option<&'static str>,
    /// What the declaration can't say of the request.
    pub(crate) shape: Option<Shape>,
    /// Code in place of the one request.
    pub(crate) run: Option<Run>,
    /// What governance judges, where it is more than the operation itself.
    pub(crate) pieces: Option<Pieces>,
    /// Parameters that it takes, as JSON: for its page, and for a test that it does.
    pub(crate) example: &'static str,
}

/// What a request does at the vendor, and so whether it may get there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing.
    None,
    /// It changes something, and a repetition nothing more.
    Keyed,
    /// It changes something each time.
    Once,
}

/// Changes a request before it is sent.
pub(crate) type Shape = fn(&Args<'_>, &mut Draft, Option<usize>) -> Result<(), ConnectorError>;
/// Does an operation of several requests.
pub(crate) type Run = for<'r> fn(Running<'r>) -> BoxFuture<'r, Result<Executed, ConnectorError>>;
/// Says what an operation amounts to.
pub(crate) type Pieces = fn(&Op, &Args<'_>) -> Result<Vec<Operation>, ConnectorError>;

/// What a body is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// There is none; parameters go in the query.
    Nothing,
    Json,
    Form,
}

/// How an answer leads to the next page.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pages {
    /// There is one.
    One,
    /// A cursor in the answer goes with the next request; empty, null or absent means the end.
    Cursor { at: &'static str, send: Place },
    /// The answer holds the next page's URL or path.
    Next { at: &'static str },
    /// The same, where its host and path are not to be relied on: only its query counts.
    Query { at: &'static str },
    /// A `Link` header does.
    Link,
    /// The next request says how many rows came before; the answer says how many there are.
    Offset { send: Place, total: &'static str },
    /// The next request says how many rows were asked for before. A page may hold fewer than that, and nothing says how
    /// many there are: the first page without rows is the end.
    Further { send: Place },
}

impl Op {
    const fn new(
        name: &'static str,
        verb: &'static str,
        class: OperationClass,
        summary: &'static str,
    ) -> Self {
        Self {
            spec: OperationSpec { name, verb, class, summary, parameters: Some(&[]), choices: &[] },
            method: "GET",
            path: "",
            encoding: Encoding::Nothing,
            fixed: &[],
            rows: "",
            pages: Pages::One,
            size: None,
            end: None,
            keyed: false,
            statement: None,
            shape: None,
            run: None,
            pieces: None,
            example: "{}",
        }
    }

    /// One that changes nothing.
    pub(crate) const fn read(name: &'static str, summary: &'static str) -> Self {
        Self::new(name, "READ", OperationClass::Read, summary)
    }

    /// One that may change something; the verb is what lists of blocked operations may name.
    pub(crate) const fn write(name: &'static str, verb: &'static str, summary: &'static str) -> Self {
        Self::new(name, verb, OperationClass::Write, summary)
    }

    const fn sent(self, method: &'static str, path: &'static str, encoding: Encoding) -> Self {
        Self { method, path, encoding, ..self }
    }

    pub(crate) const fn get(self, path: &'static str) -> Self {
        self.sent("GET", path, Encoding::Nothing)
    }

    pub(crate) const fn delete(self, path: &'static str) -> Self {
        self.sent("DELETE", path, Encoding::Nothing)
    }

    /// A POST of JSON.
    pub(crate) const fn post(self, path: &'static str) -> Self {
        self.sent("POST", path, Encoding::Json)
    }

    /// A POST of a form.
    pub(crate) const fn form(self, path: &'static str) -> Self {
        self.sent("POST", path, Encoding::Form)
    }

    pub(crate) const fn put(self, path: &'static str) -> Self {
        self.sent("PUT", path, Encoding::Json)
    }

    pub(crate) const fn patch(self, path: &'static str) -> Self {
        self.sent("PATCH", path, Encoding::Json)
    }

    pub(crate) const fn takes(self, parameters: &'static [Parameter]) -> Self {
        Self { spec: OperationSpec { parameters: Some(parameters), ..self.spec }, ..self }
    }

    /// What of its parameters goes together, or does not.
    pub(crate) const fn choosing(self, choices: &'static [Choice]) -> Self {
        Self { spec: OperationSpec { choices, ..self.spec }, ..self }
    }

    pub(crate) const fn with(self, fixed: &'static [(&'static str, &'static str)]) -> Self {
        Self { fixed, ..self }
    }

    pub(crate) const fn rows(self, rows: &'static str) -> Self {
        Self { rows, ..self }
    }

    pub(crate) const fn pages(self, pages: Pages) -> Self {
        Self { pages, ..self }
    }

    pub(crate) const fn sized(self, place: Place, most: usize) -> Self {
        Self { size: Some((place, most)), ..self }
    }

    /// After so many rows the vendor refuses to go on: the answer ends there and says that it was cut.
    pub(crate) const fn ends_after(self, rows: usize) -> Self {
        Self { end: Some(rows), ..self }
    }

    pub(crate) const fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    pub(crate) const fn statement(self, parameter: &'static str) -> Self {
        Self { statement: Some(parameter), ..self }
    }

    pub(crate) const fn shaped(self, shape: Shape) -> Self {
        Self { shape: Some(shape), ..self }
    }

    pub(crate) const fn run(self, run: Run) -> Self {
        Self { run: Some(run), ..self }
    }

    pub(crate) const fn judged(self, pieces: Pieces) -> Self {
        Self { pieces: Some(pieces), ..self }
    }

    pub(crate) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// What it takes.
    pub(crate) fn parameters(&self) -> &'static [Parameter] {
        self.spec.parameters.unwrap_or_default()
    }

    /// How many rows a page is asked to hold.
    pub(crate) fn page_size(&self, limit: Option<usize>) -> usize {
        let most = self.size.map_or(1, |(_, most)| most);
        limit.map_or(most, |limit| limit.clamp(1, most))
    }

    /// What its request does at the vendor.
    pub(crate) fn effect(&self) -> Effect {
        match self.spec.class {
            OperationClass::Read => Effect::None,
            OperationClass::Write if self.keyed => Effect::Keyed,
            OperationClass::Write => Effect::Once,
        }
    }
}
