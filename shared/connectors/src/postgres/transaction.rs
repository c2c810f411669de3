//! The transaction around every call. It begins in the same round trip that prepares the caller's statement, before
//! which nothing can have taken effect: if the session turns out dead there, a new one takes its place, once.

use std::time::Duration;

use model::deadline::Deadline;
use tokio_postgres::{Error, Statement as Prepared};

use super::{
    dialer::Session,
    failure,
    pool::{Lease, Pool},
    statement::Statement,
};
use crate::ConnectorError;

/// How much later than ours the server's own time limit ends: ours is the one that speaks, the server's is for when
/// nobody is left to cancel.
const GRACE: Duration = Duration::from_millis(250);
/// The longest that a doubtful session may take to begin.
const DOUBT_TIME: Duration = Duration::from_secs(2);

/// How a transaction may act.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
}

/// Ends a transaction without a trace. A query can't leave more than a lock that a function of the database took.
const UNDO: &str = "ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()";
/// Gives a session back as it was opened. What tokio-postgres prepared for itself has to stay, hence no DISCARD ALL.
const CLEAN: &str = "ROLLBACK; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; \
                     SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD SEQUENCES; DISCARD TEMP";

/// Begins a transaction and prepares a statement in it.
pub(super) async fn begin(
    pool: &Pool,
    mode: Mode,
    statement: &Statement<'_>,
    deadline: Deadline,
) -> Result<(Lease, Prepared), ConnectorError> {
    let mut lease = pool.lease(deadline).await?;
    loop {
        let left = pool.dialer.left(deadline)?;
        let doubtful = lease.is_doubtful(pool.dialer.now());
        let session = lease.session()?;
        let begun = begin_on(session, mode, statement, left);
        let bound = if doubtful { left.min(DOUBT_TIME) } else { left };
        let begun = tokio::time::timeout(bound, begun).await;
        match begun {
            Ok(Ok(prepared)) => return Ok((lease, prepared)),
            Ok(Err(error)) if !failure::is_broken(&error) => {
                let error = failure::of_call(&error, &pool.dialer.target, &session.meter);
                undo(lease, Mode::ReadOnly).await;
                return Err(error);
            }
            Ok(Err(_)) | Err(_) if lease.reused => lease.renew(deadline).await?,
            Ok(Err(error)) => return Err(failure::of_call(&error, &pool.dialer.target, &session.meter)),
            Err(_) => return Err(pool.dialer.late()),
        }
    }
}

/// The driver sends both before it waits for either.
async fn begin_on(
    session: &Session,
    mode: Mode,
    statement: &Statement<'_>,
    left: Duration,
) -> Result<Prepared, Error> {
    let settings = settings(mode, left);
    let begun = session.client.batch_execute(&settings);
    let prepared = session.client.prepare(&statement.text);
    let (begun, prepared) = tokio::join!(biased; begun, prepared);
    begun?;
    prepared
}

/// The settings on which the reading of statements and the form of values rest, whatever the role's own are.
fn settings(mode: Mode, left: Duration) -> String {
    let mode = match mode {
        Mode::ReadOnly => "READ ONLY",
        Mode::ReadWrite => "READ WRITE",
    };
    // The server counts in 32 bits.
    let millis = (left + GRACE).as_millis().min(2_000_000_000);
    format!(
        "BEGIN {mode}; SET LOCAL standard_conforming_strings = on; SET LOCAL statement_timeout = {millis}; \
         SET LOCAL idle_in_transaction_session_timeout = {millis}; SET LOCAL TimeZone = 'UTC'; \
         SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex'; \
         SET LOCAL extra_float_digits = 1"
    )
}

/// Rolls back, and gives the session back if that worked.
pub(super) async fn undo(lease: Lease, mode: Mode) {
    let text = match mode {
        Mode::ReadOnly => UNDO,
        Mode::ReadWrite => CLEAN,
    };
    let undone = match lease.session() {
        Ok(session) => session.client.batch_execute(text).await.is_ok(),
        Err(_) => false,
    };
    if undone {
        lease.give_back();
    }
}
