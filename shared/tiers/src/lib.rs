//! The lower tiers: connectors that the deployment's configuration file or its environment declares. They are read
//! once at start; a database record of the same name shadows them, even a disabled one. In the same way a disabled
//! entry of the file shadows the environment's: what was switched off in one place never comes back from another.
//!
//! No I/O happens here: bytes and variables come in, entries or every fault at once come out.

mod credentials;
mod declaration;
mod environment;
mod expand;
mod fault;
mod file;
mod values;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{
    allow_list::AllowList,
    ids::{ConnectorName, TenantId},
    record::ConnectorRecord,
    source::Source,
};
use zeroize::Zeroizing;

use declaration::Declaration;

pub use fault::{Fault, Faults, Place};
pub use file::{File, MAX_BYTES};

/// A connector as one of the tiers declares it, for one tenant.
pub struct Entry {
    /// Its settings. What only a database record has (id, version, times, health) stands at its beginning.
    pub record: ConnectorRecord,
    /// The tier.
    pub source: Source,
    /// Credentials that the tier itself holds, as the JSON text that a secret would have.
    pub credentials: Option<Zeroizing<String>>,
}

/// What the tiers are read by.
pub struct Rules<'a> {
    /// Hosts to which plain HTTP and unverified databases are permitted.
    pub allow: &'a AllowList,
    /// The moment of the start, which entries have as their times.
    pub now: Timestamp,
}

/// The entries of both lower tiers.
#[derive(Default)]
pub struct Tiers {
    file: Tier,
    environment: Tier,
    now: Timestamp,
    ignored: Vec<String>,
}

/// One tier: of each name the entries of several tenants.
type Tier = BTreeMap<ConnectorName, Vec<Declaration>>;

impl Tiers {
    /// Reads both tiers. The variables are the whole environment: the `MCP_…` ones declare connectors, the file's
    /// values may name any.
    pub fn read<'v>(
        file: Option<File<'_>>,
        variables: impl IntoIterator<Item = (&'v str, &'v str)>,
        rules: Rules<'_>,
    ) -> Result<Self, Faults> {
        let variables: BTreeMap<_, _> = variables.into_iter().collect();
        let from_file =
            file.map_or_else(|| Ok(Vec::new()), |file| file::read(&file, &variables, rules.allow));
        let environment::Reading { declarations, faults, ignored } =
            environment::read(&variables, rules.allow);
        match from_file {
            Ok(from_file) if faults.is_empty() => {
                Ok(Self { file: tier(from_file), environment: tier(declarations), now: rules.now, ignored })
            }
            from_file => Err(Faults(from_file.err().unwrap_or_default().into_iter().chain(faults).collect())),
        }
    }

    /// The entry that a tenant's calls of a name mean: the file's, else the environment's; in each, one of the
    /// tenant's own before one for everyone. It may be disabled.
    pub fn find(&self, tenant: &TenantId, name: &ConnectorName) -> Option<Entry> {
        let (source, declaration) = self.declaration(tenant, name)?;
        let credentials = declaration.credentials.clone();
        Some(Entry { record: declaration.record(tenant, self.now), source, credentials })
    }

    /// Every entry that a tenant can call, sorted by name; of each name the one that [`Self::find`] gives.
    pub fn of_tenant(&self, tenant: &TenantId) -> Vec<Entry> {
        let names: BTreeSet<_> = self.file.keys().chain(self.environment.keys()).collect();
        names.into_iter().filter_map(|name| self.find(tenant, name)).collect()
    }

    /// Variables that begin like a connector's and belong to none, because no `MCP_<NAME>_TYPE` declares it.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    fn declaration(&self, tenant: &TenantId, name: &ConnectorName) -> Option<(Source, &Declaration)> {
        let tiers = [(Source::File, &self.file), (Source::Environment, &self.environment)];
        tiers.into_iter().find_map(|(source, tier)| {
            let declared = tier.get(name)?;
            let own = declared.iter().find(|declaration| declaration.tenant.as_ref() == Some(tenant));
            let found = own.or_else(|| declared.iter().find(|declaration| declaration.tenant.is_none()));
            found.map(|declaration| (source, declaration))
        })
    }
}

fn tier(declarations: Vec<Declaration>) -> Tier {
    let mut tier = Tier::new();
    for declaration in declarations {
        tier.entry(declaration.name().clone()).or_default().push(declaration);
    }
    tier
}
