//! Accounts: Jira knows people by ids, callers by e-mail addresses.

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde::Deserialize;

use crate::{
    ConnectorError, Executed,
    vendor::{
        api::Running,
        draft::{Content, Draft},
        node::Node,
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_id: String,
    email_address: Option<String>,
}

pub(super) fn assign(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let account = match (running.args.text("email"), running.args.all().raw("accountId")) {
            (Some(email), _) => Node::of(&found(running, email.trim()).await?)?,
            // Null among them, which is nobody.
            (None, Some(json)) => Node::raw(json)?,
            (None, None) => return Err(ConnectorError::Invalid("nobody to assign to is named".into())),
        };
        let mut draft = running.draft()?;
        if let Content::Json(body) = &mut draft.body {
            body.put("/accountId", account);
        }
        running.write(draft).await
    })
}

/// The account of an address among those that the issue can be assigned to. Jira finds addresses by their beginning,
/// and whoever keeps his to himself is found without it being shown.
async fn found(running: Running<'_>, email: &str) -> Result<String, ConnectorError> {
    let issue = running.args.text("issueIdOrKey").unwrap_or_default();
    let by = if issue.bytes().all(|c| c.is_ascii_digit()) { "issueId" } else { "issueKey" };
    let mut draft = Draft::plain(Method::GET, "/rest/api/3/user/assignable/search".into());
    draft.query = [(by, issue.as_str()), ("query", email), ("maxResults", "50")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let answer = running.look(&draft).await?;
    let unreadable = |_| ConnectorError::Upstream("Jira's list of accounts can't be read".into());
    let accounts: Vec<Account> = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    let shown = accounts.iter().filter(|account| {
        account.email_address.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(email))
    });
    let hidden = accounts.iter().filter(|account| account.email_address.as_deref().is_none_or(str::is_empty));
    let shown: Vec<&Account> = shown.collect();
    // Half an address finds whoever begins so.
    let whole = email.split_once('@').is_some_and(|(_, host)| host.contains('.'));
    let found = if shown.is_empty() { hidden.filter(|_| whole).collect() } else { shown };
    match found.as_slice() {
        [one] => Ok(one.account_id.clone()),
        [] => Err(ConnectorError::Invalid(
            "nobody with this e-mail address can be assigned to the issue; find_assignable tells who can".into(),
        )),
        _ => Err(ConnectorError::Invalid(
            "several accounts may be meant by this e-mail address; give accountId, as find_assignable tells it".into(),
        )),
    }
}
