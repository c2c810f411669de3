//! Two answers that must tell the same: what belongs to each request alone is taken out, and nothing else.

use end_to_end::Reply;

use crate::target::Target;

/// What differs between any two answers.
const OF_A_REQUEST: [&str; 4] = ["x-request-id", "apigw-requestid", "date", "x-amzn-trace-id"];

/// Members whose values are about time, or are drawn anew.
const DRAWN: [&str; 13] = [
    "instance",
    "id",
    "created_at",
    "updated_at",
    "last_health_check",
    "tested_at",
    "timestamp",
    "duration",
    "duration_ms",
    "latency",
    "latency_ms",
    "processing_time_ms",
    "generation",
];

/// An answer without what is the request's own and with the target's words in one spelling.
pub(crate) fn told(reply: &Reply, target: &Target) -> String {
    let mut headers: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| !OF_A_REQUEST.contains(&name.as_str()))
        // The length follows from the body, whose times have more digits in one answer than in another.
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    let body = match serde_json::from_str(&reply.text) {
        Ok(mut body) => {
            still(&mut body);
            body.to_string()
        }
        Err(_) => reply.text.clone(),
    };
    target.neutral(&format!("{}\n{}\n\n{body}", reply.status, headers.join("\n")))
}

fn still(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                if DRAWN.contains(&name.as_str()) && !value.is_object() {
                    *value = "…".into();
                }
                still(value);
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(still),
        _ => {}
    }
}
