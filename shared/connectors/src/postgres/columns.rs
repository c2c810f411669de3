//! The columns of a result, and rows made of them.

use serde_json::value::RawValue;
use tokio_postgres::Column;

use super::shape::Shape;
use crate::{ConnectorError, names};

/// Names, as JSON, and what is to be done to the values.
pub(super) struct Columns(Vec<(String, Shape)>);

impl Columns {
    pub(super) fn of(columns: &[Column]) -> Self {
        let names = names::distinct(&columns.iter().map(Column::name).collect::<Vec<_>>());
        let keys = names.into_iter().map(|name| serde_json::Value::String(name).to_string());
        Self(keys.zip(columns.iter().map(|column| Shape::of(column.type_()))).collect())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What a row takes beside its values.
    pub(super) fn names_bytes(&self) -> usize {
        self.0.iter().map(|(key, _)| key.len() + 2).sum()
    }

    /// A row of the values' JSON texts.
    pub(super) fn row<'v>(
        &self,
        values: impl IntoIterator<Item = Option<&'v str>>,
    ) -> Result<Box<RawValue>, ConnectorError> {
        let unreadable = |_| ConnectorError::Upstream("a value of the answer is unreadable".into());
        let mut row = String::from("{");
        for (at, ((key, shape), value)) in self.0.iter().zip(values).enumerate() {
            if at > 0 {
                row.push(',');
            }
            row.push_str(key);
            row.push(':');
            match value {
                Some(json) => shape.write(json, &mut row).map_err(unreadable)?,
                None => row.push_str("null"),
            }
        }
        row.push('}');
        RawValue::from_string(row).map_err(unreadable)
    }
}
