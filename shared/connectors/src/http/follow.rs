//! Following a link of an answer without leaving the place that the credentials are for.

use model::custom_options::path::check;
use url::Url;

use crate::error::ConnectorError;

/// The longest URL; more is what servers commonly refuse.
const MAX_URL_BYTES: usize = 8 * 1024;

/// Where a link of an answer leads: relative to the page that it stood on, and below the base like every statement,
/// because our credentials go with it.
pub(crate) fn linked(base: &Url, page: &Url, reference: &str) -> Result<Url, ConnectorError> {
    let refused = |why: &str| ConnectorError::Upstream(format!("the upstream's link to the next page {why}"));
    let elsewhere = || refused("leads away from the connector's base URL, so it is not followed");
    let mut url = page.join(reference).map_err(|_| refused("is no URL"))?;
    // A fragment is the reader's own affair and is never sent.
    url.set_fragment(None);
    let own = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    // The base itself may be written without its last slash.
    let is_base = base.path().strip_suffix('/') == Some(url.path());
    let below = if is_base { Some("") } else { url.path().strip_prefix(base.path()) };
    match below {
        Some(path) if own => check(path).map_err(|_| elsewhere())?,
        _ => return Err(elsewhere()),
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(refused(&format!("has more than {MAX_URL_BYTES} bytes")));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_below_the_base_only() {
        let base = Url::parse("https://a.example/v2/").unwrap();
        let page = Url::parse("https://a.example/v2/orders?page=1").unwrap();
        let follow = |reference: &str| linked(&base, &page, reference).map(|url| url.to_string());
        for (reference, expected) in [
            ("?page=2", "https://a.example/v2/orders?page=2"),
            ("/v2/orders?page=2", "https://a.example/v2/orders?page=2"),
            ("https://A.example:443/v2/orders?page=2#x", "https://a.example/v2/orders?page=2"),
            ("orders/next", "https://a.example/v2/orders/next"),
            ("../v2/orders", "https://a.example/v2/orders"),
            ("https://a.example/v2?page=2", "https://a.example/v2?page=2"),
        ] {
            assert_eq!(follow(reference).unwrap(), expected, "{reference}");
        }
        for reference in [
            "https://evil.example/v2/orders",
            "http://a.example/v2/orders",
            "https://a.example:444/v2/orders",
            "https://user@a.example/v2/orders",
            "//evil.example/v2/orders",
            "/v1/orders",
            "/v2x/orders",
            "/v2/../admin",
            "../../admin",
            "/v2/%2e%2e/admin",
            "/v2/%252e%252e/admin",
            "/v2/..;/admin",
            "/v2/a%5c..%5cadmin",
            "javascript:alert(1)",
            "https://",
        ] {
            assert!(matches!(follow(reference), Err(ConnectorError::Upstream(_))), "{reference}");
        }
        let long = |bytes: usize| format!("?{}", "x".repeat(bytes - "https://a.example/v2/orders?".len()));
        assert!(follow(&long(MAX_URL_BYTES)).is_ok() && follow(&long(MAX_URL_BYTES + 1)).is_err());
    }
}
