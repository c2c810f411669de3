//! Reading to the end: page after page by `Link: <…>; rel="next"`, until there is none, the caller has enough or a cap
//! is reached. All pages share the call's one deadline.
//!
//! A list that does not end is an error and not a shortened answer: rows that came round again would be counted twice,
//! and nobody could tell.

use std::collections::HashSet;

use reqwest::Method;
use url::Url;

use super::Custom;
use crate::{
    error::ConnectorError,
    http::{body, follow, link},
    request::Context,
    rows::Rows,
};

/// The most pages of one answer.
const MAX_PAGES: usize = 1_000;

impl Custom {
    /// The rows of a URL and of all that it links to as next.
    pub(super) async fn pages(
        &self,
        first: Url,
        limit: Option<usize>,
        context: Context,
    ) -> Result<Rows, ConnectorError> {
        let mut rows = Rows::up_to(limit);
        let mut read = HashSet::new();
        let mut url = first;
        loop {
            let response = self.call(Method::GET, url.clone(), Vec::new(), context).await?;
            let next = link::next(&response.headers).map(str::to_owned);
            rows = body::rows(response, self.data_path.clone(), rows).await?;
            let Some(next) = next.filter(|_| !rows.is_full()) else { return Ok(rows) };
            let next = follow::linked(&self.base, &url, &next)?;
            read.insert(std::mem::replace(&mut url, next));
            if read.contains(&url) {
                let why = "the upstream's pages link in a circle: the next one was read already";
                return Err(ConnectorError::Upstream(why.into()));
            }
            if read.len() >= MAX_PAGES {
                let why = format!(
                    "the upstream's answer has more than {MAX_PAGES} pages; ask for larger ones, or set a limit"
                );
                return Err(ConnectorError::Upstream(why));
            }
        }
    }
}
