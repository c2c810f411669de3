//! What the audit must hold of each call, and whether it does: rows are found by the number of the call.

use std::collections::{BTreeSet, HashMap};

use end_to_end::World;
use serde_json::json;

use crate::{judge::Sent, steps::NAMES};

/// What the audit holds of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    Nothing,
    /// One row of this action whose result begins so.
    One(&'static str, &'static str),
    AtMostOne(&'static str, &'static str),
    /// One row, if this connector was changed by the call.
    IfItHappened(usize, &'static str),
}

impl Expected {
    /// A refusal stands whether or not it could be noted.
    pub(crate) fn refusal(action: &'static str, excused: bool) -> Self {
        if excused { Self::AtMostOne(action, "") } else { Self::One(action, "") }
    }
}

/// The books of a case.
#[derive(Default)]
pub(crate) struct Books {
    expected: HashMap<u64, (String, Expected)>,
    /// The connectors that were refreshed alone, whose counters say no more than that they rose.
    pub(crate) refreshed: BTreeSet<usize>,
}

/// What the audit of a tenant says.
#[derive(Default)]
pub(crate) struct Audited {
    /// The calls of unknown outcome that it holds, by connector.
    pub(crate) happened: HashMap<usize, BTreeSet<u64>>,
    /// How many changes it holds, by name.
    pub(crate) changes: HashMap<String, u64>,
}

impl Books {
    pub(crate) fn expect(&mut self, sent: &Sent, tenant: String, expected: Expected) {
        self.expected.insert(sent.number, (tenant, expected));
    }

    /// Holds a tenant's audit against the books.
    pub(crate) async fn audit(&self, world: &World, tenant: &str) -> Result<Audited, String> {
        let request = json!({
            "TableName": "audit", "KeyConditionExpression": "tenant_id = :t", "ConsistentRead": true,
            "ExpressionAttributeValues": {":t": {"S": tenant}},
        });
        let answer = world.dynamo("Query", &request).await;
        let mut rows = HashMap::<u64, Vec<(&str, &str)>>::new();
        let mut audited = Audited::default();
        for item in answer["Items"].as_array().ok_or("no rows")? {
            let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
            let (action, name) = (text("action"), text("connector_name"));
            if ["connector_create", "connector_update", "connector_delete"].contains(&action) {
                *audited.changes.entry(name.to_owned()).or_default() += 1;
            }
            if !NAMES.contains(&name) {
                return Err(format!("the audit holds {item}"));
            }
            let number = text("request_id").parse().map_err(|_| format!("the audit holds {item}"))?;
            rows.entry(number).or_default().push((action, text("result")));
        }
        for (number, (_, expected)) in self.expected.iter().filter(|(_, (of, _))| of == tenant) {
            let rows = rows.remove(number).unwrap_or_default();
            let fits = |action: &str, result: &str| {
                rows.iter().all(|row| row.0 == action && row.1.starts_with(result))
            };
            let right = match *expected {
                Expected::Nothing => rows.is_empty(),
                Expected::One(action, result) => rows.len() == 1 && fits(action, result),
                Expected::AtMostOne(action, result) => rows.len() <= 1 && fits(action, result),
                Expected::IfItHappened(index, action) => {
                    if !rows.is_empty() {
                        audited.happened.entry(index).or_default().insert(*number);
                    }
                    rows.len() <= 1 && fits(action, "")
                }
            };
            if !right {
                return Err(format!("the audit holds {rows:?} of call {number}: not {expected:?}"));
            }
        }
        if rows.is_empty() { Ok(audited) } else { Err(format!("the audit holds calls of others: {rows:?}")) }
    }

    /// The counter of a connector's generation.
    pub(crate) async fn generation(world: &World, tenant: &str, name: &str) -> u64 {
        let key = json!({"scope": {"S": format!("tenant#{tenant}#{name}")}});
        let request = json!({"TableName": "generations", "Key": key, "ConsistentRead": true});
        let answer = world.dynamo("GetItem", &request).await;
        answer["Item"]["g"]["N"].as_str().map_or(0, |number| number.parse().unwrap())
    }
}
