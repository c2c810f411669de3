//! The faults of AWS: which request meets which, by chance and weather.

use std::sync::{Arc, Mutex, PoisonError};

use clap::ValueEnum;
use end_to_end::{Asked, Fault};
use model::clock::{Clock, SystemClock};
use serde_json::{Map, Value, json};

use crate::{
    book::Book,
    dice::Dice,
    weather::{Forecast, rate},
};

/// Of a thousand requests, in usual and in heavy weather.
const USUAL: usize = 40;
const HEAVY: usize = 330;

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
    pub(crate) forecast: Arc<Forecast>,
    pub(crate) book: Arc<Book>,
    pub(crate) dice: Mutex<Dice>,
    pub(crate) flaw: Option<Flaw>,
}

impl Sky {
    /// Judges one request.
    pub(crate) fn judge(&self, asked: &Asked) -> Fault {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = self.flaw.and_then(|flaw| planted(flaw, asked, &mut dice)) {
            return fault;
        }
        let weather = self.forecast.at(SystemClock.now().ticks);
        if !dice.chance(rate(weather, USUAL, HEAVY)) {
            return Fault::None;
        }
        let (kind, fault) = fault(asked, &mut dice);
        self.book.fault(format!("AWS {}", asked.operation), kind);
        fault
    }
}

fn fault(asked: &Asked, dice: &mut Dice) -> (&'static str, Fault) {
    let secrets = matches!(asked.operation.as_str(), "DescribeSecret" | "GetSecretValue");
    let refused = |kind: &str| {
        if secrets {
            Fault::Refused(json!({"__type": kind, "Message": "c4n4ry"}))
        } else {
            Fault::refused(kind)
        }
    };
    match (dice.below(11), asked.operation.as_str()) {
        (0 | 10, "BatchGetItem") => partial(&asked.body, dice),
        (0 | 1, "TransactWriteItems") => ("transaction conflict", Fault::conflict()),
        (0 | 1, "UpdateItem") => ("transaction conflict", refused("TransactionConflictException")),
        (0, _) if !secrets => ("throttled", refused("ProvisionedThroughputExceededException")),
        (0..=2, _) => ("throttled", refused("ThrottlingException")),
        (3, _) => {
            ("server error", Fault::Failed(json!({"__type": "InternalServerError", "message": "c4n4ry"})))
        }
        (4, _) => ("hung up before it", Fault::HungUpBefore),
        (5, _) => ("hung up after it", Fault::HungUpAfter),
        (6, _) => ("answer lost", Fault::AnswerLost),
        (7, _) => ("done after the attempt's time", Fault::Late(dice.millis(3_100, 4_400))),
        (8, _) => ("slow", Fault::Late(dice.millis(500, 2_500))),
        _ => ("slow", Fault::Late(dice.millis(10, 500))),
    }
}

/// Some of the keys are left; a batch of which nothing was done is an error, so one never is.
fn partial(body: &Value, dice: &mut Dice) -> (&'static str, Fault) {
    let (mut done, mut left) = (Map::new(), Map::new());
    for (table, asked) in body.get("RequestItems").and_then(Value::as_object).into_iter().flatten() {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for key in asked.get("Keys").and_then(Value::as_array).into_iter().flatten() {
            let may_be_left = !own.is_empty() || !done.is_empty();
            let side = if may_be_left && dice.chance(500) { &mut others } else { &mut own };
            side.push(key.clone());
        }
        for (keys, part) in [(own, &mut done), (others, &mut left)] {
            if !keys.is_empty() {
                let mut of_table = asked.clone();
                if let Some(of_table) = of_table.as_object_mut() {
                    of_table.insert("Keys".to_owned(), Value::Array(keys));
                }
                part.insert(table.clone(), of_table);
            }
        }
    }
    ("batch done in part", Fault::Partial(json!({"RequestItems": done}), Value::Object(left)))
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
