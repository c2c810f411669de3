//! The problems that requests of every function can meet. Each constructor says when it is right.

use model::problem::Problem;

/// 401: no session, or one that is unknown, idle too long or over. One answer for all, so that a guesser learns
/// nothing.
pub fn not_signed_in() -> Problem {
    let detail = "Sign in to the portal and send its axonflow_session cookie; a session ends after 8 idle hours \
                  and after 24 hours in any case.";
    Problem::new(401, "not-signed-in", "Not signed in", detail)
        .with_header("www-authenticate", "Cookie realm=\"portal\", cookie-name=\"axonflow_session\"")
}

/// 401: no license key, or one that is none.
pub fn not_licensed(detail: impl Into<String>) -> Problem {
    Problem::new(401, "not-licensed", "No valid license key", detail)
        .with_header("www-authenticate", "LicenseKey realm=\"agent\", header=\"X-License-Key\"")
}

/// 401: a license that was good until somebody took it back.
pub fn license_revoked() -> Problem {
    not_licensed("The license was revoked; ask for a new one.")
}

/// 403: known, but not permitted this.
pub fn forbidden(kind: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(403, kind, "Not permitted", detail)
}

/// 404: no such path.
pub fn no_such_path() -> Problem {
    Problem::new(
        404,
        "no-such-path",
        "No such path",
        "There is nothing at this path. The README lists every route.",
    )
}

/// 405: the path takes other methods.
pub fn wrong_method(method: &str, allowed: &[&str]) -> Problem {
    let allowed = allowed.join(", ");
    Problem::new(
        405,
        "wrong-method",
        "Method not allowed",
        format!("{method} is not allowed here. Allowed: {allowed}."),
    )
    .with_header("allow", allowed)
}

/// 413: a body over the limit.
pub fn body_too_large(size: usize, limit: usize) -> Problem {
    let detail = format!("The body has {size} bytes; the limit is {limit}.");
    Problem::new(413, "body-too-large", "Body too large", detail)
}

/// 415: a body that does not say it is JSON.
pub fn not_json() -> Problem {
    let detail = "Send the body as JSON with Content-Type: application/json.";
    Problem::new(415, "not-json", "Unsupported media type", detail)
}

/// An error's text as a detail reads: a capital letter and a full stop.
pub fn sentence(text: &str) -> String {
    let mut text = text.trim_end_matches('.').to_owned();
    text.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    text.push('.');
    text
}
