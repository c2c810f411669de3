//! Pages by cursor: an opaque text of the method's own. Empty at the end; a page may be short or empty before it.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{call::Call, reply::Fault};

/// The most that any app may ask for.
const MOST: usize = 999;

/// Where a page begins, how long it may be, and whether the cursor after it is there.
pub(super) struct Page {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) next: String,
}

/// The page that a call asks for, of `all` items.
pub(super) fn page(call: &Call, all: usize, default: usize, most: usize) -> Result<Page, Fault> {
    let limit = match call.text("limit") {
        None => default,
        // Zero asks for the default, as leaving it out does.
        Some(text) => match text.parse::<usize>() {
            Ok(0) => default,
            // An app with a smaller maximum than others gets no more than that, whatever it asks for.
            Ok(limit) if limit <= MOST => limit.min(most),
            _ => return Err("invalid_limit".into()),
        },
    };
    let from = match call.text("cursor").filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => position(call, cursor).filter(|from| *from < all).ok_or("invalid_cursor")?,
    };
    let to = all.min(from.saturating_add(limit));
    let next = if to < all { BASE64_STANDARD.encode(format!("{}:{to}", call.method)) } else { String::new() };
    Ok(Page { from, to, next })
}

/// The items of a page under their name, with the cursor.
pub(super) fn body(name: &str, items: Vec<Value>, page: &Page) -> Value {
    json!({name: items, "response_metadata": {"next_cursor": page.next}})
}

fn position(call: &Call, cursor: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64_STANDARD.decode(cursor).ok()?).ok()?;
    let (method, position) = text.rsplit_once(':')?;
    if method != call.method {
        return None;
    }
    position.parse().ok()
}
