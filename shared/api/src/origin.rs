//! Cross-site requests: a browser sends the session cookie for any site that asks, and says in `Origin` which
//! site that was. Unsafe methods are taken from the API's own origin and the listed ones only; clients that are
//! no browsers send no `Origin`.

use model::problem::Problem;
use url::Url;

use crate::{call::Call, problems};

/// Refuses an unsafe request of a foreign origin.
pub fn check(call: &Call, allowed: &[String]) -> Result<(), Problem> {
    let safe = call.method.is_safe();
    match call.headers.get("origin") {
        Some(origin) if !safe && !is_allowed(origin.to_str().unwrap_or_default(), call, allowed) => {
            let detail = "The Origin header names a site that may not write here; PORTAL_ALLOWED_ORIGINS lists \
                          those that may.";
            Err(problems::forbidden("foreign-origin", detail))
        }
        _ => Ok(()),
    }
}

fn is_allowed(origin: &str, call: &Call, allowed: &[String]) -> bool {
    let scheme = call.header("x-forwarded-proto").unwrap_or("https");
    let own = call.header("host").map(|host| format!("{scheme}://{host}"));
    own.iter().chain(allowed).any(|entry| same(entry, origin))
}

/// Whether two texts are the same origin: scheme, host and port, default ports included.
fn same(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => a.origin().is_tuple() && a.origin() == b.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_with_their_default_ports() {
        assert!(same("https://portal.example.com", "https://portal.example.com:443"));
        for other in [
            "http://portal.example.com",
            "https://portal.example.com:8443",
            "https://evil.example",
            "https://portal.example.com.evil.example",
            "null",
            "",
        ] {
            assert!(!same("https://portal.example.com", other), "{other}");
        }
    }
}
