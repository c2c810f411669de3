//! Reading to the end: page after page as the vendor leads, until there is none, the caller has enough or a cap is
//! reached. All pages share the call's one deadline.
//!
//! A list that does not end is an error and not a shortened answer: rows that came round again would be counted twice,
//! and nobody could tell.

use std::collections::HashSet;

use egress::Response;
use model::data_path::DataPath;
use reqwest::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

use super::{
    api::Api,
    draft::Draft,
    op::{Op, Pages},
};
use crate::{
    ConnectorError,
    http::{body, follow, link},
    json,
    request::Context,
    rows::Rows,
};

/// The most pages of one answer.
const MAX_PAGES: usize = 1_000;

/// The longest cursor or link: each is kept, and sent back.
const MAX_MARK_BYTES: usize = 8 * 1024;

/// A declared pointer; they are short.
pub(crate) fn pointer(text: &str) -> DataPath {
    DataPath::parse(text).unwrap_or_default()
}

impl Api {
    /// The rows of a request and of all the pages behind it.
    pub(crate) async fn pages(
        &self,
        op: &Op,
        mut draft: Draft,
        limit: Option<usize>,
        context: Context,
    ) -> Result<Rows, ConnectorError> {
        let mut rows = Rows::up_to(limit);
        let mut read = HashSet::new();
        let size = op.page_size(limit);
        loop {
            let response = self.call(&draft, op.effect(), context).await?;
            // No rows are said by an empty list, or by the status; who sends nothing has said nothing.
            if response.body.is_empty() && response.status != StatusCode::NO_CONTENT {
                let why = format!("{} answered with nothing where rows are looked for", self.vendor.name);
                return Err(ConnectorError::Upstream(why));
            }
            let next = next(op.pages, &response);
            let before = rows.items().len();
            rows = body::rows(response, Some(pointer(op.rows)), rows).await?;
            let Some(next) = next?.filter(|_| !rows.is_full()) else { return Ok(rows) };
            let came = rows.items().len() - before;
            if op.end.is_some_and(|end| before + came >= end) {
                rows.cut_by_count();
                return Ok(rows);
            }
            // What was asked for so far, where pages may hold less.
            let so_far = match op.pages {
                Pages::Further { .. } => (read.len() + 1).saturating_mul(size),
                _ => before + came,
            };
            let Some(mark) = self.turn(op.pages, &mut draft, next, so_far, came)? else {
                return Ok(rows);
            };
            if !read.insert(mark) {
                let why =
                    format!("{}'s pages lead in a circle: the next one was read already", self.vendor.name);
                return Err(ConnectorError::Upstream(why));
            }
            if read.len() >= MAX_PAGES {
                let why =
                    format!("the answer has more than {MAX_PAGES} pages; narrow the query, or set a limit");
                return Err(ConnectorError::Upstream(why));
            }
        }
    }

    /// Turns the request into the next page's and gives what tells that page from others; `None` at the end.
    fn turn(
        &self,
        pages: Pages,
        draft: &mut Draft,
        next: Next,
        so_far: usize,
        came: usize,
    ) -> Result<Option<String>, ConnectorError> {
        match (pages, next) {
            (Pages::Cursor { send, .. }, Next::Cursor(cursor)) => {
                draft.set(send, "cursor", &cursor)?;
                Ok(Some(cursor))
            }
            (Pages::Offset { send, .. }, Next::Total(total)) => {
                if came == 0 || u64::try_from(so_far).is_ok_and(|so_far| so_far >= total) {
                    return Ok(None);
                }
                draft.set(send, "offset", &so_far.to_string())?;
                Ok(Some(so_far.to_string()))
            }
            (Pages::Query { .. }, Next::Reference(reference)) => {
                let query = reference.split_once('?').map_or("", |(_, query)| query);
                draft.query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                Ok(Some(query.to_owned()))
            }
            (Pages::Further { send }, Next::Perhaps) => {
                if came == 0 {
                    return Ok(None);
                }
                draft.set(send, "offset", &so_far.to_string())?;
                Ok(Some(so_far.to_string()))
            }
            (_, Next::Reference(reference)) => {
                let base = &self.way.base;
                let url = follow::linked(base, &draft.url(base)?, &reference)?;
                draft.path = format!("/{}", url.path().strip_prefix(base.path()).unwrap_or_default());
                draft.query = url.query_pairs().into_owned().collect();
                Ok(Some(url.into()))
            }
            _ => Ok(None),
        }
    }
}

/// What leads on.
enum Next {
    /// JSON, as answered.
    Cursor(String),
    /// A URL or a path.
    Reference(String),
    /// How many rows there are in all.
    Total(u64),
    /// Nothing says.
    Perhaps,
}

fn next(pages: Pages, response: &Response) -> Result<Option<Next>, ConnectorError> {
    let at = |at: &str| -> Result<Option<Value>, ConnectorError> {
        let unreadable = |_| ConnectorError::Upstream("the upstream's answer is no JSON".into());
        let text = std::str::from_utf8(&response.body).unwrap_or_default();
        let found = json::at(text, &pointer(at)).map_err(unreadable)?;
        let Some(found) = found else { return Ok(None) };
        if found.get().len() > MAX_MARK_BYTES {
            let why = format!("what leads to the next page has more than {MAX_MARK_BYTES} bytes");
            return Err(ConnectorError::Upstream(why));
        }
        model::json::parse(found.get().as_bytes()).map(Some).map_err(unreadable)
    };
    let odd = || ConnectorError::Upstream("what leads to the next page is no text".into());
    Ok(match pages {
        Pages::One => None,
        Pages::Cursor { at: place, .. } => match at(place)? {
            Some(Value::String(cursor)) if !cursor.is_empty() => {
                Some(Next::Cursor(Value::from(cursor).to_string()))
            }
            Some(Value::Number(cursor)) => Some(Next::Cursor(cursor.to_string())),
            // No cursor, or an empty one: the end.
            None | Some(Value::Null | Value::String(_)) => None,
            Some(_) => return Err(odd()),
        },
        Pages::Next { at: place } | Pages::Query { at: place } => match at(place)? {
            Some(Value::String(reference)) if !reference.is_empty() => Some(Next::Reference(reference)),
            None | Some(Value::Null | Value::String(_)) => None,
            Some(_) => return Err(odd()),
        },
        Pages::Link => link::next(&response.headers).map(|next| Next::Reference(next.to_owned())),
        Pages::Further { .. } => Some(Next::Perhaps),
        Pages::Offset { total, .. } => at(total)?.and_then(|total| total.as_u64()).map(Next::Total),
    })
}
