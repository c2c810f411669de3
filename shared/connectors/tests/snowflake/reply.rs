//! Answers of the SQL API, as its reference shows them.

use std::io::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use serde_json::{Value, json};

pub(crate) const HANDLE: &str = "01b2c3d4-0000-1111-0000-000000000001";

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    sent: Sent,
    after: Duration,
}

#[derive(Clone, Debug)]
enum Sent {
    Text(String),
    Gzip(String),
    /// A part, and then the connection breaks.
    Cut(String),
    /// Spaces for ever, so many bytes every time, as fast as they are read or slowly.
    Endless(usize, Duration),
}

impl Reply {
    fn json(status: u16, body: &Value) -> Self {
        Self::text(status, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, sent: Sent::Text(body.to_owned()), after: Duration::ZERO }
    }

    /// A statement that has ended: columns by name, type and scale, and rows of strings and nulls.
    pub(crate) fn result(columns: &[(&str, &str, Option<i64>)], rows: &Value) -> Self {
        Self::json(200, &result_set(columns, rows, &[]))
    }

    /// The same with further partitions, whose sizes are told.
    pub(crate) fn first_of(columns: &[(&str, &str, Option<i64>)], rows: &Value, sizes: &[u64]) -> Self {
        Self::json(200, &result_set(columns, rows, sizes))
    }

    /// One column, one row.
    pub(crate) fn one(value: &str) -> Self {
        Self::result(&[("N", "FIXED", Some(0))], &json!([[value]]))
    }

    pub(crate) fn partition(rows: &Value) -> Self {
        Self::json(200, &json!({ "data": rows }))
    }

    /// A statement that still runs.
    pub(crate) fn underway(status_url: &str) -> Self {
        let body = json!({
            "code": "333334", "sqlState": "00000", "message": "Asynchronous execution in progress.",
            "statementHandle": HANDLE, "createdOn": 1_620_151_693_299_i64, "statementStatusUrl": status_url,
        });
        Self::json(202, &body)
    }

    /// The same by the vendor's own kind of URL.
    pub(crate) fn running() -> Self {
        Self::underway(&format!("/api/v2/statements/{HANDLE}?requestId=5ed9ce46-0000-0000-0000-000000000000"))
    }

    pub(crate) fn failure(status: u16, code: &str, message: &str) -> Self {
        let body = json!({
            "code": code, "sqlState": "42601", "message": message, "statementHandle": HANDLE,
            "statementStatusUrl": format!("/api/v2/statements/{HANDLE}"),
        });
        Self::json(status, &body)
    }

    pub(crate) fn body(self, body: impl FnOnce(String) -> String) -> Self {
        let Sent::Text(text) = self.sent else { panic!("no text") };
        Self { sent: Sent::Text(body(text)), ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn gzip(self) -> Self {
        let Sent::Text(text) = self.sent else { panic!("no text") };
        Self { sent: Sent::Gzip(text), ..self }.header("content-encoding", "gzip")
    }

    pub(crate) fn cut(self) -> Self {
        let Sent::Text(text) = self.sent else { panic!("no text") };
        Self { sent: Sent::Cut(text), ..self }
    }

    pub(crate) fn endless(bytes: usize, every: Duration) -> Self {
        Self { sent: Sent::Endless(bytes, every), ..Self::text(200, "") }
    }

    /// Answers later.
    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub(crate) async fn send(self) -> Response<Body> {
        tokio::time::sleep(self.after).await;
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = match self.sent {
            Sent::Text(text) => Body::from(text),
            Sent::Gzip(text) => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(text.as_bytes()).unwrap();
                Body::from(packed.finish().unwrap())
            }
            Sent::Cut(text) => {
                let half = Bytes::from(text[..text.len() / 2].to_owned());
                Body::from_stream(stream::iter([Ok(half), Err(std::io::Error::other("cut"))]))
            }
            Sent::Endless(bytes, every) => {
                let chunk = Bytes::from(vec![b' '; bytes]);
                Body::from_stream(stream::unfold((), move |()| {
                    let chunk = chunk.clone();
                    async move {
                        tokio::time::sleep(every).await;
                        Some((Ok::<_, std::io::Error>(chunk), ()))
                    }
                }))
            }
        };
        response.body(body).unwrap()
    }
}

fn result_set(columns: &[(&str, &str, Option<i64>)], rows: &Value, sizes: &[u64]) -> Value {
    let row_type: Vec<Value> = columns
        .iter()
        .map(|(name, kind, scale)| {
            json!({
                "name": name, "database": "", "schema": "", "table": "", "type": kind, "scale": scale,
                "precision": null, "length": null, "byteLength": null, "nullable": true, "collation": null,
            })
        })
        .collect();
    let first = json!({"rowCount": rows.as_array().map_or(0, Vec::len), "uncompressedSize": 100});
    let rest =
        sizes.iter().map(|size| json!({"rowCount": 1, "compressedSize": 10, "uncompressedSize": size}));
    let partitions: Vec<Value> = std::iter::once(first).chain(rest).collect();
    json!({
        "resultSetMetaData": {
            "numRows": rows.as_array().map_or(0, Vec::len), "format": "jsonv2", "rowType": row_type,
            "partitionInfo": partitions,
        },
        "data": rows, "code": "090001", "statementStatusUrl": format!("/api/v2/statements/{HANDLE}"),
        "requestId": "5ed9ce46-0000-0000-0000-000000000000", "sqlState": "00000", "statementHandle": HANDLE,
        "message": "Statement executed successfully.", "createdOn": 1_620_151_693_299_i64,
    })
}
