//! Which scope each operation takes, and what Slack says the token has: it tells with every answer.

use egress::Response;
use model::policy::{OperationClass, Policy, Route};

use super::operations::OPERATIONS;
use crate::{ConnectorError, Status, http::answer::header, vendor::way::Setup};

const MANAGE: &[&str] = &["channels:manage", "groups:write", "im:write", "mpim:write", "channels:write"];
const INVITE: &[&str] = &[
    "channels:write.invites",
    "groups:write.invites",
    "mpim:write.invites",
    "channels:manage",
    "groups:write",
    "channels:write",
];
const TOPIC: &[&str] = &[
    "channels:write.topic",
    "groups:write.topic",
    "im:write.topic",
    "mpim:write.topic",
    "channels:manage",
    "groups:write",
    "channels:write",
];
const LISTS: &[&str] = &["channels:read", "groups:read", "im:read", "mpim:read"];
const HISTORY: &[&str] = &["channels:history", "groups:history", "im:history", "mpim:history"];

/// The scopes of an operation, of which one suffices: each is for one kind of conversation.
fn scopes(operation: &str) -> &'static [&'static str] {
    match operation {
        "list_channels" | "channel_info" | "members" => LISTS,
        "read_history" | "read_thread" => HISTORY,
        "create_channel" | "archive" => MANAGE,
        "invite" => INVITE,
        "set_topic" => TOPIC,
        "find_user" => &["users:read.email"],
        "user_info" | "list_users" => &["users:read"],
        "add_reaction" => &["reactions:write"],
        "pin" => &["pins:write"],
        "upload_file" => &["files:write"],
        _ => &["chat:write"],
    }
}

/// The operations that the record permits and the token has no scope for; `None` where there are none, or where
/// Slack does not tell. It is an error where the record names its operations and one of them lacks its scope, and where
/// every operation does.
pub(super) fn judged(response: &Response, setup: &Setup<'_>) -> Result<Option<String>, ConnectorError> {
    let Some(has) = header(response, "x-oauth-scopes") else { return Ok(None) };
    let has: Vec<&str> = has.split(',').map(str::trim).collect();
    let policy = Policy::of(setup.record.connector_type, setup.options());
    let permitted = OPERATIONS.iter().map(|op| op.spec).filter(|spec| {
        let route = match spec.class {
            OperationClass::Read => Route::Query,
            OperationClass::Write => Route::Execute,
        };
        policy.judge(route, &spec.judged()).is_ok()
    });
    let permitted: Vec<&str> = permitted.map(|spec| spec.name).collect();
    let lacks = |name: &&&str| !scopes(name).iter().any(|scope| has.contains(scope));
    let lacking: Vec<&str> = permitted.iter().filter(lacks).copied().collect();
    let Some(first) = lacking.first() else { return Ok(None) };
    if setup.options().get("allowed_operations").is_some() || lacking.len() == permitted.len() {
        let message = format!(
            ": {first} takes the scope {}; add it to the app and install the app again",
            scopes(first).first().copied().unwrap_or_default()
        );
        return Err(ConnectorError::Lacks { status: Status::coded(200, "missing_scope"), message });
    }
    Ok(Some(lacking.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_the_scope_of_every_operation() {
        let page = include_str!("../../../docs/slack.md");
        for op in OPERATIONS {
            let scope = scopes(op.spec.name)[0];
            let row =
                |line: &&str| line.trim_start().starts_with("| `") && line.contains(&format!("`{scope}`"));
            let named = page.lines().filter(row).any(|line| line.contains(&format!("`{}`", op.spec.name)));
            assert!(named, "docs/slack.md has no row for {} with {scope}", op.spec.name);
        }
    }
}
