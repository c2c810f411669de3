//! What a path below a record's base URL may hold: a statement, or `health_path`. Servers and proxies differ in how
//! often they decode a path, in what they do with `;` and with bytes that are no text. A path is refused if any of
//! them could climb.

use percent_encoding::percent_decode_str;

/// Why a path is refused, in words that follow its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It could lead elsewhere.
    #[error(
        "must be a path below the connector's base URL, such as /orders?open=true; it may not climb (..), name a \
         host or be a whole URL"
    )]
    LeavesBase,
    /// A fragment, or something that ends a line.
    #[error("must not hold # or control characters")]
    Characters,
}

/// Checks a path with an optional query string and takes them apart.
pub fn split(text: &str) -> Result<(&str, Option<&str>), PathFault> {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    check(path)?;
    if query.is_some_and(|query| query.contains('#')) {
        return Err(PathFault::Characters);
    }
    Ok((path, query))
}

/// Checks a path without query.
pub fn check(path: &str) -> Result<(), PathFault> {
    let decoded = fully_decoded(path).ok_or(PathFault::LeavesBase)?;
    // `..;x` is `..` to servers that know path parameters.
    let name = |segment: &str| segment.split(';').next().unwrap_or_default().trim().to_owned();
    let climbs = decoded.split('/').any(|segment| name(segment) == "..");
    let absolute = path.starts_with("//") || path.split('/').next().is_some_and(|head| head.contains(':'));
    if absolute || climbs || decoded.contains('\\') {
        return Err(PathFault::LeavesBase);
    }
    if path.contains('#') || decoded.chars().any(char::is_control) {
        return Err(PathFault::Characters);
    }
    Ok(())
}

/// The path decoded until nothing changes any more; `None` where it is no text, or still changes after five rounds.
fn fully_decoded(path: &str) -> Option<String> {
    let mut text = path.to_owned();
    for _ in 0..5 {
        let next = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        if next == text {
            return Some(text);
        }
        text = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_query_are_taken_apart() {
        assert_eq!(split("/a/b?x=1?2"), Ok(("/a/b", Some("x=1?2"))));
        assert_eq!(split(""), Ok(("", None)));
        assert_eq!(split("/a?b#c"), Err(PathFault::Characters));
    }

    #[test]
    fn what_could_climb_for_anyone_is_refused() {
        for path in
            ["..", "/a/../b", "/%252e%252e/a", "/..;/a", "//host", "https://host", "/a%5c..", "/%c0%ae"]
        {
            assert_eq!(check(path), Err(PathFault::LeavesBase), "{path}");
        }
    }
}
