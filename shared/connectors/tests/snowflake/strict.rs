//! What the vendor's reference demands of a request. Written from it alone, so that the connector is held to it.

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;
use url::form_urlencoded;
use uuid::Uuid;

use crate::stub::Seen;

/// How `openssl` wrote the public key.
const PUBLIC_KEY: &str = include_str!("keys/key.pub");
/// What stands before the RSA key itself in it.
const WRAPPING: usize = 24;

/// Everything that is wrong with a request.
pub(crate) fn faults(seen: &Seen) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{} {}: {what}", seen.method, seen.target));
        }
    };
    must(seen.header("user-agent").contains('/'), "User-Agent lacks");
    must(seen.header("accept") == "application/json", "Accept is not application/json");
    must(seen.header("authorization").starts_with("Bearer "), "no bearer token");
    must(
        ["KEYPAIR_JWT", "OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"]
            .contains(&seen.header("x-snowflake-authorization-token-type")),
        "the token's type lacks",
    );
    let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let rest = path.strip_prefix("/api/v2/statements");
    must(rest.is_some(), "an unknown path");
    let handle = |text: &str| Uuid::parse_str(text).is_ok();
    let known: &[&str] = match (seen.method.as_str(), rest.unwrap_or_default()) {
        ("POST", "") => {
            must(seen.header("content-type") == "application/json", "Content-Type is not application/json");
            for fault in body_faults(&seen.body) {
                must(false, &fault);
            }
            let id = query.iter().find(|(key, _)| key == "requestId");
            must(id.is_some_and(|(_, id)| Uuid::parse_str(id).is_ok()), "requestId is no UUID");
            &["requestId", "nullable", "retry", "async"]
        }
        ("POST", rest) if rest.strip_suffix("/cancel").is_some_and(|rest| handle(&rest[1..])) => {
            &["requestId"]
        }
        ("GET", rest) if rest.len() > 1 && handle(&rest[1..]) => &["requestId", "partition"],
        _ => {
            must(false, "no such operation");
            &[]
        }
    };
    for (key, value) in &query {
        must(known.contains(&key.as_str()), &format!("the parameter {key} is not known here"));
        must(!matches!(key.as_str(), "nullable" | "retry") || value == "true", "true or nothing");
    }
    faults
}

fn body_faults(body: &[u8]) -> Vec<String> {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return vec!["no JSON object".into()] };
    let mut faults = Vec::new();
    if !body.get("statement").is_some_and(Value::is_string) {
        faults.push("no statement".into());
    }
    // Zero would mean the longest that there is.
    if body.get("timeout").and_then(Value::as_u64).unwrap_or(0) < 1 {
        faults.push("no timeout".into());
    }
    for (key, value) in &body {
        match key.as_str() {
            "statement" | "timeout" => {}
            "database" | "schema" | "warehouse" | "role" if value.is_string() => {}
            "bindings" => faults.extend(binding_faults(value)),
            "parameters" => {
                let only = value.as_object().is_some_and(|set| set.keys().eq(["rows_per_resultset"]));
                if !only {
                    faults.push("other session parameters".into());
                }
            }
            other => faults.push(format!("the field {other}")),
        }
    }
    faults
}

fn binding_faults(bindings: &Value) -> Vec<String> {
    let Some(bindings) = bindings.as_object() else { return vec!["bindings are no object".into()] };
    let numbered = (1..=bindings.len()).all(|number| bindings.contains_key(&number.to_string()));
    let typed = bindings.values().all(|binding| {
        let kind = binding["type"].as_str().unwrap_or_default();
        ["FIXED", "REAL", "TEXT", "BOOLEAN"].contains(&kind)
            && (binding["value"].is_string() || binding["value"].is_null())
            && binding.as_object().is_some_and(|binding| binding.len() == 2)
    });
    if numbered && typed && !bindings.is_empty() {
        Vec::new()
    } else {
        vec![format!("bindings {bindings:?}")]
    }
}

/// What is wrong with a signed token, by the account's own rules; the account is `ACME-TEST` and the user `SVC_AGENT`.
pub(crate) fn token_fault(token: &str, now: i64) -> Option<String> {
    let base64: String = PUBLIC_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let public = BASE64_STANDARD.decode(base64).unwrap();
    let (signed, signature) = token.rsplit_once('.')?;
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let Some(signature) = decoded(signature) else { return Some("the signature is no base64".into()) };
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public[WRAPPING..]);
    if key.verify(signed.as_bytes(), &signature).is_err() {
        return Some("the signature is not the key's".into());
    }
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part).unwrap()).unwrap();
    let (header, claims) = (json(header), json(claims));
    let fingerprint = BASE64_STANDARD.encode(digest(&SHA256, &public));
    let issuer = format!("ACME-TEST.SVC_AGENT.SHA256:{fingerprint}");
    let (from, until) = (claims["iat"].as_i64().unwrap_or(0), claims["exp"].as_i64().unwrap_or(0));
    let checks = [
        (header["alg"] == "RS256", "alg"),
        (claims["iss"] == issuer.as_str(), "iss"),
        (claims["sub"] == "ACME-TEST.SVC_AGENT", "sub"),
        (from <= now, "iat lies ahead"),
        (until > now, "it has run out"),
        (until - from <= 3600, "it lives for more than an hour"),
    ];
    checks.iter().find(|(holds, _)| !holds).map(|(_, what)| format!("{what}: {claims}"))
}
