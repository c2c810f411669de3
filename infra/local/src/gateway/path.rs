//! The request's path, as sent and as the event tells it.
//!
//! Segments are split before they are decoded, so `%2F` is part of a name and never a separator. The event's
//! `rawPath` is decoded once and cut at a decoded `?`, as an HTTP API does. Amazon's decodes a second time,
//! and so refuses a `%25` that begins no escape; a function here sees such a path, which is the harder case.

use percent_encoding::percent_decode_str;

use super::reply::Refusal;

/// A path whose percent-encoding is well formed and says UTF-8.
pub(super) struct RequestPath {
    segments: Vec<String>,
    raw: String,
}

impl RequestPath {
    /// Reads the path of a request target. `*` and authority forms have none and are refused.
    pub(super) fn decode(sent: &str) -> Result<Self, Refusal> {
        let relative = sent.strip_prefix('/').ok_or(Refusal::BadRequest)?;
        let segments: Vec<String> =
            relative.split('/').map(decode).collect::<Option<_>>().ok_or(Refusal::BadRequest)?;
        let mut raw = format!("/{}", segments.join("/"));
        raw.truncate(raw.find('?').unwrap_or(raw.len()));
        Ok(Self { segments, raw })
    }

    /// The decoded segments: `/` has one, which is empty.
    pub(super) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The path as `rawPath` tells it.
    pub(super) fn raw(&self) -> &str {
        &self.raw
    }
}

/// `None` if a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = segment.bytes();
    let hex = |bytes: &mut std::str::Bytes<'_>| bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
    while let Some(byte) = bytes.next() {
        if byte == b'%' && !(hex(&mut bytes) && hex(&mut bytes)) {
            return None;
        }
    }
    Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_once() {
        for (sent, raw) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/", "/a/"),
            ("//a//b", "//a//b"),
            ("/a/../b", "/a/../b"),
            ("/a%20b%22c", "/a b\"c"),
            ("/a%25b", "/a%b"),
            ("/a%2525", "/a%25"),
            ("/a%2Fb", "/a/b"),
            ("/caf%C3%A9", "/café"),
            ("/a+b", "/a+b"),
            ("/a%23b", "/a#b"),
        ] {
            assert_eq!(RequestPath::decode(sent).ok().unwrap().raw(), raw, "{sent}");
        }
    }

    #[test]
    fn raw_path_ends_at_a_decoded_question_mark_and_segments_do_not() {
        let path = RequestPath::decode("/a/b%3Fc/d").ok().unwrap();
        assert_eq!(path.raw(), "/a/b");
        assert_eq!(path.segments(), ["a", "b?c", "d"]);
    }

    #[test]
    fn an_encoded_slash_does_not_split_a_segment() {
        let path = RequestPath::decode("/a/b%2Fc").ok().unwrap();
        assert_eq!(path.segments(), ["a", "b/c"]);
    }

    #[test]
    fn malformed_paths_are_refused() {
        for sent in ["/%", "/a%2", "/%zz", "/%%20", "/%C3", "/%FF", "*", "", "host:80"] {
            assert!(matches!(RequestPath::decode(sent), Err(Refusal::BadRequest)), "{sent}");
        }
    }
}
