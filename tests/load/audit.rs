//! What the audit holds in the end, against what was answered.

use std::{collections::HashMap, sync::PoisonError, time::Duration};

use model::{
    audit::UNKNOWN,
    clock::{Clock, SystemClock},
    deadline::Deadline,
    entropy::SystemEntropy,
    ids::TenantId,
};
use store::{AuditFilter, AuditReader, Dynamo, StoredAuditEntry, schema::TableNames};

use crate::{arrival::Arrival, run::Run};

const PATIENCE: Duration = Duration::from_mins(1);

/// What the audit must hold of an answered call.
pub(crate) struct Expected {
    tenant: &'static str,
    request: String,
    action: &'static str,
    /// Of an execute, its answer and what the upstream knows it by.
    execute: Option<(u16, String)>,
}

impl Expected {
    /// An acknowledged change, or what else leaves exactly one entry.
    pub(crate) fn change(tenant: &'static str, request: String, action: &'static str) -> Self {
        Self { tenant, request, action, execute: None }
    }

    /// An execute, answered in whatever way.
    pub(crate) fn execute(tenant: &'static str, request: String, status: u16, nonce: String) -> Self {
        Self { tenant, request, action: "execute", execute: Some((status, nonce)) }
    }
}

type Entries = HashMap<(String, String), Vec<String>>;

impl Run {
    /// Reads the audit of every tenant and holds it against what is expected. Gives how many entries there are.
    pub(crate) async fn see_audit(&self) -> usize {
        let expected = std::mem::take(&mut *self.expected.lock().unwrap_or_else(PoisonError::into_inner));
        let mut count = 0;
        for tenant in &self.tenants {
            let entries = self.entries(tenant.name).await;
            count += entries.values().map(Vec::len).sum::<usize>();
            for ((request, action), results) in &entries {
                if results.len() > 1 {
                    self.book.wrong(format!("{} entries {action} of one request {request}", results.len()));
                }
            }
            for expected in expected.iter().filter(|expected| expected.tenant == tenant.name) {
                self.see_entry(expected, &entries);
            }
        }
        count
    }

    fn see_entry(&self, expected: &Expected, entries: &Entries) {
        let key = (expected.request.clone(), expected.action.to_owned());
        let result = entries.get(&key).and_then(|results| results.first());
        let Some((status, nonce)) = &expected.execute else {
            let refused = expected.action == "execute_refused";
            if result.is_none() && !(refused && self.log.audit_lacks(&expected.request)) {
                let Expected { tenant, request, action, .. } = expected;
                self.book.wrong(format!("{tenant}: no entry {action} of the acknowledged request {request}"));
            }
            return;
        };
        let arrivals = self.upstream.write(nonce);
        let taken = arrivals.iter().any(Arrival::may_be_taken);
        let fits = match (*status, result.map(String::as_str)) {
            // Nothing was sent, or it was written down before.
            (_, None) => arrivals.is_empty() && *status != 200,
            (_, Some(UNKNOWN)) if self.log.audit_lacks(&expected.request) => {
                self.book.note("executes whose outcome could not be stored, as the log says");
                true
            }
            // It was refused because the intent's own answer did not come.
            (503 | 504, Some(UNKNOWN)) => {
                self.book.note("executes that were not sent, and whose intent stands");
                arrivals.is_empty()
            }
            (200, Some(result)) => result.starts_with("succeeded: POST 2"),
            (502 | 504, Some(result)) => !result.starts_with("succeeded"),
            (_, Some(result)) => !taken && result.starts_with("failed: "),
        };
        if !fits {
            let request = &expected.request;
            self.book.wrong(format!("an execute answered with {status}, {arrivals:?}, stands in the audit as {result:?} ({request})"));
        }
    }

    async fn entries(&self, tenant: &str) -> Entries {
        let tables = TableNames::from_lookup(|_| None);
        let (clock, entropy) = (std::sync::Arc::new(SystemClock), std::sync::Arc::new(SystemEntropy));
        let dynamo = Dynamo::new(self.aws.dynamo.clone(), tables, clock, entropy);
        let tenant = TenantId::parse(tenant).expect("a tenant's name");
        let filter = AuditFilter { tenant: Some(tenant), ..AuditFilter::default() };
        let (mut entries, mut after) = (Entries::new(), None);
        loop {
            let deadline = Deadline::after(SystemClock.now(), PATIENCE);
            let page = dynamo.list(&filter, after.as_ref(), deadline).await.expect("a page of the audit");
            for entry in page.entries {
                let text = serde_json::to_string(&entry).expect("an entry as JSON");
                if let Some(found) = self.log.forbidden(&text) {
                    self.book.wrong(format!("the audit holds {found}: {text}"));
                }
                let StoredAuditEntry { request_id, action, result, .. } = entry;
                entries.entry((request_id, action)).or_default().push(result);
            }
            after = page.next;
            if after.is_none() {
                return entries;
            }
        }
    }
}
