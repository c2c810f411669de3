//! Parameters as text: the server infers what each is, so that a number keeps its digits and an injection stays a
//! value. Only lists need to know: a list for an array is written as an array, any other as JSON.

use std::{error::Error, fmt};

use bytes::BytesMut;
use model::fault::shortened;
use serde_json::value::RawValue;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type};

use crate::ConnectorError;

/// One value in the server's text form; `None` is NULL. Its `Debug` shows nothing of it.
pub(super) struct Text(Option<String>);

/// The values of a statement for the types that the server inferred.
pub(super) fn texts(values: &[(String, &str)], types: &[Type]) -> Result<Vec<Text>, ConnectorError> {
    if values.len() != types.len() {
        // Then it was judged as something else, too.
        return Err(ConnectorError::Invalid(
            "the server finds other parameters in the statement than are written there".into(),
        ));
    }
    values
        .iter()
        .enumerate()
        .map(|(at, (name, json))| {
            let array = types.get(at).is_some_and(is_array);
            text(json, array).map_err(|why| {
                ConnectorError::Invalid(format!("the value of the parameter {:?} {why}", shortened(name)))
            })
        })
        .collect()
}

fn is_array(kind: &Type) -> bool {
    match kind.kind() {
        Kind::Array(_) => true,
        Kind::Domain(base) => is_array(base),
        _ => false,
    }
}

fn text(json: &str, array: bool) -> Result<Text, &'static str> {
    let text = match json.as_bytes().first() {
        Some(b'n') => return Ok(Text(None)),
        Some(b'"') => string(json)?,
        Some(b'[') if array => {
            let mut literal = String::new();
            write_array(json, &mut literal)?;
            literal
        }
        _ => json.to_owned(),
    };
    if text.contains('\0') {
        Err("holds a NUL character, which no text of this server can")
    } else {
        Ok(Text(Some(text)))
    }
}

fn string(json: &str) -> Result<String, &'static str> {
    serde_json::from_str(json).map_err(|_| "is no readable string")
}

/// `{1,NULL,"a"}`; lists in lists are further dimensions.
fn write_array(json: &str, literal: &mut String) -> Result<(), &'static str> {
    let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| "is no readable list")?;
    literal.push('{');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            literal.push(',');
        }
        let item = item.get();
        match item.as_bytes().first() {
            Some(b'n') => literal.push_str("NULL"),
            Some(b'[') => write_array(item, literal)?,
            Some(b'"') => write_element(&string(item)?, literal),
            _ => write_element(item, literal),
        }
    }
    literal.push('}');
    Ok(())
}

fn write_element(text: &str, literal: &mut String) {
    literal.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            literal.push('\\');
        }
        literal.push(c);
    }
    literal.push('"');
}

impl ToSql for Text {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str, kind: Type) -> Option<String> {
        texts(&[("v".into(), json)], &[kind]).unwrap().remove(0).0
    }

    #[test]
    fn values_keep_their_digits_and_lists_take_the_form_of_their_type() {
        assert_eq!(shown("1.10", Type::NUMERIC).as_deref(), Some("1.10"));
        assert_eq!(shown("true", Type::BOOL).as_deref(), Some("true"));
        assert_eq!(shown(r#""a\"b""#, Type::TEXT).as_deref(), Some("a\"b"));
        assert_eq!(shown("null", Type::JSONB), None);
        let list = r#"["a\"\\,{}", null, [1.0], {"a": "b"}, "NULL", ""]"#;
        let literal = r#"{"a\"\\,{}",NULL,{"1.0"},"{\"a\": \"b\"}","NULL",""}"#;
        assert_eq!(shown(list, Type::TEXT_ARRAY).as_deref(), Some(literal));
        assert_eq!(shown(list, Type::JSONB).as_deref(), Some(list));
        assert_eq!(format!("{:?}", Text(Some("CANARY".into()))), "…");
    }

    #[test]
    fn a_nul_character_is_refused() {
        assert!(texts(&[("v".into(), r#""a\u0000""#)], &[Type::TEXT]).is_err());
    }
}
