//! What an answer shows, held against what it may show.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    arrival::{Arrival, Manner, mark},
    connector::{Being, Connector, Record, TTL},
    run::{Answered, Run},
};

/// How long after a rotation a call may still meet refused credentials: the second in which a secret that was just read
/// again is not read once more, and the time of the calls on the way.
const HEALING: std::time::Duration = std::time::Duration::from_secs(6);

impl Run {
    /// A read of the record through the portal; gives the number of the state that it showed.
    pub(crate) fn see_record(&self, connector: &Connector, answered: &Answered) -> Option<usize> {
        let possible = connector.records.possible(answered.began);
        let seen = match answered.reply.status {
            200 => shown(&answered.body).and_then(|shown| possible.iter().rfind(|known| **known == shown)),
            404 => possible.iter().rfind(|(_, record)| record.being == Being::Absent),
            _ => return None,
        };
        let Some((number, record)) = seen else {
            self.wrong_sight("a read", connector, answered, "this record could not be seen");
            return None;
        };
        if record.being != Being::Absent {
            connector.records.stands(*number, answered.ended);
        }
        Some(*number)
    }

    /// An answer of which only whether there is such a connector shows.
    pub(crate) fn see_whether_it_is(&self, connector: &Connector, answered: &Answered) {
        let possible = connector.records.possible(answered.began);
        let fits = possible.iter().any(|(_, record)| match answered.reply.status {
            200 => record.being != Being::Absent,
            404 => record.being == Being::Absent,
            409 => record.being == Being::Disabled,
            _ => true,
        });
        if !fits {
            self.wrong_sight(
                "a look",
                connector,
                answered,
                "whether it is there, and serves, is shown wrong",
            );
        }
    }

    /// The portal's list.
    pub(crate) fn see_list(&self, connectors: &[Connector], answered: &Answered) {
        let listed = answered.body.as_array().cloned().unwrap_or_default();
        for connector in connectors {
            let possible = connector.records.possible(answered.began);
            let mut rows = listed.iter().filter(|row| named(row, "connector_name") == connector.name);
            let fits = match rows.next() {
                Some(row) => shown(row).is_some_and(|shown| possible.contains(&shown)),
                None => possible.iter().any(|(_, record)| record.being == Being::Absent),
            };
            if !fits || rows.next().is_some() {
                self.wrong_sight("the list", connector, answered, "it could not be listed like this");
            }
        }
    }

    /// The agent's list, which has enabled connectors and their versions.
    pub(crate) fn see_agents_list(&self, connectors: &[Connector], answered: &Answered) {
        let listed = answered.body.get("connectors").and_then(Value::as_array).cloned().unwrap_or_default();
        for connector in connectors {
            let possible = connector.records.possible(answered.began);
            let fits = match listed.iter().find(|row| named(row, "name") == connector.name) {
                Some(row) => {
                    let version = row.get("version").and_then(Value::as_u64).unwrap_or_default();
                    possible.iter().any(|(_, record)| *record == Record { being: Being::Serves, version })
                }
                None => possible.iter().any(|(_, record)| record.being != Being::Serves),
            };
            if !fits {
                self.wrong_sight("the agent's list", connector, answered, "it could not be listed like this");
            }
        }
    }

    /// A query. Where it could not read the markers, what stood one TTL before counts.
    pub(crate) async fn see_query(
        &self,
        connector: &Connector,
        answered: &Answered,
        arrivals: &[Arrival],
        nonce: &str,
    ) {
        let Some(why) = query_fault(connector, answered, arrivals, nonce, answered.began) else {
            sighted(connector, answered, arrivals);
            return;
        };
        let before = answered.began.checked_sub(TTL).unwrap_or(answered.began);
        if query_fault(connector, answered, arrivals, nonce, before).is_none()
            && self.log.was_stale(&answered.request).await
        {
            return self.book.note("queries answered from the cache for want of readable markers");
        }
        self.wrong_sight("a query", connector, answered, &format!("{why}; it came as {arrivals:?}"));
    }

