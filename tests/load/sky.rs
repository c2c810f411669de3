//! The faults of AWS: which request meets which, by chance and weather.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clap::ValueEnum;
use end_to_end::{Asked, Chance, Dice, Fault, Loss};
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::{
    book::Book,
    weather::{Forecast, Weather},
};

/// Of a million requests so many meet each fault in usual weather, and so many times that in heavy weather.
const USUAL: u32 = 3_300;
const HEAVY: u32 = 8;

/// Something wrong on purpose, to show that a run finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flaw {
    /// The counters are never raised.
    NoMarkers,
    /// One transaction in ten is acknowledged and not done.
    LostWrites,
    /// One intent in two is acknowledged and not stored.
    LostAudits,
    /// The upstream's answers show the token that they came with.
    ShownSecrets,
    /// The upstream shows another tenant's mark.
    ForeignRows,
    /// The upstream takes one write in ten twice.
    TwiceTaken,
}

/// What makes the faults between the functions and AWS.
pub(crate) struct Sky {
    forecast: Arc<Forecast>,
    book: Arc<Book>,
    usual: Chance,
    heavy: Chance,
    flaw: Option<(Flaw, Mutex<Dice>)>,
}

impl Sky {
    pub(crate) fn new(seed: u64, forecast: Arc<Forecast>, book: Arc<Book>, flaw: Option<Flaw>) -> Self {
        let odds = |odds| faults().map(|fault| (odds, fault));
        let (usual, heavy) = (Chance::new(seed, &odds(USUAL)), Chance::new(seed, &odds(USUAL * HEAVY)));
        let flaw = flaw.map(|flaw| (flaw, Mutex::new(Dice::new(seed, "flaw"))));
        Self { forecast, book, usual, heavy, flaw }
    }

    /// Judges one request.
    pub(crate) fn judge(&self, asked: &Asked) -> Fault {
        let flaw = self.flaw.as_ref().and_then(|(flaw, dice)| {
            planted(*flaw, asked, &mut dice.lock().unwrap_or_else(PoisonError::into_inner))
        });
        if let Some(fault) = flaw {
            return fault;
        }
        let fault = match self.forecast.at(SystemClock.now().ticks) {
            Weather::Calm => Fault::None,
            Weather::Usual => self.usual.judge(asked),
            Weather::Heavy => self.heavy.judge(asked),
        };
        if let Some(name) = name(&fault) {
            self.book.fault(format!("AWS {}", asked.operation), name);
        }
        fault
    }
}

/// Each of these is as likely as the others. An attempt has three seconds: what is later than that is done when nobody
/// waits for it any more.
fn faults() -> [Fault; 15] {
    let late = |millis| Fault::Late(Duration::from_millis(millis));
    [
        Fault::Throttled,
        Fault::refused("RequestLimitExceeded"),
        Fault::conflict(),
        Fault::Unread(1),
        Fault::Unread(3),
        Fault::ShortPage(2),
        Fault::Lost(Loss::ServerError),
        Fault::Lost(Loss::HangUp),
        Fault::AnswerLost(Loss::ServerError),
        Fault::AnswerLost(Loss::HangUp),
        Fault::AnswerLost(Loss::Cut),
        Fault::AnswerLost(Loss::Silence),
        late(200),
        late(2_000),
        late(4_000),
    ]
}

fn name(fault: &Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::None | Fault::Held(_) | Fault::Pretended(_) | Fault::Replaced(_) => return None,
        Fault::Throttled | Fault::Refused(_) => "throttled",
        Fault::Cancelled(_) => "transaction conflict",
        Fault::Unread(_) => "batch done in part",
        Fault::ShortPage(_) => "short page",
        Fault::Lost(Loss::ServerError) => "server error",
        Fault::Lost(_) => "hung up before it was done",
        Fault::AnswerLost(Loss::ServerError) => "done, answered with 500",
        Fault::AnswerLost(Loss::HangUp) => "done, hung up",
        Fault::AnswerLost(Loss::Cut) => "done, answer cut",
        Fault::AnswerLost(Loss::Silence) => "done, never answered",
        Fault::AnswerLate(_) => "done, answered late",
        Fault::Late(wait) if wait.as_secs() > 3 => "done when nobody waits any more",
        Fault::Late(_) => "slow",
    })
}

fn planted(flaw: Flaw, asked: &Asked, dice: &mut Dice) -> Option<Fault> {
    let of_generations = |item: &Value| item.pointer("/Update/TableName") == Some(&json!("generations"));
    match (flaw, asked.operation.as_str()) {
        (Flaw::NoMarkers, "UpdateItem") if asked.body.get("TableName") == Some(&json!("generations")) => {
            Some(Fault::Pretended(json!({"Attributes": {"g": {"N": "1"}}})))
        }
        (Flaw::NoMarkers, "TransactWriteItems") => {
            let mut body = asked.body.clone();
            let items = body.get_mut("TransactItems")?.as_array_mut()?;
            items.retain(|item| !of_generations(item));
            Some(if items.is_empty() { Fault::Pretended(json!({})) } else { Fault::Replaced(body) })
        }
        (Flaw::LostWrites, "TransactWriteItems") if dice.chance(100) => Some(Fault::Pretended(json!({}))),
        (Flaw::LostAudits, "PutItem")
            if asked.body.get("TableName") == Some(&json!("audit")) && dice.chance(500) =>
        {
            Some(Fault::Pretended(json!({})))
        }
        _ => None,
    }
}
