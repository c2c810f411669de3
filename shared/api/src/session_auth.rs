//! Who is asking, on the portal: the session of the cookie, and what its role may do.

use model::{
    audit::Actor,
    problem::Problem,
    session::{COOKIE, Role, Session, SessionToken},
};
use store::SessionStore;

use crate::{call::Call, origin, problems};

/// How stale `last_seen_at` may get, in seconds: idle expiry is exact to this, and most requests write nothing.
const SEEN_STEP: i64 = 60;

/// The session of a request, once everything that could forbid it has been asked.
pub async fn authenticate(
    call: &Call,
    sessions: &dyn SessionStore,
    allowed_origins: &[String],
) -> Result<Session, Problem> {
    origin::check(call, allowed_origins)?;
    let hash = SessionToken::from_cookie(call.cookie(COOKIE).ok_or_else(problems::not_signed_in)?).hash();
    let found = sessions.find(&hash, call.deadline).await?;
    // The look-up is by hash, which an attacker can't steer; the comparison guards against a store that answers
    // with another item.
    let session = found
        .filter(|session| session.token_hash.matches(&hash) && session.is_live(call.started.wall))
        .ok_or_else(problems::not_signed_in)?;
    let span = tracing::Span::current();
    span.record("who", &session.user);
    span.record("tenant", session.tenant_id.as_str());
    if !call.method.is_safe() && session.role == Role::Viewer {
        let detail = "This session may only read; an editor's session may write and test.";
        return Err(problems::forbidden("viewer", detail));
    }
    note_use(call, sessions, &session).await;
    Ok(session)
}

/// Who is named in the audit.
pub fn actor(call: &Call, session: &Session) -> Actor {
    Actor { who: format!("session:{}", session.user), request_id: call.request_id.clone() }
}

async fn note_use(call: &Call, sessions: &dyn SessionStore, session: &Session) {
    let now = call.started.epoch_seconds();
    if now - session.last_seen_at >= SEEN_STEP {
        let seen = Session { last_seen_at: now, ..session.clone() };
        // A request is not refused because its use could not be noted: the session then ends earlier.
        if let Err(error) = sessions.touch(&seen, call.deadline).await {
            tracing::warn!(%error, "session use not noted");
        }
    }
}
