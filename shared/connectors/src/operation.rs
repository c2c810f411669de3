//! The operations of a connector, as data: what they are called, whether they write, what they take.

use model::{
    fault::shortened,
    policy::{Operation, OperationClass},
};

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationSpec {
    /// Its name.
    pub name: &'static str,
    /// The verb it amounts to.
    pub verb: &'static str,
    /// Whether it writes.
    pub class: OperationClass,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The JSON Schema (2020-12) of its parameters, as JSON text.
    pub parameters: &'static str,
}

impl OperationSpec {
    /// The operation as governance judges it.
    pub fn judged(self) -> Operation {
        Operation { name: self.name.into(), verb: self.verb, class: self.class }
    }
}

/// Finds an operation by name, whatever its case; the error lists the known ones.
pub(crate) fn find(operations: &[OperationSpec], name: &str) -> Result<OperationSpec, String> {
    operations.iter().copied().find(|known| known.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known: Vec<&str> = operations.iter().map(|known| known.name).collect();
        format!("there is no operation {:?}; known are {}", shortened(name), known.join(", "))
    })
}
