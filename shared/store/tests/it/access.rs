//! What each method of each trait calls, as the wire saw it, is what `store::access` says: no more and no less.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use model::{
    audit::{AuditAction, AuditEntry},
    entropy::{Entropy, SystemEntropy},
    health::Health,
    session::{Role, Session, SessionToken},
    statistics::{Counters, StatisticsRow},
};
use serde_json::Value;
use store::{
    AuditFilter, AuditReader, AuditWriter, ConnectorReader, ConnectorWriter, Filter, FirstRead,
    GenerationWriter, LicenseReader, LicenseWriter, MarkerReader, NameDirectory, PlatformDirectory,
    RefreshScope, Revocation, RevocationReader, SecretReader, SessionDirectory, SessionFilter, SessionStore,
    SessionWriter, StatisticsReader, StatisticsWriter, TenantDirectory, TestRecorder,
    access::{ACCESS, Permission},
    schema::{TABLES, TableNames},
};
use syn::{Item, TraitItem};

use crate::{
    secrets,
    support::{World, actor, arn, changed, full, name, soon, tenant},
    wire::{Sent, Step},
};

/// The store's traits with their methods, as the source has them.
fn traits() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<String, Vec<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
        for item in file.items {
            if let Item::Trait(found_trait) = item {
                let methods = found_trait.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                });
                found.insert(found_trait.ident.to_string(), methods.collect());
            }
        }
    }
}

/// What the service asks a permission for, of one request.
fn permissions(names: &TableNames, sent: &Sent) -> Vec<String> {
    let kind = |table: &Value| {
        let table = table.as_str().unwrap();
        let found = TABLES.iter().find(|known| names.of(known.kind) == Some(table));
        found.unwrap_or_else(|| panic!("no table {table}")).kind
    };
    match sent.operation.as_str() {
        "GetSecretValue" | "DescribeSecret" => vec![format!("secretsmanager:{} on secrets", sent.operation)],
        // Judged write by write, each as if it were sent alone.
        "TransactWriteItems" => {
            let writes = sent.body["TransactItems"].as_array().unwrap().iter();
            let writes = writes.flat_map(|write| write.as_object().unwrap());
            writes
                .map(|(write, of)| {
                    let action = if write == "ConditionCheck" { "ConditionCheck" } else { write };
                    format!("dynamodb:{action}Item on {}", kind(&of["TableName"]))
                })
                .collect()
        }
        "BatchGetItem" => {
            let tables = sent.body["RequestItems"].as_object().unwrap().keys();
            tables.map(|table| format!("dynamodb:BatchGetItem on {}", kind(&table.clone().into()))).collect()
        }
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" | "Scan" => {
            let index = sent.body["IndexName"].as_str();
            let index = index.map(|name| format!("/index/{name}")).unwrap_or_default();
            vec![format!("dynamodb:{} on {}{index}", sent.operation, kind(&sent.body["TableName"]))]
        }
        other => panic!("say what {other} needs a permission for"),
    }
}

fn session() -> Session {
    let token_hash = SessionToken::from_cookie("a session").hash();
    let (tenant_id, user) = (tenant("tenant-a"), "someone".to_owned());
    Session { token_hash, tenant_id, user, role: Role::Viewer, created_at: 1_000, last_seen_at: 1_000 }
}

fn entry() -> AuditEntry {
    AuditEntry {
        tenant_id: tenant("tenant-a"),
        at: "2026-07-10T19:19:05Z".parse().unwrap(),
        id: SystemEntropy.uuid(),
        actor: actor(),
        action: AuditAction::Execute,
        connector_name: name("crm"),
        before: None,
        after: None,
        request: None,
        result: "unknown".to_owned(),
    }
}

fn row() -> StatisticsRow {
    StatisticsRow {
        tenant_id: tenant("tenant-a"),
        container: "container".to_owned(),
        hour: 1,
        counters: Counters::default(),
        cached_connectors: 0,
        last_eviction: None,
        last_factory_create: None,
        heard_at: "2026-07-10T19:19:05Z".parse().unwrap(),
    }
}

