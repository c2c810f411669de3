//! What a case does, as plain data: drawn, shrunk and printed by proptest.

use std::{fmt, time::Duration};

use end_to_end::{Fault, Loss};
use proptest::{collection::vec, prelude::*, sample::select};

/// How many tenants a case has, how many connector names each, and how many containers of the agent there are.
pub(crate) const TENANTS: usize = 2;
pub(crate) const NAMES: [&str; 2] = ["open", "keyed"];
pub(crate) const CONTAINERS: usize = 3;

/// How many times are without end.
const EVER: usize = usize::MAX;

/// One step.
#[derive(Clone)]
pub(crate) enum Step {
    /// The time passes.
    Pass(Duration),
    /// A tenant's secret gets another value.
    Rotate(usize),
    /// Calls, all at the same time, some of whose requests to AWS meet with trouble.
    Calls(Vec<Op>, Vec<Trouble>),
}

/// A connector, by tenant and name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) tenant: usize,
    pub(crate) name: usize,
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create(Slot),
    /// A PUT: to a URL of its own, and perhaps a switch.
    Put(Slot, Option<bool>, IfMatch),
    Delete(Slot, IfMatch),
    Test(Slot),
    Read(Slot),
    List(usize),
    Refresh(Scope),
    /// A query by one of the containers.
    Query(Slot, usize, Kind),
    /// An execute by one of the containers.
    Execute(Slot, usize, Kind),
}

/// What an agent's call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What is answered.
    Plain,
    /// What governance refuses.
    Forbidden,
    /// What the upstream does and then fails to confirm.
    Unconfirmed,
}

/// The precondition of a write.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IfMatch {
    None,
    /// The version that the client last heard of.
    Known,
    /// One that is over.
    Old,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope {
    All,
    Tenant(usize),
    Connector(Slot),
}

/// Of the requests to AWS of one step that are of this kind, some meet a fault.
#[derive(Clone)]
pub(crate) struct Trouble {
    pub(crate) of: Requests,
    /// How many are spared first.
    pub(crate) spared: usize,
    pub(crate) times: usize,
    pub(crate) meet: Meet,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Requests {
    Any,
    Transactions,
    Markers,
    Items,
    Puts,
    Updates,
    Pages,
    Secrets,
}

/// A fault, drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meet {
    Throttled,
    Cancelled(&'static str),
    Lost(Loss),
    AnswerLost(Loss),
    Late(u64),
    AnswerLate(u64),
    Unread(usize),
    ShortPage,
}

impl Requests {
    pub(crate) fn hold(self, operation: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Transactions => operation == "TransactWriteItems",
            Self::Markers => operation == "BatchGetItem",
            Self::Items => operation == "GetItem",
            Self::Puts => operation == "PutItem",
            Self::Updates => operation == "UpdateItem",
            Self::Pages => ["Query", "Scan"].contains(&operation),
            Self::Secrets => operation.contains("Secret"),
        }
    }
}

impl Meet {
    pub(crate) fn fault(self) -> Fault {
        match self {
            Self::Throttled => Fault::Throttled,
            Self::Cancelled("TransactionInProgress") => Fault::refused("TransactionInProgressException"),
            Self::Cancelled(reason) => Fault::Cancelled(reason),
            Self::Lost(loss) => Fault::Lost(loss),
            Self::AnswerLost(loss) => Fault::AnswerLost(loss),
            Self::Late(ms) => Fault::Late(Duration::from_millis(ms)),
            Self::AnswerLate(ms) => Fault::AnswerLate(Duration::from_millis(ms)),
            Self::Unread(keys) => Fault::Unread(keys),
            Self::ShortPage => Fault::ShortPage(1),
        }
    }
}

impl Trouble {
    /// Whether a call that meets it waits until its time is over: then it is given little.
    pub(crate) fn takes_long(&self) -> bool {
        match self.meet {
            Meet::Lost(Loss::Silence) | Meet::AnswerLost(Loss::Silence) => true,
            Meet::Late(ms) | Meet::AnswerLate(ms) => ms > 100 || self.times == EVER,
            Meet::Cancelled(_) | Meet::Unread(_) => self.times == EVER,
            _ => false,
        }
    }
}

/// A case.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..24)
}

