//! The next page, where an answer's `Link` header names one (RFC 8288, 3). What does not parse ends the header there.

use reqwest::header::{HeaderMap, LINK};

/// The target of the first link whose relation is `next`, as written.
pub(crate) fn next(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_of)
}

fn next_of(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (target, behind) = rest.strip_prefix('<')?.split_once('>')?;
        let (mut rel, mut foreign) = (None, false);
        rest = behind.trim_start();
        while let Some(behind) = rest.strip_prefix(';') {
            let (name, value, behind) = parameter(behind.trim_start())?;
            match name.to_ascii_lowercase().as_str() {
                // The first one counts.
                "rel" => rel = rel.or(Some(value)),
                // It speaks of another page than this one.
                "anchor" => foreign = true,
                _ => {}
            }
            rest = behind.trim_start();
        }
        let is_next =
            rel.is_some_and(|rel| rel.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("next")));
        if is_next && !foreign {
            return Some(target.trim());
        }
        if !rest.starts_with(',') {
            return None;
        }
    }
}

/// Name, value and what follows. Relation types need no escapes, so that a value's are left in it.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (name, behind) = text.split_at(text.find(['=', ';', ',']).unwrap_or(text.len()));
    let Some(value) = behind.strip_prefix('=') else { return Some((name.trim_end(), "", behind)) };
    let value = value.trim_start();
    let Some(quoted) = value.strip_prefix('"') else {
        let (value, behind) = value.split_at(value.find([';', ',']).unwrap_or(value.len()));
        return Some((name.trim_end(), value.trim_end(), behind));
    };
    let mut escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let (value, behind) = quoted.split_at(end);
    Some((name.trim_end(), value, behind.strip_prefix('"')?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_link_is_found_in_every_form() {
        for (header, expected) in [
            (r#"</o?page=2>; rel="next""#, Some("/o?page=2")),
            ("</o?page=2>;rel=next", Some("/o?page=2")),
            (r#"</o?page=1>; rel="prev", </o?page=3>; rel="next""#, Some("/o?page=3")),
            (r#"</o?a=1,2;b>; REL = "last NEXT" ; title="x""#, Some("/o?a=1,2;b")),
            (r#"</o>; title="a, b; \" rel=next"; rel="next""#, Some("/o")),
            (r#" , </a>; crossorigin, </b>; rel="next" "#, Some("/b")),
            (r#"</a>; rel="prev"; rel="next""#, None),
            (r#"</a>; rel="next"; anchor="/other""#, None),
            (r#"</a>; rel="nextish""#, None),
            (r#"</a>; rev="next""#, None),
            (r#"</a>; rel="next"#, None),
            ("</a", None),
            ("/a; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_of(header), expected, "{header}");
        }
    }

    #[test]
    fn several_headers_are_read_as_one() {
        let mut headers = HeaderMap::new();
        headers.append(LINK, r#"</a>; rel="prev""#.parse().unwrap());
        headers.append(LINK, r#"</b>; rel="next""#.parse().unwrap());
        assert_eq!(next(&headers), Some("/b"));
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd(header in "[<>;,=\" \\\\a-f/]{0,40}|(</a>|; *rel=|\"?next\"?|,|;){0,12}") {
            let _ = next_of(&header);
        }
    }
}
