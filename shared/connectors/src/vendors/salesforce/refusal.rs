//! What Salesforce's answers say against their requests: a list of faults, each with a code, a message and the fields
//! it is about. A request of several parts is answered with 200 even where every one of them failed.

use std::{fmt, time::Duration};

use egress::Response;
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::{
    ConnectorError,
    http::answer::{small, small_text},
    vendor::{
        said::{Refused, Said},
        way::Setup,
    },
};

/// How long to wait for one of the long requests to end that may be under way at once.
const LONG_REQUEST: Duration = Duration::from_secs(5);
/// The most fields of a fault that are told.
const FIELDS: usize = 10;
/// What begins the answer to a composite request.
const COMPOSITE: &[u8] = br#"{"compositeResponse""#;
/// What is said of parts that did nothing because another failed.
const UNDONE: [&str; 2] = ["PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"];

pub(super) fn refusal(response: &Response) -> Option<Refused> {
    let Some(said) = Said::by_status(response) else {
        return none_done(&response.body);
    };
    let body = small(response).unwrap_or_default();
    if response.status.as_u16() == 300 {
        let records: Vec<&str> = body.as_array().into_iter().flatten().filter_map(last_segment).collect();
        let words = format!("several records have this value: {}", records.join(", "));
        return Some(Refused::new(Said::Rejected, "MULTIPLE_CHOICES", words));
    }
    let (code, mut words) = fault(body.get(0).unwrap_or(&Value::Null));
    let said = match (response.status.as_u16(), code.as_str()) {
        // A session that has run out is renewed. One whose app lacks the scope `api` says the same code, and would
        // say it again.
        (401, "INVALID_SESSION_ID") if words.contains("not valid for use with the REST API") => {
            words.push_str("; the app needs the OAuth scope `api`");
            Said::Lacks
        }
        (403, "REQUEST_LIMIT_EXCEEDED") if words.contains("Concurrent") => {
            Said::Burst { wait: Some(LONG_REQUEST) }
        }
        (403, "REQUEST_LIMIT_EXCEEDED") => Said::Quota,
        (410, _) => {
            words.push_str("; options.api_version names the version");
            said
        }
        // The transaction was undone.
        (_, "UNABLE_TO_LOCK_ROW") => Said::Busy,
        _ => said,
    };
    Some(Refused::new(said, code, words))
}

/// The first fault of an answer whose every part failed: nothing was done. Where a part was, the answer is one.
fn none_done(body: &[u8]) -> Option<Refused> {
    let body = body.trim_ascii_start();
    if !body.starts_with(COMPOSITE) && !body.starts_with(b"[") {
        return None;
    }
    let Failed { code, words } = if body.starts_with(b"[") {
        serde_json::from_slice::<AllFailed>(body).ok()?.0
    } else {
        serde_json::from_slice::<Composite>(body).ok()?.parts.0
    };
    let said = if code == "UNABLE_TO_LOCK_ROW" { Said::Busy } else { Said::Rejected };
    Some(Refused::new(said, code, words))
}

#[derive(Deserialize)]
struct Composite {
    #[serde(rename = "compositeResponse")]
    parts: AllFailed,
}

/// A part's fault.
struct Failed {
    code: String,
    words: String,
}

/// The cause of parts that all failed. Where one was done, there is none: the reading ends with an error. An answer is
/// as long as a stranger made it, so no more than one part is kept.
struct AllFailed(Failed);

impl<'de> Deserialize<'de> for AllFailed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Parts)
    }
}

struct Parts;

impl<'de> Visitor<'de> for Parts {
    type Value = AllFailed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parts that all failed")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<AllFailed, A::Error> {
        let mut cause: Option<Failed> = None;
        while let Some(part) = parts.next_element::<Part<'_>>()? {
            let failed = part.failed().ok_or_else(|| A::Error::custom("a part was done"))?;
            if cause.as_ref().is_none_or(|cause| UNDONE.contains(&cause.code.as_str())) {
                let undone = UNDONE.contains(&failed.code.as_str());
                cause = if undone { cause.or(Some(failed)) } else { Some(failed) };
            }
        }
        cause.map(AllFailed).ok_or_else(|| A::Error::custom("there are no parts"))
    }
}

/// A part of an answer.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "httpStatusCode")]
    status: Option<u64>,
    success: Option<bool>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

