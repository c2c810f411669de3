//! Requests as text, one block each, that is the same in every run.

use std::fmt::Write;

use serde_json::Value;

use crate::seen::Seen;

/// Headers of the transport, which say nothing about a vendor.
const LEFT_OUT: [&str; 6] =
    ["host", "content-length", "accept-encoding", "user-agent", "x-amzn-trace-id", "connection"];
/// Form fields that hold secrets or differ by the run.
const HIDDEN_FIELDS: [&str; 4] = ["client_secret", "assertion", "refresh_token", "password"];

/// The requests, each under its method and path.
pub(crate) fn text(seen: &[Seen], address: &str) -> String {
    let blocks: Vec<String> = seen.iter().map(block).collect();
    blocks.join("\n").replace(address, "{address}")
}

fn block(seen: &Seen) -> String {
    let mut text = format!("{} {}\n", seen.method, seen.path);
    for (name, value) in seen.query_pairs() {
        let _ = writeln!(text, "  ?{name}={value}");
    }
    let mut headers: Vec<(String, String)> = seen
        .headers
        .iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), shown(name.as_str(), value.to_str().unwrap_or("(bytes)"))))
        .collect();
    headers.sort();
    for (name, value) in headers {
        let _ = writeln!(text, "  {name}: {value}");
    }
    if !seen.body.is_empty() {
        text.push_str(&body(seen));
    }
    text
}

/// Of what proves who calls only the scheme is shown.
fn shown(name: &str, value: &str) -> String {
    match name {
        "authorization" => format!("{} …", value.split(' ').next().unwrap_or_default()),
        "x-sn-apikey" => "…".to_owned(),
        _ => value.to_owned(),
    }
}

fn body(seen: &Seen) -> String {
    if seen.content_type() == "application/x-www-form-urlencoded" {
        let hidden = |name: &str| HIDDEN_FIELDS.contains(&name);
        let line = |(name, value): (String, String)| {
            let value = if hidden(&name) { "…" } else { &value };
            format!("  {name}={value}\n")
        };
        return seen.form_pairs().into_iter().map(line).collect();
    }
    let text = match serde_json::from_slice::<Value>(&seen.body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(&seen.body).into_owned(),
    };
    text.lines().fold(String::new(), |all, line| all + "  " + line + "\n")
}
