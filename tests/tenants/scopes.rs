//! What a license permits: each set of scopes and each reach, times each operation of the agent.

use end_to_end::{Reply, World};
use model::{license::Scope, rules::DeploymentMode};
use serde_json::Value;

use crate::{
    document::Operation,
    ledger::{Ledger, scan},
    requests::Said,
    stage::Stage,
    target::{NOBODY, STRANGER, VICTIM},
};

const SCOPES: [Scope; 4] = [Scope::Query, Scope::Execute, Scope::Refresh, Scope::Stats];

fn license(world: &World, tenants: &[&str], scopes: &[Scope]) -> String {
    world.license(|license| {
        license.tenants = tenants.iter().map(ToString::to_string).collect();
        license.scopes = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    })
}

fn kind(reply: &Reply) -> String {
    let body: Value = serde_json::from_str(&reply.text).unwrap();
    body["type"].as_str().unwrap_or_default().trim_start_matches("urn:axonflow:problem:").to_owned()
}

impl Stage {
    async fn by(&self, operation: &Operation, said: &Said, key: &str) -> Reply {
        self.unsigned(operation, said).header("x-license-key", key).send().await
    }
}

#[tokio::test]
async fn each_scope_opens_its_own_operations_and_no_other() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    for set in 0..16_u8 {
        let scopes: Vec<Scope> = SCOPES
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| set >> bit & 1 == 1)
            .map(|(_, scope)| scope)
            .collect();
        let key = license(&stage.world, &[STRANGER], &scopes);
        for (operation, known) in &stage.operations {
            let Some(scope) = known.scope() else { continue };
            let (before, sent) = (scan(&stage.world, "generations").await, stage.own.seen().len());
            let reply = stage.by(operation, &Said::new(), &key).await;
            let case = format!("{} with {scopes:?}: {} {}", operation.id, reply.status, reply.text);
            if !scopes.contains(&scope) {
                assert_eq!((reply.status, kind(&reply).as_str()), (403, "license-scope"), "{case}");
                assert_eq!(before, scan(&stage.world, "generations").await, "{case}");
                assert_eq!(sent, stage.own.seen().len(), "{case}");
            } else if operation.id == "refreshAll" {
                assert_eq!((reply.status, kind(&reply).as_str()), (403, "license-tenant"), "{case}");
            } else {
                assert_eq!(reply.status, 200, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_license_reaches_the_tenants_that_it_names() {
    let stage = Stage::set(DeploymentMode::Saas).await;
    let before = Ledger::read(&stage.world, &stage.theirs).await;
    for (tenants, covers) in [
        (vec![VICTIM], false),
        (vec![NOBODY], false),
        (vec![], false),
        (vec!["tenant-"], false),
        (vec!["tenant-*"], false),
        (vec!["TENANT-B"], false),
        (vec![STRANGER], true),
        (vec![NOBODY, STRANGER], true),
        (vec!["*"], true),
    ] {
        let key = license(&stage.world, &tenants, &SCOPES);
        for (operation, known) in &stage.operations {
            let places = known.places();
            let place =
                ["path:tenant_id", "header:X-Tenant-ID"].into_iter().find(|place| places.contains_key(place));
            let Some(place) = place.filter(|_| known.scope().is_some()) else { continue };
            let said = Said::from([(place.to_owned(), STRANGER.to_owned())]);
            let reply = stage.by(operation, &said, &key).await;
            let case = format!("{} for {tenants:?}: {} {}", operation.id, reply.status, reply.text);
            if covers {
                assert_eq!(reply.status, 200, "{case}");
            } else {
                assert_eq!((reply.status, kind(&reply).as_str()), (403, "license-tenant"), "{case}");
            }
        }
    }
    before.unchanged(&Ledger::read(&stage.world, &stage.theirs).await, "a license of other tenants");
}
