//! Reading a JSON body field by field, so that one answer names every fault at once.

use serde_json::{Map, Value};

use crate::{
    fault::{Fault, Pointer},
    fields::Field,
};

/// A body being read, and what was found wrong with it so far.
pub(crate) struct Body<'v> {
    map: &'v Map<String, Value>,
    pub(crate) faults: Vec<Fault>,
}

impl<'v> Body<'v> {
    /// Takes the body if it is an object.
    pub(crate) fn new(value: &'v Value) -> Result<Self, Vec<Fault>> {
        match value {
            Value::Object(map) => Ok(Self { map, faults: Vec::new() }),
            _ => Err(vec![Fault::at(Pointer::root(), "must be a JSON object")]),
        }
    }

    /// The fields as sent.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
        self.map.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Notes a fault of one field.
    pub(crate) fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault::at(Pointer::field(name), detail));
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T>(&mut self, name: &str, read: impl FnOnce(&'v Value) -> Field<T>) -> Option<T> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        self.take(read(value))
    }

    /// A field that must be there.
    pub(crate) fn required<T>(&mut self, name: &str, read: impl FnOnce(&'v Value) -> Field<T>) -> Option<T> {
        match self.map.get(name) {
            None | Some(Value::Null) => {
                self.refuse(name, "is required");
                None
            }
            Some(value) => self.take(read(value)),
        }
    }

    /// A field that an update may leave, clear (null) or set.
    pub(crate) fn change<T>(&mut self, name: &str, read: impl FnOnce(&'v Value) -> Field<T>) -> Change<T> {
        match self.map.get(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => self.take(read(value)).map_or(Change::Keep, Change::Set),
        }
    }

    fn take<T>(&mut self, field: Field<T>) -> Option<T> {
        field.map_err(|faults| self.faults.extend(faults)).ok()
    }
}

/// What an update does to one field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change<T> {
    Keep,
    Clear,
    Set(T),
}

impl<T: Clone> Change<T> {
    /// The value after the change, where `default` stands for a cleared one.
    pub(crate) fn onto(&self, before: &T, default: impl FnOnce() -> T) -> T {
        match self {
            Self::Keep => before.clone(),
            Self::Clear => default(),
            Self::Set(value) => value.clone(),
        }
    }

    /// The optional value after the change.
    pub(crate) fn onto_option(&self, before: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => before.cloned(),
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        }
    }
}
