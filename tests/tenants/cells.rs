//! The cells of one operation: every combination of what its places can name, and what stands beside them in a request
//! that no document speaks of. Each cell is asked twice, once about the victim's things and once about nobody's.

use std::time::Duration;

use api::Host;
use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::Call;

use crate::{
    alike::told,
    document::Operation,
    known::{Known, Names, SignedIn},
    ledger::Ledger,
    requests::Said,
    stage::Stage,
    target::{STRANGER, Target, VICTIMS_OWN},
};

/// How long a test waits for what must happen in the end; far longer than it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// One of a target's things.
type Thing = fn(&Target) -> String;
/// Which of them stands in which place.
type Cell = Vec<(String, Thing)>;

/// What a place can be made to say.
fn things(names: Names) -> &'static [Thing] {
    match names {
        Names::Connector => &[
            |target| target.connector.to_owned(),
            |target| target.connector.to_uppercase(),
            |target| format!("{}#{}", target.tenant, target.connector),
            |target| format!("{}/{}", target.tenant, target.connector),
            |target| format!("../{}/{}", target.tenant, target.connector),
            |target| format!("{}.{}", target.tenant, target.connector),
            |target| format!("{}:{}", target.tenant, target.connector),
            |target| format!("{}\u{0}", target.connector),
            |target| format!("{}%00", target.connector),
            |target| format!("{}*", target.connector.split('-').next().unwrap_or_default()),
        ],
        Names::Tenant => &[|target| target.tenant.to_owned()],
        Names::Cursor => &[|target| target.cursor.clone(), |target| target.forged_cursor.clone()],
        Names::Tag => &[|target| target.tag.to_owned()],
        Names::Secret => &[|target| target.arn.clone()],
        Names::Nothing => &[],
    }
}

/// Every combination of the places that name something, and every other way in which one place can.
fn combinations(known: &Known) -> Vec<Cell> {
    let places = known.places();
    let naming = || places.iter().filter_map(|(place, names)| Some((*place, things(*names).split_first()?)));
    let all = naming().fold(vec![Vec::new()], |cells: Vec<Cell>, (place, (first, _))| {
        let with = cells.iter().map(|cell| [cell.clone(), vec![(place.to_owned(), *first)]].concat());
        [cells.clone(), with.collect()].concat()
    });
    let others = naming()
        .flat_map(|(place, (_, others))| others.iter().map(move |thing| vec![(place.to_owned(), *thing)]));
    let others: Vec<Cell> = others.collect();
    [all, others].concat()
}

/// What no document speaks of and a request can say all the same.
fn unspoken(host: Host) -> &'static [(&'static str, Thing)] {
    match host {
        Host::Portal => &[
            ("header:X-Tenant-ID", |target| target.tenant.to_owned()),
            ("header:X-License-Key", |target| target.license.clone()),
            ("header:X-Forwarded-Host", |target| target.tenant.to_owned()),
            ("header:Cookie", |target| format!("tenant_id={}", target.tenant)),
            ("query:tenant", |target| target.tenant.to_owned()),
            ("query:tenant_id", |target| target.tenant.to_owned()),
            ("body:tenant", |target| target.tenant.to_owned()),
            ("body:tenant_id", |target| target.tenant.to_owned()),
        ],
        Host::Agent => &[
            ("header:Cookie", |target| format!("axonflow_session={}", target.session)),
            ("header:X-Forwarded-Host", |target| target.tenant.to_owned()),
            ("query:tenant", |target| target.tenant.to_owned()),
            ("query:tenant_id", |target| target.tenant.to_owned()),
            ("query:connector", |target| target.connector.to_owned()),
            ("body:client_id", |target| target.tenant.to_owned()),
            ("body:license_key", |target| target.license.clone()),
            ("body:user_token", |target| target.session.clone()),
            ("body:tenantId", |target| target.tenant.to_owned()),
            ("body:credentials_secret_arn", |target| target.arn.clone()),
        ],
    }
}

fn cells(operation: &Operation, known: &Known) -> Vec<Cell> {
    let named = combinations(known);
    // Beside the stranger's own connector, and beside the target's.
    let is_connector =
        |(place, _): &(String, _)| known.places().get(place.as_str()) == Some(&Names::Connector);
    let few = named.iter().filter(|cell| cell.len() <= 1 && cell.iter().all(is_connector));
    let beside = few.flat_map(|cell| {
        let unspoken = unspoken(operation.host).iter();
        unspoken
            .filter(|(place, _)| !cell.iter().any(|(other, _)| other == place))
            .map(|(place, thing)| [cell.clone(), vec![((*place).to_owned(), *thing)]].concat())
            .collect::<Vec<_>>()
    });
    let beside: Vec<Cell> = beside.collect();
    [named, beside].concat()
}

impl Stage {
    /// Every cell of every operation of these hosts. Gives how many there were.
    pub(crate) async fn ask(&self, hosts: &[Host], victims: &Target, nobodys: &Target) -> usize {
        let mut asked = 0;
        for (operation, known) in self.operations.iter().filter(|(operation, known)| {
            // The document is the same for everybody, and names tenants in its examples.
            hosts.contains(&operation.host) && known.signed_in != SignedIn::Anybody
        }) {
            let before = Ledger::read(&self.world, &self.theirs).await;
            for cell in cells(operation, known) {
                self.cell(operation, known, &cell, [victims, nobodys]).await;
                asked += 1;
            }
            before.unchanged(&Ledger::read(&self.world, &self.theirs).await, &operation.id);
        }
        asked
    }

    async fn cell(&self, operation: &Operation, known: &Known, cell: &Cell, targets: [&Target; 2]) {
        let calls = targets.map(|target| {
            let said: Said = cell.iter().map(|(place, thing)| (place.clone(), thing(target))).collect();
            let by_client = said.contains_key("header:X-Tenant-ID") && operation.host == Host::Agent;
            let mut calls = vec![(target, self.strangers(operation, known, &said))];
            // The same tenant as the user name of existing SDKs.
            if by_client || cell.is_empty() && matches!(known.signed_in, SignedIn::License(_)) {
                let pair = BASE64_STANDARD.encode(format!("{}:{}", target.tenant, self.license));
                let by_sdk = self.unsigned(operation, &said);
                calls.push((target, by_sdk.header("authorization", &format!("Basic {pair}"))));
            }
            calls
        });
        let named: Vec<&str> = cell.iter().map(|(place, _)| place.as_str()).collect();
        let by = format!("{} by {STRANGER} with {named:?}", operation.id);
        let [victims, nobodys] = calls;
        for (foreign, missing) in victims.into_iter().zip(nobodys) {
            let foreign = self.heard(known, foreign, &by).await;
            let missing = self.heard(known, missing, &by).await;
            assert_eq!(foreign, missing, "{by}: the left is told of what is the other tenant's");
        }
    }

    /// What a call tells; it and all around it must hold nothing of the victim's.
    async fn heard(&self, known: &Known, (target, call): (&Target, Call), by: &str) -> String {
        if known.signed_in == SignedIn::Session && !known.reads {
            self.restore().await;
        }
        self.settle();
        let reply = tokio::time::timeout(PATIENCE, call.send()).await;
        let reply = reply.unwrap_or_else(|_| panic!("{by} is not answered"));
        let said = format!("{:?} {}", reply.headers, reply.text);
        assert!(!said.contains(VICTIMS_OWN) && reply.status < 500, "{by}: {} {said}", reply.status);
        self.overheard(by);
        told(&reply, target)
    }
}
