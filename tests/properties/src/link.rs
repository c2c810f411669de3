//! A link to the next page is one of the header's own targets, and is followed below the base alone.

use connectors::answers;
use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::said::modest;

const BASE: &str = "https://api.example.com/v2/";
const PAGE: &str = "https://api.example.com/v2/orders?page=1";

/// Any bytes as the value of `Link`, one header a line.
pub fn check(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append("link", value);
    }
    let (base, page) = (Url::parse(BASE).unwrap(), Url::parse(PAGE).unwrap());
    let text = String::from_utf8_lossy(data);
    let Some(target) = answers::next_page(&headers) else { return };
    let lower = text.to_ascii_lowercase();
    assert!(lower.contains("rel") && lower.contains("next"), "nobody said that it is next: {text:?}");
    let behind = text.match_indices('<').filter_map(|(at, _)| text[at + 1..].split('>').next());
    let mut targets = behind.map(str::trim);
    assert!(targets.any(|known| known == target), "{target:?} is no target of {text:?}");
    match answers::followed(&base, &page, target) {
        Ok(url) => below(&url),
        Err(error) => {
            // Our own words may stand in the link: what leads elsewhere is told in the same ones.
            let elsewhere =
                answers::followed(&base, &page, "//evil.example/").expect_err("it leads elsewhere");
            if error != elsewhere {
                modest(&error.to_string(), &text, 160);
            }
        }
    }
}

/// Under the origin and the path that the credentials are for, whoever reads the path.
fn below(url: &Url) {
    assert_eq!((url.scheme(), url.host_str(), url.port()), ("https", Some("api.example.com"), None));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let path = url.path();
    assert!(path == "/v2" || path.starts_with("/v2/"), "{url}");
    assert!(url.as_str().len() <= 8 * 1024);
    let mut decoded = path.to_owned();
    for _ in 0..4 {
        for segment in decoded.split(['/', '\\']) {
            let name = segment.split(';').next().unwrap_or_default();
            assert_ne!(name, "..", "{url} leaves its place");
        }
        decoded = unescaped(&decoded);
    }
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits =
            behind.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        if let Some(byte) = digits.filter(|_| *first == b'%') {
            bytes.push(byte);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
