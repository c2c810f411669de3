//! `auth.test` and `users.*`.

use serde_json::{Value, json};

use super::{
    Slack,
    call::Call,
    pages,
    reply::Outcome,
    state::{BOT, TEAM},
};

pub(super) fn auth_test() -> Value {
    json!({
        "url": "https://acme.slack.com/", "team": "Acme", "user": "connector", "team_id": TEAM, "user_id": BOT,
        "bot_id": "B0BOT00001", "is_enterprise_install": false,
    })
}

pub(super) fn lookup(slack: &mut Slack, call: &Call) -> Outcome {
    let email = call.required("email");
    let found = slack.users.iter().find(|(_, user)| user.email.as_deref() == Some(email));
    let (id, user) = found.ok_or("users_not_found")?;
    Ok(json!({"user": user.shown(id)}))
}

pub(super) fn info(slack: &mut Slack, call: &Call) -> Outcome {
    let id = call.required("user");
    let user = slack.users.get(id).ok_or("user_not_found")?;
    Ok(json!({"user": user.shown(id)}))
}

pub(super) fn list(slack: &mut Slack, call: &Call) -> Outcome {
    // Without a limit it tries to give them all, and says so where they are too many.
    if call.text("limit").is_none() && slack.users.len() > 999 {
        return Err("limit_required".into());
    }
    let page = pages::page(call, slack.users.len(), 999, 999)?;
    let users = slack.users.iter().skip(page.from).take(page.to - page.from);
    let mut body = pages::body("members", users.map(|(id, user)| user.shown(id)).collect(), &page);
    body["cache_ts"] = json!(slack.now);
    Ok(body)
}