/// Calls a method, down each of the ways that it has; every call succeeds.
async fn drive(method: &str) -> BTreeSet<String> {
    let world = World::new().await;
    let store = &world.store;
    let (of, crm, record) = (tenant("tenant-a"), name("crm"), full("tenant-a", "crm"));
    let every = Filter::default();
    world.create(record.clone()).await;
    world.wire.script(&[]);
    match method {
        "AuditReader::list" => {
            let tenants = AuditFilter { tenant: Some(of), ..AuditFilter::default() };
            for filter in [AuditFilter::default(), tenants] {
                AuditReader::list(store, &filter, None, soon()).await.unwrap();
            }
        }
        "AuditWriter::append" => store.append(&entry(), soon()).await.unwrap(),
        "AuditWriter::conclude" => {
            let entry = entry();
            store.append(&entry, soon()).await.unwrap();
            world.wire.script(&[]);
            store.conclude(&entry, "done", soon()).await.unwrap();
        }
        "ConnectorReader::get" => store.get(&of, &crm, soon()).await.map(drop).unwrap(),
        "ConnectorWriter::create" => {
            store.create(&full("tenant-a", "new"), &actor(), soon()).await.map(drop).unwrap();
        }
        "ConnectorWriter::update" => {
            let after = changed(&record, |record| record.description = None);
            store.update(&record, &after, &actor(), soon()).await.map(drop).unwrap();
        }
        "ConnectorWriter::delete" => {
            ConnectorWriter::delete(store, &record, &actor(), soon()).await.map(drop).unwrap();
        }
        "GenerationWriter::bump" => {
            let one = RefreshScope::Connector(of.clone(), crm);
            for scope in [RefreshScope::All, RefreshScope::Tenant(of), one] {
                store.bump(&scope, soon()).await.unwrap();
            }
        }
        "LicenseReader::revoked" => store.revoked("jti", soon()).await.map(drop).unwrap(),
        "LicenseWriter::revoke" => {
            let revocation =
                Revocation { jti: "jti".into(), revoked_at: None, by: None, reason: None, until: None };
            store.revoke(&revocation, soon()).await.map(drop).unwrap();
        }
        "MarkerReader::read" => store.read(0, &of, &crm, "jti", soon()).await.map(drop).unwrap(),
        "NameDirectory::tenants_with" => store.tenants_with(&crm, soon()).await.map(drop).unwrap(),
        "PlatformDirectory::page_of_all" => {
            store.page_of_all(&every, None, 10, soon()).await.map(drop).unwrap();
        }
        "RevocationReader::revocation" => store.revocation("jti", soon()).await.map(drop).unwrap(),
        "RevocationReader::revocations" => store.revocations(None, soon()).await.map(drop).unwrap(),
        "SessionDirectory::list" => {
            SessionDirectory::list(store, &SessionFilter::default(), None, soon()).await.unwrap();
        }
        "SessionDirectory::delete" => {
            SessionDirectory::delete(store, &session().token_hash, soon()).await.unwrap();
        }
        "SessionStore::find" => store.find(&session().token_hash, soon()).await.map(drop).unwrap(),
        "SessionStore::touch" => store.touch(&session(), soon()).await.unwrap(),
        "SessionWriter::put" => SessionWriter::put(store, &session(), soon()).await.unwrap(),
        "StatisticsReader::of_tenant" => store.of_tenant(&of, soon()).await.map(drop).unwrap(),
        "StatisticsReader::all" => store.all(soon()).await.map(drop).unwrap(),
        "StatisticsWriter::put" => StatisticsWriter::put(store, &row(), soon()).await.unwrap(),
        "TenantDirectory::page_of_tenant" => {
            store.page_of_tenant(&of, &every, None, 10, soon()).await.map(drop).unwrap();
        }
        "TestRecorder::record_test" => {
            store.record_test(&record, &Health::default(), &actor(), soon()).await.map(drop).unwrap();
        }
        "SecretReader::describe" | "SecretReader::value" => return secret(method).await,
        other => panic!("{other} is not driven"),
    }
    said(&world, &world.wire.sent())
}

async fn secret(method: &str) -> BTreeSet<String> {
    let (secrets, wire) = secrets::world().await;
    if method == "SecretReader::describe" {
        wire.always(Step::Answer(secrets::tagged));
        secrets.describe(&arn(), soon()).await.unwrap();
    } else {
        wire.always(Step::Answer(secrets::text));
        secrets.value(&arn(), soon()).await.unwrap();
    }
    wire.sent().iter().flat_map(|sent| permissions(&TableNames::default(), sent)).collect()
}

fn said(world: &World, sent: &[Sent]) -> BTreeSet<String> {
    sent.iter().flat_map(|sent| permissions(&world.names, sent)).collect()
}

#[tokio::test]
async fn every_trait_calls_what_is_said_of_it_and_nothing_else() {
    let of: BTreeMap<&str, &[Permission]> = ACCESS.into();
    for (name, methods) in traits() {
        let mut called = BTreeSet::new();
        for method in &methods {
            let calls = drive(&format!("{name}::{method}")).await;
            assert!(!calls.is_empty(), "{name}::{method} called nothing");
            called.extend(calls);
        }
        let expected = of.get(name.as_str()).copied().unwrap_or_default();
        assert_eq!(called, expected.iter().map(ToString::to_string).collect(), "{name}");
    }
}

#[test]
fn nothing_is_said_of_traits_that_are_not_there() {
    let traits = traits();
    assert!(traits.len() > 18, "{traits:?}");
    for (name, _) in ACCESS {
        assert!(traits.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn the_read_at_the_start_is_what_is_said_of_it() {
    for first in [FirstRead::Session, FirstRead::License] {
        let world = World::new().await;
        world.store.prime(first).await;
        assert_eq!(said(&world, &world.wire.sent()), [first.permission().to_string()].into());
    }
}