    /// An execute, which is never stale.
    pub(crate) fn see_execute(
        &self,
        connector: &Connector,
        answered: &Answered,
        arrivals: &[Arrival],
        nonce: &str,
    ) {
        let taken = arrivals.iter().filter(|arrival| arrival.may_be_taken()).count();
        let why = query_fault(connector, answered, arrivals, nonce, answered.began).or_else(|| {
            let fits = match (answered.reply.status, answered.problem.as_str()) {
                (200, _) => taken == 1,
                (502 | 504, _) => taken <= 1,
                _ => taken == 0,
            };
            (!fits).then(|| format!("the upstream took it {taken} times"))
        });
        match why {
            None => sighted(connector, answered, arrivals),
            Some(why) => {
                self.wrong_sight(
                    "an execute",
                    connector,
                    answered,
                    &format!("{why}; it came as {arrivals:?}"),
                );
            }
        }
    }
}

/// The number of the state that a write answers with.
pub(crate) fn written(connector: &Connector, answered: &Answered) -> Option<usize> {
    let shown = shown(&answered.body)?;
    connector.records.possible(answered.ended).contains(&shown).then_some(shown.0)
}

/// What was seen stands: whoever comes later may see nothing older.
fn sighted(connector: &Connector, answered: &Answered, arrivals: &[Arrival]) {
    if let Some(number) = arrivals.iter().map(|arrival| arrival.state).max() {
        connector.records.stands(number, answered.ended);
    }
}

/// The number, being and version that a record shows.
fn shown(record: &Value) -> Option<(usize, Record)> {
    let number = record.pointer("/options/headers/X-State")?.as_str()?.parse().ok()?;
    let version = record.get("version")?.as_u64()?;
    let being = if record.get("enabled")?.as_bool()? { Being::Serves } else { Being::Disabled };
    // What a state is made of changes together: one of them would be half of an edit.
    let url = record.get("connection_url")?.as_str()?;
    let name = record.get("display_name")?.as_str()?;
    let whole = url.ends_with(&format!("/{number}")) && name.ends_with(&format!(" {number}"));
    whole.then_some((number, Record { being, version }))
}

fn named<'v>(row: &'v Value, field: &str) -> &'v str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Why a call that began then can't have been answered like this.
fn query_fault(
    connector: &Connector,
    answered: &Answered,
    arrivals: &[Arrival],
    nonce: &str,
    began: Instant,
) -> Option<String> {
    let records = connector.records.possible(began);
    let tokens = connector.tokens.possible(began);
    for arrival in arrivals {
        let serves =
            |(number, record): &(usize, Record)| *number == arrival.state && record.being == Being::Serves;
        if arrival.tenant != connector.tenant || arrival.connector != connector.name {
            return Some("it came to the upstream as another's".to_owned());
        }
        if !records.iter().any(serves) {
            return Some(format!("state {} was over, or never was", arrival.state));
        }
        if arrival.token.is_some() != connector.arn.is_some() {
            return Some("it came with a secret that it has not, or without one".to_owned());
        }
        if arrival.token.is_some_and(|token| !tokens.iter().any(|(number, ())| *number == token)) {
            return Some(format!("token {:?} was over", arrival.token));
        }
    }
    let came = |manners: &[Manner]| arrivals.iter().any(|arrival| manners.contains(&arrival.manner));
    let being = |being: Being| records.iter().any(|(_, record)| record.being == being);
    let explained = match (answered.reply.status, answered.problem.as_str()) {
        (200, _) => {
            let row = answered.body.pointer("/data/0");
            let expected = arrivals.last().map(|arrival| {
                json!({
                    "mark": mark(connector.tenant), "connector": arrival.connector, "state": arrival.state,
                    "token": arrival.token, "nonce": nonce,
                })
            });
            // Of a write whose answer's body was cut the status alone is known.
            came(&[Manner::Cut]) && row.is_none() || expected.is_some() && row == expected.as_ref()
        }
        (404, _) => being(Being::Absent),
        (409, _) => being(Being::Disabled),
        (422, _) => came(&[Manner::Refused]),
        (424, _) => connector.revokes && connector.rotated_since(began.checked_sub(HEALING).unwrap_or(began)),
        (429, _) => came(&[Manner::Limited]),
        (502, _) => came(&[Manner::Failed, Manner::Unavailable, Manner::HungUp, Manner::Cut, Manner::Hung]),
        _ => true,
    };
    (!explained).then(|| "nothing explains this answer".to_owned())
}
