//! A transition by its name. Names are a site's own and lead elsewhere from each status, so that the issue is asked
//! what it can do now.

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde::Deserialize;

use super::fields;
use crate::{
    ConnectorError, Executed,
    message::passed_on,
    vendor::{
        api::Running,
        args::Args,
        draft::{Content, Draft, segment},
        node::Node,
    },
};

#[derive(Deserialize)]
struct Possible {
    transitions: Vec<Transition>,
}

#[derive(Deserialize)]
struct Transition {
    id: String,
    name: String,
    to: To,
}

#[derive(Deserialize)]
struct To {
    name: String,
}

pub(super) fn shape(args: &Args<'_>, draft: &mut Draft, limit: Option<usize>) -> Result<(), ConnectorError> {
    fields::beside(args, draft, limit)?;
    match &mut draft.body {
        Content::Json(body) => fields::comment(args, body),
        _ => Ok(()),
    }
}

/// A conflict (409) says that nothing was done. The issue may have moved meanwhile, so that it is asked again before
/// the one repetition.
pub(super) fn run(running: Running<'_>) -> BoxFuture<'_, Result<Executed, ConnectorError>> {
    Box::pin(async move {
        let wanted = running.args.text("transition").unwrap_or_default();
        let wanted = wanted.trim();
        let id = if wanted.bytes().all(|c| c.is_ascii_digit()) {
            wanted.to_owned()
        } else {
            let secrets: Vec<&str> = running.api.credentials.values().collect();
            chosen(&possible(running).await?, wanted, &secrets)?.to_owned()
        };
        let done = running.write(draft(running, &id)?).await;
        let conflict = matches!(&done, Err(ConnectorError::Rejected { status, .. }) if *status == 409.into());
        if conflict && possible(running).await?.iter().any(|transition| transition.id == id) {
            return running.write(draft(running, &id)?).await;
        }
        done
    })
}

fn draft(running: Running<'_>, id: &str) -> Result<Draft, ConnectorError> {
    let mut draft = running.draft()?;
    if let Content::Json(body) = &mut draft.body {
        body.put("/transition/id", Node::of(&id)?);
    }
    Ok(draft)
}

async fn possible(running: Running<'_>) -> Result<Vec<Transition>, ConnectorError> {
    let issue = segment("issueIdOrKey", &running.args.text("issueIdOrKey").unwrap_or_default())?;
    let path = format!("/rest/api/3/issue/{issue}/transitions");
    let answer = running.look(&Draft::plain(Method::GET, path)).await?;
    let read = serde_json::from_slice::<Possible>(&answer.body);
    let unreadable = |_| ConnectorError::Upstream("Jira's list of transitions can't be read".into());
    read.map(|possible| possible.transitions).map_err(unreadable)
}

/// The one of that name; else the one that leads to the status of that name. `secrets` are taken out of Jira's words.
fn chosen<'t>(possible: &'t [Transition], wanted: &str, secrets: &[&str]) -> Result<&'t str, ConnectorError> {
    let same = |name: &str| name.trim().to_lowercase() == wanted.to_lowercase();
    let mut found: Vec<&Transition> = possible.iter().filter(|one| same(&one.name)).collect();
    if found.is_empty() {
        found = possible.iter().filter(|one| same(&one.to.name)).collect();
    }
    let told = |all: &[&Transition]| {
        let one = |one: &&Transition| format!("{} (id {}, to {})", one.name, one.id, one.to.name);
        passed_on(&all.iter().map(one).collect::<Vec<_>>().join(", "), secrets)
    };
    match found.as_slice() {
        [one] => Ok(&one.id),
        [] if possible.is_empty() => {
            let why =
                "the issue allows no transition now; the account may lack the right to Transition issues";
            Err(ConnectorError::Invalid(why.into()))
        }
        [] => {
            let all: Vec<&Transition> = possible.iter().collect();
            Err(ConnectorError::Invalid(format!(
                "the issue has no such transition now; it has{}",
                told(&all)
            )))
        }
        several => {
            let why = format!("several transitions are meant by that; give an id{}", told(several));
            Err(ConnectorError::Invalid(why))
        }
    }
}
