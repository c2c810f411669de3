//! ServiceNow as its REST API reference describes it (release Australia): the Table, Aggregate, Change Management and
//! CMDB Instance APIs, OAuth's token endpoint, Basic, and API keys.
//!
//! Where the vendor lets a mistake pass, such as a query that names a field that isn't there, the answer is the
//! vendor's, and the mistake is noted.

mod access;
mod change;
mod cmdb;
mod fault;
mod query;
mod record;
mod schema;
mod table;
mod write;

use std::collections::BTreeMap;

use crate::{Answer, Seen, Vendor};

pub use access::Access;
pub use fault::{failed, hibernating, rate_limited};
pub use record::Record;

/// One instance.
pub struct ServiceNow {
    /// Who may call, and the tokens that were issued.
    pub access: Access,
    /// Records by table, in the order in which they came.
    pub tables: BTreeMap<String, Vec<Record>>,
    /// The CMDB's relations.
    pub relations: Vec<Relation>,
    /// How many values of a query began with `javascript:`. The vendor runs them.
    pub scripts_run: usize,
    base: String,
    made: u64,
    moments: u64,
}

/// One configuration item depends on another.
pub struct Relation {
    /// The `sys_id` of the relation.
    pub id: String,
    /// The `sys_id` of the item that depends.
    pub parent: String,
    /// The `sys_id` of what it depends on.
    pub child: String,
}

/// What one request is answered from.
struct Call<'a> {
    seen: &'a Seen,
    violations: &'a mut Vec<String>,
    /// The caller's user name.
    user: String,
}

impl Call<'_> {
    fn note(&mut self, what: impl Into<String>) {
        let what = format!("{} {}: {}", self.seen.method, self.seen.path, what.into());
        self.violations.push(what);
    }

    fn flag(&self, name: &str) -> bool {
        self.seen.parameter(name).as_deref() == Some("true")
    }
}

/// An answer, or the vendor's refusal.
type Outcome = Result<Answer, Answer>;

impl ServiceNow {
    /// An instance at this base URL with the user `agent` (password `Pa55-agent`, roles `itil` and `admin`), the OAuth
    /// client `client-1` (secret `oauth-secret`) that acts as him, the API key `now_key_of_ops`, and no other record.
    pub fn new(base: &str) -> Self {
        let mut instance = Self {
            access: Access::new(),
            tables: BTreeMap::new(),
            relations: Vec::new(),
            scripts_run: 0,
            base: base.to_owned(),
            made: 0,
            moments: 0,
        };
        for table in schema::TABLES {
            instance.tables.insert(table.name.to_owned(), Vec::new());
        }
        let users = [("agent", "Ada Agent"), ("abel.tuter", "Abel Tuter"), ("glide.maint", "System")];
        for (user_name, name) in users {
            instance.seed("sys_user", &[("user_name", user_name), ("name", name), ("active", "true")]);
        }
        instance
    }

    /// Adds a record as the vendor would have made it, and gives its `sys_id`.
    pub fn seed(&mut self, table: &str, fields: &[(&str, &str)]) -> String {
        let given = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.insert(table, given, "admin")
    }

    /// Makes one item depend on another.
    pub fn relate(&mut self, parent: &str, child: &str) {
        let id = self.new_id();
        self.relations.push(Relation { id, parent: parent.to_owned(), child: child.to_owned() });
    }

    /// A record's field; empty where there is none.
    pub fn value(&self, table: &str, sys_id: &str, field: &str) -> String {
        self.record(table, sys_id).map_or(String::new(), |record| record.get(field).to_owned())
    }

    /// Sets a record's field, whatever the instance's rules say.
    pub fn set(&mut self, table: &str, sys_id: &str, field: &str, value: &str) {
        let records = self.tables.get_mut(table).map(Vec::as_mut_slice).unwrap_or_default();
        for record in records.iter_mut().filter(|record| record.get("sys_id") == sys_id) {
            record.set(field, value);
        }
    }

    /// A record's journal entries of one kind (`work_notes`, `comments`), the oldest first.
    pub fn journal(&self, sys_id: &str, element: &str) -> Vec<String> {
        let entries = self.tables.get("sys_journal_field").map(Vec::as_slice).unwrap_or_default();
        let of = |entry: &&Record| entry.get("element_id") == sys_id && entry.get("element") == element;
        entries.iter().filter(of).map(|entry| entry.get("value").to_owned()).collect()
    }

    /// Hides a record from the caller by an ACL.
    pub fn hide(&mut self, table: &str, sys_id: &str) {
        let records = self.tables.get_mut(table).map(Vec::as_mut_slice).unwrap_or_default();
        for record in records.iter_mut().filter(|record| record.get("sys_id") == sys_id) {
            record.hidden = true;
        }
    }

    fn record(&self, table: &str, sys_id: &str) -> Option<&Record> {
        self.tables.get(table)?.iter().find(|record| record.get("sys_id") == sys_id && !record.hidden)
    }

    fn new_moment(&mut self) -> String {
        self.moments += 1;
        let (hours, minutes, seconds) = (self.moments / 3_600, self.moments / 60 % 60, self.moments % 60);
        format!("2026-11-{:02} {:02}:{minutes:02}:{seconds:02}", 20 + hours / 24, hours % 24)
    }

    fn new_id(&mut self) -> String {
        self.made += 1;
        // Spread over all digits, as real ones are, and the same in every run.
        let high = self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{high:016x}{:016x}", high.rotate_left(23) ^ self.made)
    }

    fn route(&mut self, call: &mut Call<'_>) -> Outcome {
        let segments = call.seen.segments();
        let mut parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        // The reference's own form is the one without a version; a version is allowed.
        if parts.get(2).is_some_and(|part| matches!(*part, "v1" | "v2")) {
            parts.remove(2);
        }
        match (call.seen.method.as_str(), parts.as_slice()) {
            (_, ["api", "now", "table", table]) => self.table(call, table),
            (_, ["api", "now", "table", table, sys_id]) => self.table_record(call, table, sys_id),
            ("GET", ["api", "now", "stats", table]) => self.stats(call, table),
            (_, ["api", "now", "cmdb", "instance", class]) => self.cmdb(call, class),
            (_, ["api", "now", "cmdb", "instance", class, sys_id]) => self.cmdb_item(call, class, sys_id),
            (_, ["api", "sn_chg_rest", "change", rest @ ..]) => self.change(call, rest),
            _ => {
                call.note("no such resource");
                Err(fault::no_such_resource())
            }
        }
    }
}

impl Vendor for ServiceNow {
    fn answer(&mut self, seen: &Seen, violations: &mut Vec<String>) -> Answer {
        if seen.path == "/oauth_token.do" {
            return self.access.token(seen, violations);
        }
        let answer = match self.access.caller(seen, violations) {
            Err(refusal) => return refusal,
            Ok(user) => {
                let mut call = Call { seen, violations, user };
                fault::headers(&mut call).and_then(|()| self.route(&mut call))
            }
        };
        answer.unwrap_or_else(|refusal| refusal)
    }
}
