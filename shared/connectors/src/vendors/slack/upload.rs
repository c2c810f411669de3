//! A file goes up in three steps: Slack makes a URL for it, the bytes go there, and a last call shares it. Until that
//! call nobody sees anything, so a file that got lost on the way may be sent again.

use base64::{Engine, prelude::BASE64_STANDARD};
use egress::{EgressError, Request, Retries};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use serde_json::{Value, json, value::RawValue};
use url::Url;

use crate::{
    ConnectorError, Executed,
    http::answer::{header, small},
    parameter::Place,
    vendor::{
        api::Running,
        draft::{Content, Draft},
    },
};

pub(super) async fn upload(running: Running<'_>) -> Result<Executed, ConnectorError> {
    let text = |name: &str| running.args.text(name);
    let bytes = content(&running);
    if text("thread_ts").is_some() && text("channel").is_none() {
        let why = "the parameter thread_ts needs channel: a thread is in a channel";
        return Err(ConnectorError::Invalid(why.into()));
    }
    let name = text("filename").unwrap_or_default();
    let (id, url) = place(running, &name, bytes.len()).await?;
    send(running, url, bytes).await?;
    let mut last = running.draft()?;
    let files = json!([{"id": id, "title": text("title").unwrap_or(name)}]);
    last.set(Place::Body("files"), "files", &files.to_string())?;
    running.write(last).await
}

/// Holds that a value is Base64.
pub(super) fn base64(json: &str) -> Result<Box<RawValue>, String> {
    let text: String = serde_json::from_str(json).unwrap_or_default();
    match BASE64_STANDARD.decode(text) {
        Ok(bytes) if !bytes.is_empty() => {
            RawValue::from_string(json.to_owned()).map_err(|error| error.to_string())
        }
        _ => Err("must be Base64, with its padding, of one byte at the least".into()),
    }
}

/// What the file holds, of the one of two parameters that is there.
fn content(running: &Running<'_>) -> Vec<u8> {
    let text = |name: &str| running.args.text(name);
    let decoded = || BASE64_STANDARD.decode(text("content_base64")?).ok();
    text("content").map(String::into_bytes).or_else(decoded).unwrap_or_default()
}

/// Where the file is to go, and what it is called from now on.
async fn place(running: Running<'_>, name: &str, length: usize) -> Result<(String, Url), ConnectorError> {
    let mut draft = Draft::plain(Method::POST, "/files.getUploadURLExternal".to_owned());
    let mut fields =
        vec![("filename".to_owned(), name.to_owned()), ("length".to_owned(), length.to_string())];
    for optional in ["alt_txt", "snippet_type"] {
        fields.extend(running.args.text(optional).map(|value| (optional.to_owned(), value)));
    }
    draft.body = Content::Form(fields);
    let answer = running.look(&draft).await?;
    let body = small(&answer).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let found = text("file_id").zip(text("upload_url").and_then(|url| Url::parse(url).ok()));
    let (id, url) =
        found.ok_or_else(|| ConnectorError::Upstream("Slack named no place for the file".into()))?;
    Ok((id.to_owned(), url))
}

/// The URL itself is the proof: the token does not go there.
async fn send(running: Running<'_>, url: Url, bytes: Vec<u8>) -> Result<(), ConnectorError> {
    let unshared = |why: String| ConnectorError::Upstream(format!("{why}; nothing was shared"));
    let client = running.api.egress.http(url.as_str())?;
    let mut request = Request::new(Method::POST, url);
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    (request.body, request.trace) = (bytes.into(), running.context.trace);
    let retries = Retries::once_taken(running.api.record.max_retries);
    let sent = client.send_with_retries(&request, retries, running.context.deadline).await;
    match sent.answer {
        Ok(response) if response.status.is_success() => Ok(()),
        Ok(response) if response.status == StatusCode::TOO_MANY_REQUESTS => {
            Err(ConnectorError::RateLimited { retry_after: header(&response, RETRY_AFTER.as_str()) })
        }
        Ok(response) => {
            let status = response.status.as_u16();
            Err(unshared(format!("Slack did not take the file's bytes (status {status})")))
        }
        Err(error @ EgressError::Broken { .. }) => Err(unshared(error.to_string())),
        Err(error) => Err(error.into()),
    }
}
