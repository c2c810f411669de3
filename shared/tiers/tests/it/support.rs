//! Both tiers from texts.

use jiff::Timestamp;
use model::{
    allow_list::AllowList,
    ids::{ConnectorName, TenantId},
};
use tiers::{Entry, Faults, File, Rules, Tiers};

/// Reads a file (where it holds anything) and variables.
pub(crate) fn read(file: impl AsRef<[u8]>, variables: &[(&str, &str)]) -> Result<Tiers, Faults> {
    let allow = AllowList::parse("127.0.0.0/8").unwrap();
    let content = file.as_ref();
    let file = (!content.is_empty()).then_some(File { path: "axonflow.yaml", content });
    Tiers::read(file, variables.iter().copied(), Rules { allow: &allow, now: Timestamp::UNIX_EPOCH })
}

/// Every fault, one a line.
pub(crate) fn faults(file: impl AsRef<[u8]>, variables: &[(&str, &str)]) -> Vec<String> {
    let faults = read(file, variables).err().map(|faults| faults.to_string());
    faults.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
}

pub(crate) fn connectors(text: &str) -> String {
    format!("version: '1.0'\nconnectors:\n{text}")
}

pub(crate) fn find(tiers: &Tiers, tenant: &str, name: &str) -> Option<Entry> {
    tiers.find(&TenantId::parse(tenant).unwrap(), &ConnectorName::parse(name).unwrap())
}

/// A tenant's connectors: names with their tiers.
pub(crate) fn listed(tiers: &Tiers, tenant: &str) -> Vec<String> {
    let entries = tiers.of_tenant(&TenantId::parse(tenant).unwrap()).into_iter();
    entries.map(|entry| format!("{} {}", entry.record.connector_name, entry.source.as_str())).collect()
}
