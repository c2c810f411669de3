//! The columns of a result, and rows made of them. A partition is read in one pass, and only its rows are kept.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{values::Shape, wire};
use crate::{ConnectorError, Rows, names};

/// Names, as JSON, and what becomes of the values.
pub(super) struct Columns(Vec<(String, Shape)>);

impl Columns {
    pub(super) fn of(columns: &[wire::Column]) -> Self {
        let given: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let keys =
            names::distinct(&given).into_iter().map(|name| serde_json::Value::String(name).to_string());
        Self(keys.zip(columns.iter().map(Shape::of)).collect())
    }

    /// Adds a partition's rows until there are enough.
    pub(super) fn push(&self, data: &RawValue, rows: &mut Rows) -> Result<(), ConnectorError> {
        let mut reader = serde_json::Deserializer::from_str(data.get());
        reader.deserialize_seq(Partition { columns: self, rows }).map_err(|_| wire::unreadable())
    }
}

struct Partition<'a> {
    columns: &'a Columns,
    rows: &'a mut Rows,
}

impl<'de> Visitor<'de> for Partition<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element_seed(Row(self.columns))? {
            let row = RawValue::from_string(row).map_err(|_| A::Error::custom("no row"))?;
            if !self.rows.push(row) {
                break;
            }
        }
        while rows.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// One row, as a JSON object.
struct Row<'a>(&'a Columns);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings and nulls")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<String, A::Error> {
        let mut row = String::from("{");
        for (key, shape) in &self.0.0 {
            let value: Option<Cell<'_>> =
                values.next_element()?.ok_or_else(|| A::Error::custom("a value lacks"))?;
            if row.len() > 1 {
                row.push(',');
            }
            row.push_str(key);
            row.push(':');
            match value {
                Some(Cell(text)) => shape.write(&text, &mut row),
                None => row.push_str("null"),
            }
        }
        if values.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("a value too many"));
        }
        row.push('}');
        Ok(row)
    }
}

/// A string, which mostly stays where it is.
#[derive(Deserialize)]
struct Cell<'j>(#[serde(borrow)] Cow<'j, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str, wanted: Option<usize>) -> Result<Vec<String>, ConnectorError> {
        let column =
            |name: &str, kind: &str| wire::Column { name: name.into(), kind: kind.into(), scale: None };
        let columns = Columns::of(&[column("N", "FIXED"), column("T", "TEXT"), column("N", "TEXT")]);
        let mut rows = Rows::up_to(wanted);
        columns.push(serde_json::from_str(data).unwrap(), &mut rows)?;
        Ok(rows.items().iter().map(|row| row.get().to_owned()).collect())
    }

    #[test]
    fn rows_are_objects_and_no_column_loses_its_value() {
        let data = r#"[["1","a\u00e4\"","x"],[null,null,null]]"#;
        let expected = [r#"{"N":1,"T":"aä\"","N_2":"x"}"#, r#"{"N":null,"T":null,"N_2":null}"#];
        assert_eq!(read(data, None).unwrap(), expected);
        assert_eq!(read(data, Some(1)).unwrap(), expected[..1]);
        assert!(read("[]", None).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_partition_is_refused() {
        for data in [
            "{}",
            "1",
            "[1]",
            r#"[["1","a"]]"#,
            r#"[["1","a","x","y"]]"#,
            r#"[["1","a",7]]"#,
            r#"[["1","a",["x"]]]"#,
        ] {
            assert!(read(data, None).is_err(), "{data}");
        }
    }
}
