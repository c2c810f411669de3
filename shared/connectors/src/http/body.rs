//! From an answer's body to rows: an array gives one row an element, an object one row, text `{"body": "…"}`, an
//! empty body none.

use egress::Response;
use model::data_path::DataPath;
use serde_json::{json, value::RawValue};

use super::answer;
use crate::{error::ConnectorError, json, rows::Rows};

/// Adds the rows of a body. Reading megabytes takes a while, so it is done where no other call waits for it.
pub(crate) async fn rows(
    response: Response,
    data_path: Option<DataPath>,
    rows: Rows,
) -> Result<Rows, ConnectorError> {
    apart(move || read(&response, data_path.as_ref(), rows)).await?
}

/// What a write gave back; `None` where that is nothing. The write is done, so nothing about its answer is an error:
/// an answer without `data_path` is taken whole, and one that can't be read is left out.
pub(crate) async fn after_write(
    response: Response,
    data_path: Option<DataPath>,
    limit: Option<usize>,
) -> Option<Rows> {
    if is_empty(&response) {
        return None;
    }
    let read = move || {
        let rows = || Rows::up_to(limit);
        read(&response, data_path.as_ref(), rows()).or_else(|_| read(&response, None, rows())).ok()
    };
    apart(read).await.ok().flatten()
}

async fn apart<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Result<T, ConnectorError> {
    let unreadable = |_| ConnectorError::Upstream("the upstream's answer can't be read".into());
    tokio::task::spawn_blocking(read).await.map_err(unreadable)
}

fn is_empty(response: &Response) -> bool {
    response.body.iter().all(u8::is_ascii_whitespace)
}

/// Adds the rows of a body, here and now.
pub(crate) fn read(
    response: &Response,
    data_path: Option<&DataPath>,
    mut rows: Rows,
) -> Result<Rows, ConnectorError> {
    if is_empty(response) {
        return Ok(rows);
    }
    let text = std::str::from_utf8(&response.body)
        .map_err(|_| ConnectorError::Upstream("the upstream's answer is not text".into()))?;
    if !answer::is_json(response) {
        rows.push(raw(&json!({ "body": text }).to_string())?);
        return Ok(rows);
    }
    let not_json =
        |_| ConnectorError::Upstream("the upstream says that it answers in JSON, and does not".into());
    let text = text.trim_start_matches('\u{feff}');
    let path = data_path.cloned().unwrap_or_default();
    let value = json::at(text, &path).map_err(not_json)?.ok_or_else(|| {
        let why = format!(
            "the upstream's answer has nothing at /{}, where rows are looked for",
            path.steps().join("/")
        );
        ConnectorError::Upstream(why)
    })?;
    let value_text = value.get().trim();
    if json::push_elements(value, &mut rows).map_err(not_json)? || value_text == "null" {
        return Ok(rows);
    }
    if value_text.starts_with('{') {
        rows.push(value.to_owned());
    } else {
        rows.push(raw(&format!("{{\"body\":{value_text}}}"))?);
    }
    Ok(rows)
}

fn raw(json: &str) -> Result<Box<RawValue>, ConnectorError> {
    RawValue::from_string(json.to_owned()).map_err(|_| ConnectorError::Upstream("unreadable answer".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    };

    fn response(kind: &str, body: &[u8]) -> Response {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
        Response { status: StatusCode::OK, headers, body: body.to_owned().into() }
    }

    fn shown(kind: &str, body: &str, data_path: Option<&str>) -> Vec<String> {
        let path = data_path.map(|path| DataPath::parse(path).unwrap());
        let rows = read(&response(kind, body.as_bytes()), path.as_ref(), Rows::default()).unwrap();
        rows.items().iter().map(|row| row.get().to_owned()).collect()
    }

    #[test]
    fn bodies_become_rows_by_their_shape() {
        let json = "application/json; charset=utf-8";
        assert_eq!(shown(json, r#" [{"n":1.00}, 2, "x"] "#, None), [r#"{"n":1.00}"#, "2", r#""x""#]);
        assert_eq!(shown(json, r#"{"a":1}"#, None), [r#"{"a":1}"#]);
        assert_eq!(shown(json, "7", None), [r#"{"body":7}"#]);
        assert_eq!(shown("text/plain", "a \"b\"", None), [r#"{"body":"a \"b\""}"#]);
        assert_eq!(shown(json, r#"{"data":[1,2]}"#, Some("/data")), ["1", "2"]);
        assert!(shown(json, "", None).is_empty() && shown(json, "null", None).is_empty());
    }

    #[test]
    fn what_is_not_what_it_says_is_refused() {
        assert!(read(&response("application/json", b"{"), None, Rows::default()).is_err());
        assert!(read(&response("image/png", &[0xff, 0xfe]), None, Rows::default()).is_err());
    }

    #[tokio::test]
    async fn an_answer_to_a_write_is_never_an_error() {
        let after = |kind: &'static str, body: &'static [u8], path: &'static str| async move {
            let rows = after_write(response(kind, body), Some(DataPath::parse(path).unwrap()), None).await;
            rows.map(|rows| rows.items().iter().map(|row| row.get().to_owned()).collect::<Vec<_>>())
        };
        let json = "application/json";
        assert_eq!(after(json, br#"{"data":[1]}"#, "/data").await.unwrap(), ["1"]);
        assert_eq!(after(json, br#"{"id":1}"#, "/data").await.unwrap(), [r#"{"id":1}"#]);
        for (kind, body) in [(json, b"".as_slice()), (json, b"{"), ("image/png", b"\xff\xfe")] {
            assert_eq!(after(kind, body, "/data").await, None, "{kind}");
        }
    }
}