impl Part<'_> {
    /// The fault; nothing where the part was done.
    fn failed(&self) -> Option<Failed> {
        let faults = match (self.status, self.success) {
            (Some(status), _) if status >= 300 => self.body,
            (None, Some(false)) => self.errors,
            _ => return None,
        };
        let faults = faults.and_then(|faults| small_text(faults.get().as_bytes())).unwrap_or_default();
        let (code, words) = fault(faults.get(0).unwrap_or(&Value::Null));
        Some(Failed { code, words })
    }
}

/// Whether a part of an answer was done.
pub(super) fn done(part: &str) -> bool {
    serde_json::from_str::<Part<'_>>(part).is_ok_and(|part| part.failed().is_none())
}

/// A fault's code, and its message with the fields that it is about.
fn fault(fault: &Value) -> (String, String) {
    let text = |key: &str| fault.get(key).and_then(Value::as_str);
    let code = text("errorCode").or_else(|| text("statusCode")).unwrap_or_default();
    let mut words = text("message").unwrap_or_default().to_owned();
    let fields = fault.get("fields").and_then(Value::as_array).into_iter().flatten().take(FIELDS);
    let fields: Vec<&str> = fields.filter_map(Value::as_str).filter(|field| !words.contains(field)).collect();
    if !fields.is_empty() {
        words = format!("{words} ({})", fields.join(", "));
    }
    (code.to_owned(), words)
}

fn last_segment(url: &Value) -> Option<&str> {
    url.as_str()?.rsplit('/').next()
}

#[derive(Deserialize)]
struct Limits {
    #[serde(rename = "DailyApiRequests")]
    daily: Daily,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Daily {
    remaining: i64,
    max: i64,
}

/// What the live test saw: how much may still be asked.
pub(super) fn left(response: &Response, _: &Setup<'_>) -> Result<String, ConnectorError> {
    let Limits { daily } = serde_json::from_slice(&response.body).map_err(|_| {
        let why = "the host answers, but not as Salesforce does; connection_url must be the org's own host";
        ConnectorError::Upstream(why.into())
    })?;
    Ok(format!("GET of limits: {} of {} requests are left in these 24 hours", daily.remaining, daily.max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::MESSAGE_BODY_BYTES;
    use reqwest::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap},
    };

    fn refused(status: u16, body: String) -> Option<Refused> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse().unwrap())]);
        refusal(&Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() })
    }

    #[test]
    fn ten_fields_of_a_fault_are_told_and_no_more() {
        let fields: Vec<String> = (0..11).map(|n| format!("F{n}__c")).collect();
        let body = serde_json::json!([{"errorCode": "X", "message": "no", "fields": fields}]);
        let words = refused(400, body.to_string()).unwrap().words;
        assert!(words.contains("F9__c") && !words.contains("F10__c"), "{words}");
    }

    #[test]
    fn a_fault_is_looked_for_in_64_kibibytes() {
        let body = |size: usize| {
            let text = |filler: &str| format!(r#"[{{"errorCode":"CODE","filler":"{filler}"}}]"#);
            text(&"x".repeat(size - text("").len()))
        };
        assert_eq!(refused(400, body(MESSAGE_BODY_BYTES)).unwrap().code, "CODE");
        assert_eq!(refused(400, body(MESSAGE_BODY_BYTES + 1)).unwrap().code, "");
    }

    #[test]
    fn the_cause_of_parts_that_all_failed_is_no_part_that_was_undone() {
        let part = |code: &str| format!(r#"{{"success":false,"errors":[{{"statusCode":"{code}"}}]}}"#);
        let [undone, cause, other] = ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "CAUSE", "OTHER"].map(part);
        let code =
            |parts: &[&str]| refused(200, format!("[{}]", parts.join(","))).map(|refused| refused.code);
        assert_eq!(code(&[&undone, &cause, &other]).as_deref(), Some("CAUSE"));
        assert_eq!(code(&[&undone]).as_deref(), Some("ALL_OR_NONE_OPERATION_ROLLED_BACK"));
        assert_eq!(code(&[&cause, r#"{"success":true}"#]), None);
        assert_eq!(code(&[]), None);
        assert_eq!(code(&["1"]), None);
    }

    #[test]
    fn a_part_with_a_key_that_the_library_keeps_for_itself_is_read_like_any_other() {
        let hidden = |success: bool| {
            format!(r#"{{"success":{success},"errors":[{{"$serde_json::private::RawValue":"[["}}]}}"#)
        };
        assert_eq!((done(&hidden(true)), done(&hidden(false))), (true, false));
    }
}
