//! What each fault means to whoever called, by the kind of call. Nothing here has a default.

use connectors::{ConnectorError, Stage};
use egress::EgressError;
use model::connector_type::ConnectorType;
use test_servers::misbehaving::Fault;

use crate::upstreams::Call;

/// What is failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The call itself, with a token that is there already.
    Api,
    /// The fetching of the token before it.
    Token,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// 502: there was no connection.
    Connect,
    /// 502: there was no session.
    Tls,
    /// 504: the time was over.
    Late,
    /// One or the other: the end may come before or after the first word is sent.
    Gone,
    /// 502: the connection broke, or what came is no HTTP.
    Broken,
    /// 502: more came than is read.
    TooLarge,
    /// 502: it leads elsewhere.
    Redirect,
    /// 502: what came is nothing that this upstream says.
    Unreadable,
    /// 504: a write may have been done.
    Unknown,
    /// It is answered: an upstream of this type may say so.
    Answered,
}

/// What a fault is by itself.
fn of(fault: Fault) -> Meaning {
    match fault {
        Fault::Refused | Fault::ResetInHandshake => Meaning::Connect,
        Fault::PlainToTls | Fault::Expired | Fault::OtherName | Fault::UnknownIssuer => Meaning::Tls,
        Fault::SilentHandshake
        | Fault::Silent
        | Fault::SlowHead
        | Fault::SlowBody
        | Fault::EndlessInterim
        | Fault::TinyChunks => Meaning::Late,
        Fault::ResetAtOnce => Meaning::Gone,
        Fault::UnsaidEnd
        | Fault::ResetAfterRequest
        | Fault::ResetInBody
        | Fault::CutByLength
        | Fault::CutInChunks
        | Fault::EndlessHead
        | Fault::NoLength
        | Fault::TwoLengths
        | Fault::Garbage
        | Fault::GzipHalf
        | Fault::GzipNot => Meaning::Broken,
        Fault::HugeBody | Fault::HugeAnnounced | Fault::GzipBomb => Meaning::TooLarge,
        Fault::Page
        | Fault::Empty
        | Fault::Malformed
        | Fault::Deep
        | Fault::ShortLength
        | Fault::GzipTwice => Meaning::Unreadable,
        Fault::RedirectLoop | Fault::RedirectForbidden => Meaning::Redirect,
    }
}

/// What it is to a call.
pub(crate) fn meaning(kind: ConnectorType, call: Call, part: Part, fault: Fault) -> Meaning {
    let meaning = of(fault);
    // A call that has no token yet has asked for nothing.
    if part == Part::Token {
        // It is longer than any token.
        return if fault == Fault::Deep { Meaning::TooLarge } else { meaning };
    }
    match (call, meaning) {
        (Call::Query, Meaning::Unreadable) => unreadable_read(kind, fault),
        (Call::Health, Meaning::Unreadable) => unreadable_health(kind),
        (Call::Execute, Meaning::Broken | Meaning::TooLarge | Meaning::Late) if writes(kind) => {
            Meaning::Unknown
        }
        (Call::Execute, Meaning::Unreadable) if writes(kind) => unreadable_write(kind, fault),
        (Call::Query | Call::Execute | Call::Health, meaning) => meaning,
    }
}

/// Whether the execute of these tests changes something.
pub(crate) fn writes(kind: ConnectorType) -> bool {
    kind != ConnectorType::Amadeus
}

/// A service of one's own may answer in text, or not at all.
fn unreadable_read(kind: ConnectorType, fault: Fault) -> Meaning {
    match (kind, fault) {
        (ConnectorType::Custom, Fault::Page | Fault::Empty) => Meaning::Answered,
        _ => Meaning::Unreadable,
    }
}

/// A custom service is healthy when it answers.
fn unreadable_health(kind: ConnectorType) -> Meaning {
    if kind == ConnectorType::Custom { Meaning::Answered } else { Meaning::Unreadable }
}

/// A write that is answered with success is done, whatever the answer holds; where a page answers, nobody knows who did.
/// Slack says in the body alone whether it was done, and Snowflake what was.
fn unreadable_write(kind: ConnectorType, fault: Fault) -> Meaning {
    match (kind, fault) {
        (ConnectorType::Custom, _) => Meaning::Answered,
        // An instance that hibernates answers so, which is an error of its own.
        (ConnectorType::Servicenow, Fault::Page) => Meaning::Unreadable,
        (ConnectorType::Snowflake | ConnectorType::Slack, _) | (_, Fault::Page) => Meaning::Unknown,
        _ => Meaning::Answered,
    }
}

/// Whether an error is what it should be; `health` walks the way first, and names what fails behind it as the call.
pub(crate) fn is(meaning: Meaning, call: Call, ended: Result<(), &ConnectorError>) -> bool {
    use ConnectorError as E;
    let error = match (meaning, ended) {
        (Meaning::Answered, ended) => return ended.is_ok(),
        (_, Ok(())) => return false,
        (_, Err(error)) => error,
    };
    let said = |what: &str| {
        matches!(error, E::Upstream(_)) && call == Call::Health && error.to_string().contains(what)
    };
    let egress = match error {
        E::Egress(error) | E::Unreached { error, .. } => Some(error),
        _ => None,
    };
    match meaning {
        Meaning::Connect => {
            matches!(egress, Some(EgressError::Connect { .. })) && error.stage() == Stage::Connect
        }
        Meaning::Gone => {
            let unknown = matches!(error, E::OutcomeUnknown(_)) && call == Call::Execute;
            is(Meaning::Connect, call, ended) || is(Meaning::Broken, call, ended) || unknown
        }
        Meaning::Tls => matches!(egress, Some(EgressError::Tls { .. })) && error.stage() == Stage::Tls,
        Meaning::Late => {
            matches!(egress, Some(EgressError::Deadline { .. })) || said("did not answer before the deadline")
        }
        Meaning::Broken => matches!(egress, Some(EgressError::Broken { .. })) || said("is unusable"),
        Meaning::TooLarge => {
            matches!(egress, Some(EgressError::BodyTooLarge { .. })) || said("is larger than")
        }
        Meaning::Redirect | Meaning::Unreadable => {
            matches!(error, E::Upstream(_)) && error.stage() == Stage::Call
        }
        Meaning::Unknown => matches!(error, E::OutcomeUnknown(_)) && error.stage() == Stage::Call,
        Meaning::Answered => false,
    }
}
