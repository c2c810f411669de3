//! Statements that can't stand inside another one: EXPLAIN, SHOW and CALL. Their columns are of few types, which are
//! read in the driver's binary form.

use std::{error::Error, pin::pin, str};

use futures_util::TryStreamExt;
use serde_json::Value;
use tokio_postgres::{
    Statement as Prepared,
    types::{FromSql, Kind, Type},
};

use super::{
    bind,
    columns::Columns,
    failure,
    pool::{Lease, Pool},
    read::Read,
    statement::Statement,
};
use crate::{ConnectorError, Rows};

/// Whether a statement is one of these.
pub(super) fn suits(statement: &Statement<'_>) -> bool {
    matches!(statement.verb.as_str(), "EXPLAIN" | "SHOW" | "CALL")
}

/// Runs a statement as it is.
pub(super) async fn read(
    pool: &Pool,
    lease: &Lease,
    statement: &Statement<'_>,
    prepared: &Prepared,
    wanted: Option<usize>,
) -> Result<Read, ConnectorError> {
    let session = lease.session()?;
    let failed = |error| failure::of_call(&error, &pool.dialer.target, &session.meter);
    if let Some(column) = prepared.columns().iter().find(|column| !Json::accepts(column.type_())) {
        return Err(ConnectorError::Invalid(format!(
            "{} gives a column of type {}, which only a SELECT can show; return it as text or jsonb",
            statement.verb,
            column.type_().name()
        )));
    }
    let parameters = bind::texts(&statement.values, prepared.params())?;
    let stream = session.client.query_raw(prepared, parameters).await.map_err(failed)?;
    let mut stream = pin!(stream);
    let columns = Columns::of(prepared.columns());
    let mut read = Read { rows: Rows::up_to(wanted), total: 0 };
    // Read to its end: there are few rows, and the connection's meter bounds them.
    while let Some(row) = stream.try_next().await.map_err(failed)? {
        let values: Result<Vec<Option<Json>>, _> = (0..row.len()).map(|at| row.try_get(at)).collect();
        let values = values.map_err(failed)?;
        read.rows.push(columns.row(values.iter().map(|value| value.as_ref().map(|json| json.0.as_str())))?);
        read.total += 1;
    }
    Ok(read)
}

/// A value's JSON text.
struct Json(String);

impl<'a> FromSql<'a> for Json {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::JSON => str::from_utf8(raw)?.to_owned(),
            // The first byte is the format's version.
            Type::JSONB => str::from_utf8(raw.get(1..).unwrap_or_default())?.to_owned(),
            Type::BOOL => bool::from_sql(kind, raw)?.to_string(),
            Type::INT2 => i16::from_sql(kind, raw)?.to_string(),
            Type::INT4 => i32::from_sql(kind, raw)?.to_string(),
            Type::INT8 => i64::from_sql(kind, raw)?.to_string(),
            // An object id is a string to the server, and to the shape of its column.
            Type::OID => Value::from(u32::from_sql(kind, raw)?.to_string()).to_string(),
            _ => Value::from(str::from_utf8(raw)?).to_string(),
        }))
    }

    fn accepts(kind: &Type) -> bool {
        let known = [
            Type::JSON,
            Type::JSONB,
            Type::BOOL,
            Type::INT2,
            Type::INT4,
            Type::INT8,
            Type::OID,
            Type::TEXT,
            Type::VARCHAR,
            Type::BPCHAR,
            Type::NAME,
            Type::XML,
        ];
        known.contains(kind) || matches!(kind.kind(), Kind::Enum(_))
    }
}
