//! From a statement to its result: submitted, waited for by polling while the server says that it runs, and told apart
//! by what is known of its outcome where it fails.

use std::{sync::Arc, time::Duration};

use egress::{EgressError, Response};
use reqwest::StatusCode;

use super::{
    api::{Api, Exchange},
    running::Running,
    statement::Statement,
    target::Session,
    wire::{self, Underway},
};
use crate::{ConnectorError, request::Context};

/// The wait before the first look at a statement that runs; each further one is half as long again.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What a statement may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    /// Then an answer that does not come leaves it open whether something was changed.
    Write,
}

/// Runs a statement to its end and gives the answer that holds its result. `rows` is the most that is wanted, where
/// the server may stop there.
pub(super) async fn run(
    api: &Arc<Api>,
    session: &Session,
    statement: &Statement<'_>,
    rows: Option<usize>,
    mode: Mode,
    context: Context,
) -> Result<Response, ConnectorError> {
    let left = context.deadline.left(api.client.clock().now()).ok_or_else(|| api.late())?;
    let body = statement.body(session, whole_seconds(left), rows)?;
    let submitted = api.submit(body, context).await;
    let known = is_known(&submitted, false);
    let answer = submitted.answer.map_err(|error| of_write(error, mode, known))?;
    if answer.status != StatusCode::ACCEPTED {
        return Ok(answer);
    }
    let said = underway(&answer.body).map_err(|error| of_write(error, mode, false))?;
    let running = Running::new(api, said.statement_handle.clone(), context);
    poll(api, said, running, mode, context).await
}

/// Asks until the statement has ended.
async fn poll(
    api: &Api,
    mut said: Underway,
    running: Running,
    mode: Mode,
    context: Context,
) -> Result<Response, ConnectorError> {
    let mut wait = FIRST_WAIT;
    loop {
        let url = running.status_url(&said).map_err(|error| of_write(error, mode, false))?;
        let left = context.deadline.left(api.client.clock().now());
        let left = left.ok_or_else(|| of_write(api.late(), mode, false))?;
        tokio::time::sleep(wait.min(left)).await;
        wait = (wait + wait / 2).min(LONGEST_WAIT);
        let looked = api.get(url, context).await;
        let known = is_known(&looked, true);
        let answer = match looked.answer {
            Ok(answer) => answer,
            Err(error) => {
                if known {
                    running.ended();
                }
                return Err(of_write(error, mode, known));
            }
        };
        if answer.status != StatusCode::ACCEPTED {
            running.ended();
            return Ok(answer);
        }
        said = underway(&answer.body).map_err(|error| of_write(error, mode, false))?;
    }
}

fn underway(body: &[u8]) -> Result<Underway, ConnectorError> {
    let said: Underway = wire::read(body)?;
    Ok(Underway { statement_handle: wire::handle(said.statement_handle)?, ..said })
}

/// Rounded up: the server is the one that is late. None at all would mean that there is no limit.
fn whole_seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// Whether a failure says for certain that the statement changed nothing. One that was accepted has failed only where
/// the server says that it has.
fn is_known(ended: &Exchange, accepted: bool) -> bool {
    match ended.status {
        _ if ended.answer.is_ok() => true,
        // It ran, and failed or was ended.
        Some(StatusCode::REQUEST_TIMEOUT | StatusCode::UNPROCESSABLE_ENTITY) => true,
        // It says no to this attempt alone.
        Some(status) => (status.is_client_error() || status.is_redirection()) && !accepted && !ended.lost,
        None => !accepted && !ended.lost,
    }
}

fn of_write(error: ConnectorError, mode: Mode, known: bool) -> ConnectorError {
    match mode {
        Mode::Write if !known => ConnectorError::OutcomeUnknown(match error {
            // What would be done about it is beside the point here.
            ConnectorError::CredentialsRefused(status) | ConnectorError::Forbidden(status) => {
                format!("Snowflake no longer takes the credentials ({status})")
            }
            other => other.to_string(),
        }),
        _ => error,
    }
}

/// Whether the answer was larger than what is read.
pub(super) fn is_too_large(error: &ConnectorError) -> bool {
    matches!(error, ConnectorError::Egress(EgressError::BodyTooLarge { .. }))
}
