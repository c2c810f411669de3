//! Whoever changes connectors: each of them has some of a tenant's, and nobody else changes those. After each change
//! that was acknowledged the next read and the next call must show it; after one that was not, it is looked at until it
//! is known which of both sides stands.

use std::time::Duration;

use end_to_end::Call;
use serde_json::json;

use crate::{
    arrival::token,
    audit::Expected,
    connector::{Being, Connector, Record, Tenant},
    dice::Dice,
    kinds::{self, Kind},
    run::{Run, now},
    sight::written,
};

/// Longer than the latest request of a change may be under way to AWS after its answer was given.
const SETTLED: Duration = Duration::from_secs(6);
/// How often a record is looked at until it shows.
const LOOKS: usize = 60;
const CONNECTORS: &str = "/api/v1/connectors";

/// One editor.
pub(crate) struct Editor<'r> {
    pub(crate) run: &'r Run,
    pub(crate) tenant: &'r Tenant,
    pub(crate) connectors: Vec<&'r Connector>,
    pub(crate) dice: Dice,
}

impl Editor<'_> {
    /// Creates the connectors, and changes them until the run is over.
    pub(crate) async fn work(mut self) {
        for connector in self.connectors.clone() {
            self.create(connector).await;
        }
        while !self.run.is_over() {
            let connector = *self.dice.pick(&self.connectors);
            self.change(connector).await;
            tokio::time::sleep(self.dice.millis(20, 400)).await;
        }
    }

    async fn change(&mut self, connector: &Connector) {
        let (_, record) = connector.records.newest();
        if record.being == Being::Absent {
            return self.create(connector).await;
        }
        match self.dice.below(100) {
            0..45 => self.update(connector, record, Being::Serves).await,
            45..57 => self.update(connector, record, Being::Disabled).await,
            57..66 => self.delete(connector, record).await,
            66..72 => self.update_of_what_was(connector, record).await,
            72..77 => self.refresh(connector).await,
            _ => self.rotate(connector).await,
        }
    }

    async fn create(&mut self, connector: &Connector) {
        let upstream = &self.run.upstream;
        let made = |state| {
            let call = self.run.portal(self.tenant, "POST", CONNECTORS);
            call.json(&connector.new_record(upstream, state))
        };
        let record = Record { being: Being::Serves, version: 1 };
        self.write(connector, kinds::CREATE, "connector_create", record, made).await;
    }

    async fn update(&mut self, connector: &Connector, before: Record, being: Being) {
        let conditional = self.dice.chance(300);
        let made = |state| {
            let fields = connector.fields(&self.run.upstream, state, being == Being::Serves);
            let call = self.run.portal(self.tenant, "PUT", &connector.path()).json(&fields);
            if conditional { call.header("if-match", &format!("\"{}\"", before.version)) } else { call }
        };
        let record = Record { being, version: before.version + 1 };
        self.write(connector, kinds::UPDATE, "connector_update", record, made).await;
    }

    async fn delete(&mut self, connector: &Connector, before: Record) {
        let conditional = self.dice.chance(300);
        let made = |_| {
            let call = self.run.portal(self.tenant, "DELETE", &connector.path());
            if conditional { call.header("if-match", &format!("\"{}\"", before.version)) } else { call }
        };
        let record = Record { being: Being::Absent, version: 0 };
        self.write(connector, kinds::DELETE, "connector_delete", record, made).await;
    }

    /// An edit of a version that is over: refused, and nothing changes.
    async fn update_of_what_was(&mut self, connector: &Connector, record: Record) {
        let call = self.run.portal(self.tenant, "PUT", &connector.path());
        let call = call
            .json(&json!({"description": "lost"}))
            .header("if-match", &format!("\"{}\"", record.version + 7));
        self.run.ask(kinds::STALE_UPDATE, self.tenant.name, call).await;
        self.look(connector).await;
    }

    async fn write(
        &mut self,
        connector: &Connector,
        kind: Kind,
        action: &'static str,
        record: Record,
        made: impl Fn(usize) -> Call,
    ) {
        let secret = connector.secret();
        let state = connector.records.begin(record);
        let answered = self.run.ask(kind, self.tenant.name, made(state)).await;
        match answered {
            Some(answered) if answered.reply.status < 300 => {
                connector.records.stands(state, answered.ended);
                // What is loaded from now on is loaded with the secret of before the write, or a newer one.
                connector.tokens.stands(secret, answered.ended);
                self.run.expect(Expected::change(self.tenant.name, answered.request.clone(), action));
                if answered.reply.status != 204 && written(connector, &answered) != Some(state) {
                    self.run.wrong_sight(
                        kind.name,
                        connector,
                        &answered,
                        "it does not answer what it stored",
                    );
                }
            }
            _ => self.settle(connector, state).await,
        }
        self.look(connector).await;
    }

    /// Looks until it is known whether a change without an acknowledgement was made.
    async fn settle(&self, connector: &Connector, state: usize) {
        tokio::time::sleep(SETTLED).await;
        for _ in 0..LOOKS {
            if let Some(seen) = self.look_at_record(connector).await {
                if seen == state {
                    connector.records.stands(state, now());
                    self.run.book.note("changes without an acknowledgement that were made");
                } else {
                    connector.records.void(state, now());
                    self.run.book.note("changes without an acknowledgement that were not made");
                }
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.run.book.wrong(format!("{connector}: its record could not be read for a minute"));
    }

    async fn look_at_record(&self, connector: &Connector) -> Option<usize> {
        let call = self.run.portal(self.tenant, "GET", &connector.path());
        let answered = self.run.ask(kinds::READ, self.tenant.name, call).await?;
        self.run.see_record(connector, &answered)
    }

    /// The next read and the next call after a change.
    async fn look(&mut self, connector: &Connector) {
        self.look_at_record(connector).await;
        self.run.query(self.tenant, connector, &mut self.dice).await;
    }

    /// Another secret; then a refresh, or, where the upstream takes no older one, sometimes nothing at all.
    async fn rotate(&mut self, connector: &Connector) {
        let Some(arn) = &connector.arn else { return self.refresh(connector).await };
        let number = connector.tokens.begin(());
        let value = json!({"token": token(connector.tenant, &connector.name, number)}).to_string();
        let put = self.run.aws.secrets.put_secret_value().secret_id(arn).secret_string(value).send().await;
        put.expect("the operator reaches Secrets Manager");
        connector.rotated(number, now());
        if connector.revokes {
            self.run.upstream.revoke_before(connector.tenant, &connector.name, number);
        }
        if connector.revokes && self.dice.chance(500) {
            self.run.query(self.tenant, connector, &mut self.dice).await;
        } else {
            self.refresh(connector).await;
        }
    }

    async fn refresh(&mut self, connector: &Connector) {
        let refresh = format!("{CONNECTORS}/refresh");
        let tenants = std::slice::from_ref(self.tenant);
        let everybody = self.run.tenants.as_slice();
        let (license, path, scope): (&str, String, Vec<&Connector>) = match self.dice.below(10) {
            0 => (self.run.stack.license("*"), refresh, connectors_of(everybody)),
            1 | 2 => {
                (&self.tenant.license, format!("{refresh}/{}", self.tenant.name), connectors_of(tenants))
            }
            _ => {
                let path = format!("{refresh}/{}/{}", self.tenant.name, connector.name);
                (&self.tenant.license, path, vec![connector])
            }
        };
        let secrets: Vec<usize> = scope.iter().map(|connector| connector.secret()).collect();
        let call = self.run.agent(license, "POST", &path);
        let answered = self.run.ask(kinds::REFRESH, self.tenant.name, call).await;
        if let Some(answered) = answered.filter(|answered| answered.reply.status == 200) {
            for (connector, secret) in scope.iter().zip(secrets) {
                connector.tokens.stands(secret, answered.ended);
            }
        }
        self.run.query(self.tenant, connector, &mut self.dice).await;
    }
}

fn connectors_of(tenants: &[Tenant]) -> Vec<&Connector> {
    tenants.iter().flat_map(|tenant| &tenant.connectors).collect()
}
