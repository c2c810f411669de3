//! The tables: names, keys, indexes and TTL, one truth for the local stack, the tests and the template.

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
    },
};

use crate::error::{Kind, StoreError, kind};

/// The names of the tables in one deployment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the name of the table of that kind")]
pub struct TableNames {
    pub connectors: String,
    pub generations: String,
    pub sessions: String,
    pub audit: String,
    pub cache_stats: String,
    pub licenses: String,
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What it holds, and its name where a deployment gives none.
    pub kind: &'static str,
    /// Partition and sort key; all keys are strings.
    pub key: Key,
    /// Global secondary indexes, each with every attribute.
    pub indexes: &'static [(&'static str, Key)],
    /// The attribute after whose time (seconds since the epoch) an item goes.
    pub ttl: Option<&'static str>,
}

/// Partition key, and sort key where there is one.
pub type Key = (&'static str, Option<&'static str>);

/// Every table of the system.
pub const TABLES: [Table; 6] = [
    Table {
        kind: "connectors",
        key: ("tenant_id", Some("connector_name")),
        indexes: &[
            ("by_name", ("connector_name", Some("tenant_id"))),
            ("platform", ("platform", Some("platform_key"))),
        ],
        ttl: None,
    },
    Table { kind: "generations", key: ("scope", None), indexes: &[], ttl: None },
    Table { kind: "sessions", key: ("token_hash", None), indexes: &[], ttl: Some("expires_at") },
    Table { kind: "audit", key: ("tenant_id", Some("at_id")), indexes: &[], ttl: None },
    Table {
        kind: "cache_stats",
        key: ("tenant_id", Some("instance_id")),
        indexes: &[],
        ttl: Some("expires_at"),
    },
    Table { kind: "licenses", key: ("jti", None), indexes: &[], ttl: None },
];

impl TableNames {
    /// Names from a look-up by kind, with the kind itself where it gives none.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let name = |kind: &str| lookup(kind).unwrap_or_else(|| kind.to_owned());
        Self {
            connectors: name("connectors"),
            generations: name("generations"),
            sessions: name("sessions"),
            audit: name("audit"),
            cache_stats: name("cache_stats"),
            licenses: name("licenses"),
        }
    }

    /// The name of the table of a kind.
    pub fn of(&self, kind: &str) -> Option<&str> {
        Some(match kind {
            "connectors" => &self.connectors,
            "generations" => &self.generations,
            "sessions" => &self.sessions,
            "audit" => &self.audit,
            "cache_stats" => &self.cache_stats,
            "licenses" => &self.licenses,
            _ => return None,
        })
    }
}

impl Default for TableNames {
    fn default() -> Self {
        Self::from_lookup(|_| None)
    }
}

/// Creates every table that does not exist yet.
pub async fn create_all(client: &Client, names: &TableNames) -> Result<(), StoreError> {
    for table in TABLES {
        let name = names.of(table.kind).unwrap_or(table.kind);
        create(client, name, table).await?;
    }
    Ok(())
}

async fn create(client: &Client, name: &str, table: Table) -> Result<(), StoreError> {
    let build = |error: BuildError| StoreError::Fault(error.to_string());
    let mut attributes: Vec<&str> = Vec::new();
    for (partition, sort) in std::iter::once(table.key).chain(table.indexes.iter().map(|(_, key)| *key)) {
        for attribute in std::iter::once(partition).chain(sort) {
            if !attributes.contains(&attribute) {
                attributes.push(attribute);
            }
        }
    }
    let definitions = attributes.into_iter().map(|attribute| {
        AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::S)
            .build()
    });
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(definitions.collect::<Result<_, _>>().map_err(build)?))
        .set_key_schema(Some(key_schema(table.key).map_err(build)?));
    for (index, key) in table.indexes {
        let index = GlobalSecondaryIndex::builder()
            .index_name(*index)
            .set_key_schema(Some(key_schema(*key).map_err(build)?))
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build();
        request = request.global_secondary_indexes(index.map_err(build)?);
    }
    match request.send().await {
        Ok(_) => {}
        Err(error) if matches!(kind(&error), Kind::Code("ResourceInUseException")) => return Ok(()),
        Err(error) => return Err(StoreError::of("CreateTable", &error)),
    }
    let Some(attribute) = table.ttl else { return Ok(()) };
    let ttl =
        TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build().map_err(build)?;
    let request = client.update_time_to_live().table_name(name).time_to_live_specification(ttl);
    request.send().await.map_err(|error| StoreError::of("UpdateTimeToLive", &error))?;
    Ok(())
}

fn key_schema((partition, sort): Key) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    std::iter::once(element(partition, KeyType::Hash))
        .chain(sort.map(|sort| element(sort, KeyType::Range)))
        .collect()
}