fn step() -> impl Strategy<Value = Step> {
    let calls = prop_oneof![6 => vec(op(), 1), 2 => vec(op(), 2), 1 => vec(op(), 3)];
    let troubles = prop_oneof![4 => Just(Vec::new()), 5 => vec(trouble(), 1), 1 => vec(trouble(), 2)];
    // To within the time that a failure is remembered and past it, up to an instance's age and past it, and past the
    // end of a license, of an idle session, and of any session.
    let seconds = select(vec![0, 2, 2, 12, 12, 31, 31, 3_600, 9 * 3_600, 25 * 3_600]);
    prop_oneof![
        3 => seconds.prop_map(|seconds| Step::Pass(Duration::from_secs(seconds))),
        1 => (0..TENANTS).prop_map(Step::Rotate),
        1 => (slot(), container()).prop_map(|(slot, by)| without_markers(Op::Query(slot, by, Kind::Plain))),
        16 => (calls, troubles).prop_map(|(calls, troubles)| Step::Calls(calls, troubles)),
    ]
}

/// What the exception for markers that can't be read is there for.
fn without_markers(op: Op) -> Step {
    let meet = Meet::Lost(Loss::HangUp);
    Step::Calls(vec![op], vec![Trouble { of: Requests::Markers, spared: 0, times: EVER, meet }])
}

fn container() -> impl Strategy<Value = usize> {
    prop_oneof![2 => Just(0), 1 => 1..CONTAINERS]
}

fn slot() -> impl Strategy<Value = Slot> {
    // Most of it happens to one connector, or little would.
    let tenant = prop_oneof![4 => Just(0), 1 => 1..TENANTS];
    let name = prop_oneof![2 => Just(0), 1 => 1..NAMES.len()];
    (tenant, name).prop_map(|(tenant, name)| Slot { tenant, name })
}

fn op() -> impl Strategy<Value = Op> {
    let if_match =
        || prop_oneof![3 => Just(IfMatch::None), 2 => Just(IfMatch::Known), 1 => Just(IfMatch::Old)];
    let enabled = prop_oneof![3 => Just(None), 1 => Just(Some(false)), 2 => Just(Some(true))];
    let kind =
        || prop_oneof![6 => Just(Kind::Plain), 1 => Just(Kind::Forbidden), 1 => Just(Kind::Unconfirmed)];
    let scope = prop_oneof![
        Just(Scope::All),
        (0..TENANTS).prop_map(Scope::Tenant),
        slot().prop_map(Scope::Connector)
    ];
    prop_oneof![
        4 => slot().prop_map(Op::Create),
        4 => (slot(), enabled, if_match()).prop_map(|(slot, enabled, condition)| Op::Put(slot, enabled, condition)),
        2 => (slot(), if_match()).prop_map(|(slot, condition)| Op::Delete(slot, condition)),
        1 => slot().prop_map(Op::Test),
        2 => slot().prop_map(Op::Read),
        1 => (0..TENANTS).prop_map(Op::List),
        2 => scope.prop_map(Op::Refresh),
        6 => (slot(), container(), kind()).prop_map(|(slot, by, kind)| Op::Query(slot, by, kind)),
        3 => (slot(), container(), kind()).prop_map(|(slot, by, kind)| Op::Execute(slot, by, kind)),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    use Requests::{Any, Items, Markers, Pages, Puts, Secrets, Transactions, Updates};
    let of = select(vec![
        Any,
        Any,
        Transactions,
        Transactions,
        Markers,
        Markers,
        Items,
        Puts,
        Updates,
        Pages,
        Secrets,
    ]);
    let loss = || select(vec![Loss::ServerError, Loss::HangUp, Loss::Cut, Loss::Silence]);
    let reason = select(vec![
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "TransactionInProgress",
    ]);
    let meet = prop_oneof![
        1 => Just(Meet::Throttled),
        1 => reason.prop_map(Meet::Cancelled),
        2 => loss().prop_map(Meet::Lost),
        4 => loss().prop_map(Meet::AnswerLost),
        1 => select(vec![20, 400]).prop_map(Meet::Late),
        1 => select(vec![20, 400]).prop_map(Meet::AnswerLate),
        1 => (1_usize..5).prop_map(Meet::Unread),
        1 => Just(Meet::ShortPage),
    ];
    // The SDK asks four times before it gives up: what comes after that is heard again.
    let times = prop_oneof![2 => Just(1), 1 => Just(2), 2 => Just(4), 3 => Just(EVER)];
    let spared = prop_oneof![4 => Just(0), 1 => 1_usize..4];
    (of, spared, times, meet).prop_map(|(of, spared, times, meet)| Trouble { of, spared, times, meet })
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass(time) => write!(f, "Pass({time:?})"),
            Self::Rotate(tenant) => write!(f, "Rotate({tenant})"),
            Self::Calls(calls, troubles) => {
                write!(f, "{calls:?}")?;
                if troubles.is_empty() { Ok(()) } else { write!(f, " while {troubles:?}") }
            }
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, NAMES[self.name])
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, spared, times, meet } = self;
        let times = if *times == EVER { "all".to_owned() } else { times.to_string() };
        write!(f, "{times} of {of:?} after {spared}: {meet:?}")
    }
}
