//! One call: the statement is prepared, which changes nothing and shows that the session is alive, then executed page
//! by page. An attempt that failed goes on where it stopped, as far as that can do no harm: a read is asked for again,
//! a write only where it was not sent or the server said that it has not acted.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use model::deadline::Deadline;
use scylla::{
    response::{PagingState, PagingStateResponse, query_result::QueryResult},
    statement::prepared::PreparedStatement,
};

use super::{
    columns,
    failure::{self, Chance, Failure},
    paging::Sizes,
    sessions::{Lease, Sessions},
    statement::Statement,
};
use crate::{ConnectorError, Rows};

/// The longest that a doubtful session may take to prepare a statement, and any other.
const DOUBT_TIME: Duration = Duration::from_secs(2);
const PREPARE_TIME: Duration = Duration::from_secs(5);
/// Longer than a server waits for its replicas before it says so itself.
const PAGE_TIME: Duration = Duration::from_secs(15);

/// Whether a write is under way.
#[derive(Default)]
pub(super) struct Sent(AtomicBool);

impl Sent {
    pub(super) fn is_under_way(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a call has gone past already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Nothing,
    Node,
    Session,
}

/// A call, and how far it got.
pub(super) struct Call<'c> {
    pub(super) sessions: &'c Sessions,
    pub(super) statement: &'c Statement<'c>,
    /// Whether it may be sent twice.
    pub(super) repeatable: bool,
    pub(super) sent: &'c Sent,
    pub(super) deadline: Deadline,
    answer: Answer,
    sizes: Sizes,
    at: PagingState,
    wanted: Option<usize>,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Answer {
    /// None where the statement gives none.
    pub(super) rows: Option<Rows>,
    /// Whether a lightweight transaction took effect, where it was one.
    pub(super) applied: Option<bool>,
    /// Whether not every node has heard of a change of the schema yet.
    pub(super) unsettled: bool,
}

impl<'c> Call<'c> {
    pub(super) fn new(
        sessions: &'c Sessions,
        statement: &'c Statement<'c>,
        repeatable: bool,
        wanted: Option<usize>,
        sent: &'c Sent,
        deadline: Deadline,
    ) -> Self {
        let (answer, sizes, at) = (Answer::default(), Sizes::default(), PagingState::start());
        Self { sessions, statement, repeatable, sent, deadline, answer, sizes, at, wanted }
    }

    /// Makes attempts until one succeeds or none may follow.
    pub(super) async fn run(mut self) -> Result<Answer, ConnectorError> {
        let mut waits = egress::waits(self.sessions.dialer.target.max_retries);
        let mut lost = Lost::Nothing;
        loop {
            let lease = match self.sessions.lease(self.deadline).await {
                Ok(lease) => lease,
                Err(error) => {
                    let failure = Failure::before(error);
                    let next = (failure.chance != Chance::None).then(|| waits.next()).flatten();
                    self.wait(next, failure).await?;
                    continue;
                }
            };
            let Err(failure) = self.attempt(&lease).await else {
                self.sessions.answered(&lease);
                return Ok(self.answer);
            };
            let before = lost;
            lost = self.lost(&lease, failure.chance, before);
            let harmless = self.repeatable || !failure.acted;
            if failure.chance == Chance::None || !harmless {
                return Err(self.ended(failure));
            }
            // What died while nobody used it is nobody's fault: going past it is no repetition.
            if lost != before && lease.reused {
                continue;
            }
            let next = waits.next();
            self.wait(next, failure).await?;
        }
    }

    /// What a failure means for the session: a node that is gone leaves the others, which are asked at once; where
    /// there are none, or that was no help, or none of them says anything, a new session takes its place.
    fn lost(&self, lease: &Lease, chance: Chance, before: Lost) -> Lost {
        match chance {
            Chance::Elsewhere if before == Lost::Nothing && lease.is_connected() => Lost::Node,
            Chance::Elsewhere | Chance::Anew => {
                self.sessions.discard(lease);
                Lost::Session
            }
            _ => {
                self.sessions.answered(lease);
                before
            }
        }
    }

