//! Paging by key, not by offset: the token names the last item handed out, so that an item created or deleted
//! between two pages neither repeats another nor hides one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::fault::Fault;

const LARGEST: usize = 100;

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Order {
    Ascending,
    Descending,
}

/// One page. `next_token` is absent on the last.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_token: Option<String>,
}

/// A key that orders by date, then by name.
pub(super) fn key_by_date(date: Timestamp, name: &str) -> String {
    format!("{:020}:{name}", date.as_millisecond())
}

/// The page after `token` of items with their unique keys.
pub(super) fn page<T>(
    mut items: Vec<(String, T)>,
    order: Order,
    max_results: Option<i64>,
    token: Option<&str>,
) -> Result<Page<T>, Fault> {
    let size = max_results.map_or(Ok(LARGEST), check_size)?;
    items.sort_by(|(a, _), (b, _)| if order == Order::Ascending { a.cmp(b) } else { b.cmp(a) });
    if let Some(token) = token {
        let last = read_token(token)?;
        items.retain(|(key, _)| if order == Order::Ascending { *key > last } else { *key < last });
    }
    let more = items.len() > size;
    items.truncate(size);
    let next_token = items.last().filter(|_| more).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next_token })
}

fn check_size(asked: i64) -> Result<usize, Fault> {
    match usize::try_from(asked) {
        Ok(size @ 1..=LARGEST) => Ok(size),
        Ok(0) | Err(_) => {
            Err(Fault::constraint("maxResults", "Member must have value greater than or equal to 1"))
        }
        Ok(_) => Err(Fault::constraint("maxResults", "Member must have value less than or equal to 100")),
    }
}

fn read_token(token: &str) -> Result<String, Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Fault::next_token())?;
    String::from_utf8(bytes).map_err(|_| Fault::next_token())
}
