//! Whoever calls: queries and writes through the agent, whatever else can be read, and now and then what is another
//! tenant's.

use end_to_end::Call;
use serde_json::json;

use crate::{
    audit::Expected,
    connector::{Connector, Tenant},
    dice::Dice,
    kinds::{self, Kind},
    run::Run,
};

const QUERY: &str = "/mcp/resources/query";
const EXECUTE: &str = "/mcp/tools/execute";

/// One caller.
pub(crate) struct Caller<'r> {
    pub(crate) run: &'r Run,
    pub(crate) tenant: &'r Tenant,
    /// Whose names are tried.
    pub(crate) other: &'r Tenant,
    pub(crate) dice: Dice,
}

impl Run {
    /// One query.
    pub(crate) async fn query(&self, tenant: &Tenant, connector: &Connector, dice: &mut Dice) -> Option<u16> {
        let nonce = format!("q{}", dice.next());
        let body = json!({"connector": connector.name, "statement": format!("/?nonce={nonce}")});
        let call = self.agent(&tenant.license, "POST", QUERY).json(&body);
        let answered = self.ask(kinds::QUERY, tenant.name, call).await;
        let arrivals = self.upstream.query(&nonce);
        let answered = answered?;
        self.see_query(connector, &answered, &arrivals, &nonce).await;
        Some(answered.reply.status)
    }
}

impl Caller<'_> {
    /// Calls until the run is over.
    pub(crate) async fn work(mut self) {
        while !self.run.is_over() {
            let connector = self.dice.pick(&self.tenant.connectors);
            match self.dice.below(100) {
                0..50 => {
                    self.run.query(self.tenant, connector, &mut self.dice).await;
                }
                50..74 => self.execute(connector).await,
                74..78 => self.refused(connector).await,
                78..83 => self.health(connector).await,
                83..87 => self.lists().await,
                87..91 => self.read(connector).await,
                91..93 => self.test(connector).await,
                93..95 => self.statistics().await,
                _ => self.others().await,
            }
            tokio::time::sleep(self.dice.millis(10, 150)).await;
        }
    }

    async fn execute(&mut self, connector: &Connector) {
        let nonce = format!("x{}", self.dice.next());
        let body = json!({
            "connector": connector.name, "action": "POST", "statement": format!("/?nonce={nonce}"),
            "parameters": {"amount": 1},
        });
        let call = self.run.agent(&self.tenant.license, "POST", EXECUTE).json(&body);
        let answered = self.run.ask(kinds::EXECUTE, self.tenant.name, call).await;
        let arrivals = self.run.upstream.write(&nonce);
        let Some(answered) = answered else { return };
        self.run.see_execute(connector, &answered, &arrivals, &nonce);
        let status = answered.reply.status;
        self.run.expect(Expected::execute(self.tenant.name, answered.request, status, nonce));
    }

    /// A write that governance refuses: it never comes to the upstream.
    async fn refused(&mut self, connector: &Connector) {
        let nonce = format!("d{}", self.dice.next());
        let body = json!({
            "connector": connector.name, "action": "DELETE", "statement": format!("/?nonce={nonce}"),
        });
        let call = self.run.agent(&self.tenant.license, "POST", EXECUTE).json(&body);
        let answered = self.run.ask(kinds::REFUSED, self.tenant.name, call).await;
        let arrivals = self.run.upstream.query(&nonce);
        if !arrivals.is_empty() {
            self.run.book.wrong(format!("{connector}: a refused execute came to the upstream: {arrivals:?}"));
        }
        if let Some(answered) = answered.filter(|answered| answered.reply.status == 403) {
            self.run.expect(Expected::change(self.tenant.name, answered.request, "execute_refused"));
        }
    }

    async fn health(&mut self, connector: &Connector) {
        let path = format!("/mcp/connectors/{}/health", connector.name);
        let call = self.run.agent(&self.tenant.license, "GET", &path);
        let answered = self.run.ask(kinds::HEALTH, self.tenant.name, call).await;
        if let Some(answered) = answered {
            self.run.see_whether_it_is(connector, &answered);
        }
    }

    async fn lists(&mut self) {
        let call = self.run.agent(&self.tenant.license, "GET", "/mcp/connectors");
        if let Some(answered) = self.ok(kinds::AGENT_LIST, call).await {
            self.run.see_agents_list(&self.tenant.connectors, &answered);
        }
        let call = self.run.portal(self.tenant, "GET", "/api/v1/connectors");
        if let Some(answered) = self.ok(kinds::LIST, call).await {
            self.run.see_list(&self.tenant.connectors, &answered);
        }
    }

    async fn read(&mut self, connector: &Connector) {
        let call = self.run.portal(self.tenant, "GET", &connector.path());
        if let Some(answered) = self.run.ask(kinds::READ, self.tenant.name, call).await {
            self.run.see_record(connector, &answered);
        }
    }

    async fn test(&mut self, connector: &Connector) {
        let mode = if self.dice.chance(500) { "live" } else { "simulated" };
        let call = self.run.portal(self.tenant, "POST", &format!("{}/test", connector.path()));
        let answered = self.run.ask(kinds::TEST, self.tenant.name, call.json(&json!({"mode": mode}))).await;
        let Some(answered) = answered else { return };
        self.run.see_whether_it_is(connector, &answered);
        if answered.reply.status == 200 {
            self.run.expect(Expected::change(self.tenant.name, answered.request, "connector_test"));
        }
    }

    async fn statistics(&mut self) {
        let call = self.run.agent(&self.tenant.license, "GET", "/api/v1/connectors/cache/stats");
        if let Some(answered) = self.ok(kinds::STATISTICS, call).await
            && answered.body.get("by_tenant").is_some()
        {
            self.run.book.wrong(format!("statistics show {} what others do", self.tenant.name));
        }
    }

    /// What is another tenant's: its own names, and names that both have.
    async fn others(&mut self) {
        let Some(own) = self.other.connectors.last() else { return };
        let named = json!({"connector": own.name, "tenant_id": self.other.name, "action": "POST"});
        let (kind, call): (Kind, Call) = match self.dice.below(6) {
            0 => (kinds::OTHERS_RECORD, self.run.portal(self.tenant, "GET", &own.path())),
            1 => (kinds::OTHERS_RECORD, self.run.portal(self.tenant, "DELETE", &own.path())),
            2 => {
                let call = self.run.portal(self.tenant, "PUT", &own.path());
                (kinds::OTHERS_RECORD, call.json(&json!({"enabled": false})))
            }
            3 => (kinds::OTHERS_CALL, self.run.agent(&self.tenant.license, "POST", EXECUTE).json(&named)),
            4 => (kinds::OTHERS_CALL, self.run.agent(&self.tenant.license, "POST", QUERY).json(&named)),
            _ => {
                let path = format!("/api/v1/connectors/refresh/{}", self.other.name);
                (kinds::OTHERS_CALL, self.run.agent(&self.tenant.license, "POST", &path))
            }
        };
        self.run.ask(kind, self.tenant.name, call).await;
    }

    async fn ok(&self, kind: Kind, call: Call) -> Option<crate::run::Answered> {
        let answered = self.run.ask(kind, self.tenant.name, call).await;
        answered.filter(|answered| answered.reply.status == 200)
    }
}
