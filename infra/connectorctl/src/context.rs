//! What commands work with: the machine's clock and randomness, and the tables where a command needs one.

use std::{sync::Arc, time::Duration};

use boot::aws::Clients;
use clap::Args;
use jiff::Timestamp;
use model::{
    clock::{Clock, SystemClock},
    deadline::Deadline,
    entropy::{Entropy, SystemEntropy},
};
use store::{Dynamo, schema::TableNames};

use crate::failure::Failure;

/// The longest one request to a table may take, with its retries.
const REQUEST: Duration = Duration::from_secs(30);

pub(crate) struct Context {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Context {
    pub(crate) fn new() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    /// The deadline of one request that begins now.
    pub(crate) fn soon(&self) -> Deadline {
        Deadline::after(self.clock.now(), REQUEST)
    }

    /// The tables, with region, credentials and endpoint as the functions take them from the environment. A
    /// command names the one table that it uses, and needs none of a function's other settings.
    pub(crate) async fn dynamo(&self, table: &impl TableName) -> Result<Dynamo, Failure> {
        let tables = TableNames::from_lookup(|kind| (kind == table.kind()).then(|| table.name().to_owned()));
        let clients = Clients::from_environment().await.map_err(Failure::failed)?;
        Ok(Dynamo::new(clients.dynamo, tables, Arc::clone(&self.clock), Arc::clone(&self.entropy)))
    }
}

/// The name of the table that a command uses.
pub(crate) trait TableName {
    /// The kind of table, as the schema calls it.
    fn kind(&self) -> &'static str;
    /// Its name in this deployment.
    fn name(&self) -> &str;
}

macro_rules! table_argument {
    ($arguments:ident, $field:ident, $kind:literal, $env:literal) => {
        #[derive(Args)]
        pub(crate) struct $arguments {
            #[arg(long, value_name = "NAME", env = $env, help = concat!("Name of the table [default: ", $kind, "]"))]
            $field: Option<String>,
        }

        impl TableName for $arguments {
            fn kind(&self) -> &'static str {
                $kind
            }

            // A variable that is set to nothing counts as absent, as it does for the functions.
            fn name(&self) -> &str {
                self.$field.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or($kind)
            }
        }
    };
}
table_argument!(SessionsTable, sessions_table, "sessions", "SESSIONS_TABLE");
table_argument!(LicensesTable, licenses_table, "licenses", "LICENSES_TABLE");
table_argument!(AuditTable, audit_table, "audit", "AUDIT_TABLE");