    /// Waits for the next attempt; where there is none, or it would come too late, the failure stands.
    async fn wait(&self, next: Option<Duration>, failure: Failure) -> Result<(), ConnectorError> {
        let left = self.deadline.left(self.sessions.dialer.now());
        match next.filter(|wait| left.is_some_and(|left| *wait < left)) {
            Some(wait) => {
                tracing::debug!(error = %failure.error, wait_ms = wait.as_millis(), "the cluster is asked again");
                tokio::time::sleep(wait).await;
                Ok(())
            }
            None => Err(self.ended(failure)),
        }
    }

    fn ended(&self, failure: Failure) -> ConnectorError {
        if failure.acted && !self.repeatable {
            return ConnectorError::OutcomeUnknown(failure.error.to_string());
        }
        failure.error
    }

    async fn attempt(&mut self, lease: &Lease) -> Result<(), Failure> {
        let mut prepared = self.prepare(lease).await?;
        let specs = prepared.get_variable_col_specs();
        let values = self.statement.bound(specs.as_slice().iter()).map_err(|error| Failure {
            error,
            chance: Chance::None,
            acted: false,
        })?;
        prepared.set_is_idempotent(self.repeatable);
        prepared.set_request_timeout(self.repeatable.then_some(PAGE_TIME));
        loop {
            let have = self.answer.rows.as_ref().map_or(0, |rows| rows.items().len());
            prepared.set_page_size(self.sizes.next(self.wanted, have));
            let at = std::mem::replace(&mut self.at, PagingState::start());
            let kept = at.clone();
            let executing = lease.session.execute_single_page(&prepared, &values, at);
            self.sent.0.store(!self.repeatable, Ordering::Relaxed);
            let executed = executing.await;
            self.sent.0.store(false, Ordering::Relaxed);
            match executed {
                Ok((result, next)) => {
                    if !self.take(result)? {
                        return Ok(());
                    }
                    let PagingStateResponse::HasMorePages { state } = next else { return Ok(()) };
                    self.at = state;
                }
                // The change itself has been made.
                Err(scylla::errors::ExecutionError::SchemaAgreementError(_)) => {
                    self.answer.unsettled = true;
                    return Ok(());
                }
                Err(error) => {
                    self.at = kept;
                    return Err(self.of_execution(&error));
                }
            }
        }
    }

    /// What a server says of a condition it says before it acts; but what a lightweight transaction has agreed on may
    /// fail later, when it is written, in the same words, and so may the second partition of several.
    fn of_execution(&self, error: &scylla::errors::ExecutionError) -> Failure {
        let failure = failure::of_execution(error, &self.sessions.dialer.target);
        let uncertain = failure.chance == Chance::Untaken && self.statement.in_steps;
        Failure { acted: failure.acted || uncertain, ..failure }
    }

    async fn prepare(&self, lease: &Lease) -> Result<PreparedStatement, Failure> {
        let dialer = &self.sessions.dialer;
        let left = dialer.left(self.deadline).map_err(Failure::before)?;
        let bound = if lease.doubtful { DOUBT_TIME } else { PREPARE_TIME };
        let preparing = lease.session.prepare(self.statement.text.as_str());
        match tokio::time::timeout(left.min(bound), preparing).await {
            Ok(prepared) => prepared.map_err(|error| failure::of_prepare(&error, &dialer.target)),
            Err(_) if left <= bound => Err(Failure::before(dialer.late())),
            Err(_) => Err(Failure { acted: false, ..Failure::silent(&dialer.target) }),
        }
    }

    /// Takes what a page holds; false says that no more is wanted.
    fn take(&mut self, result: QueryResult) -> Result<bool, Failure> {
        if !result.is_rows() {
            return Ok(false);
        }
        let unreadable = |error| Failure { error, chance: Chance::None, acted: true };
        let page = result
            .into_rows_result()
            .map_err(|_| unreadable(ConnectorError::Upstream("the server's answer can't be read".into())))?;
        let rows = self.answer.rows.get_or_insert_with(|| Rows::up_to(self.wanted));
        let page = columns::take(&page, rows).map_err(unreadable)?;
        self.sizes.note(page.rows, page.bytes);
        self.answer.applied = self.answer.applied.or(page.applied);
        Ok(!rows.is_full())
    }
}
