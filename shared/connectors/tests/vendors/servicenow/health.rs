//! The live test: each thing that can be wrong has a stage and a hint of its own.

use connectors::{ConnectorError, Stage};
use model::policy::{Operation, Policy, Route};
use model::{fault::Pointer, options::Options};
use serde_json::json;
use stand_ins::servicenow;

use super::{KIND, client, connected, world};
use crate::setup::{ask, connect};

#[tokio::test]
async fn a_connector_that_works_says_who_it_acts_as() {
    let (instance, made, _) = world().await;
    let (passed, ended) = made.health().await;
    assert_eq!(ended, None);
    let stages: Vec<Stage> = passed.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(
        stages,
        [Stage::NameResolution, Stage::Egress, Stage::Connect, Stage::Authenticate, Stage::Call]
    );
    assert_eq!(passed.last().unwrap().1, "GET of sys_user: acts as agent");
    crate::setup::golden("servicenow", "health", &instance.golden());
}

#[tokio::test]
async fn each_fault_has_its_stage_and_its_hint() {
    let (instance, _, _) = world().await;
    let url = instance.url();
    for (secret, part) in [
        (
            json!({"token": "x"}),
            "holds none of api_key, client_id with client_secret, username with password",
        ),
        (json!({"client_id": "client-1"}), "lacks client_secret or clientSecret"),
        (json!({"username": "agent"}), "lacks password or PASSWORD"),
    ] {
        let error = connect(KIND, &url, &json!({ "secret": secret })).err().unwrap();
        assert_eq!(error.stage(), Stage::Secret, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let error = connect(KIND, &url, &json!({})).err().unwrap();
    assert_eq!(error.stage(), Stage::Secret, "{error}");

    // A host that does not resolve, and one that listens to nobody.
    let nowhere = crate::setup::connected(KIND, "https://nowhere.invalid", &json!({ "secret": client() }));
    assert_eq!(nowhere.health().await.1.unwrap().stage(), Stage::NameResolution);
    let closed = crate::setup::connected(KIND, "http://127.0.0.1:1", &json!({ "secret": client() }));
    assert_eq!(closed.health().await.1.unwrap().stage(), Stage::Connect);

    let wrong = connected(&instance, &json!({"secret": {"client_id": "client-1", "client_secret": "old"}}));
    let error = wrong.health().await.1.unwrap();
    assert!(
        matches!(error, ConnectorError::CredentialsRefused(_)) && error.stage() == Stage::Authenticate,
        "{error:?}"
    );

    let key = connected(&instance, &json!({"secret": {"api_key": "revoked"}}));
    let (passed, ended) = key.health().await;
    assert_eq!((passed.last().unwrap().0, ended.unwrap().stage()), (Stage::Connect, Stage::Authenticate));

    instance.vendor(|v| v.access.in_scope = false);
    let made = connected(&instance, &json!({ "secret": client() }));
    let (passed, ended) = made.health().await;
    let error = ended.unwrap();
    assert_eq!((passed.last().unwrap().0, error.stage()), (Stage::Authenticate, Stage::Call));
    assert!(error.to_string().contains("Access to unscoped api is not allowed"), "{error}");

    instance.vendor(|v| v.access.in_scope = true);
    instance.next("GET", "/sys_user", vec![servicenow::hibernating()]);
    let error = made.health().await.1.unwrap();
    assert!(error.stage() == Stage::Call && error.to_string().contains("hibernates"), "{error}");
}

#[tokio::test]
async fn a_caller_who_may_not_read_himself_is_a_caller() {
    let (instance, made, _) = world().await;
    instance.vendor(|v| {
        let users: Vec<String> =
            v.tables["sys_user"].iter().map(|user| user.get("sys_id").to_owned()).collect();
        for id in &users {
            v.hide("sys_user", id);
        }
    });
    let (passed, ended) = made.health().await;
    assert_eq!(ended, None);
    assert!(passed.last().unwrap().1.contains("may not read his own record"), "{passed:?}");
}

#[test]
fn the_cmdb_is_written_only_where_the_record_opens_it() {
    let judged = |options: serde_json::Value, operation: &str| {
        let options = Options::check(&options, KIND, &Pointer::root()).unwrap();
        let parameters = json!({"class": "cmdb_ci", "item": "a", "attributes": {}, "source": "x"});
        let asked = ask(operation).with(parameters);
        let operations: Vec<Operation> = connectors::classify(KIND, Route::Execute, asked.request()).unwrap();
        Policy::of(KIND, &options).judge(Route::Execute, &operations[0]).map_err(|refusal| refusal.reason)
    };
    for operation in ["cmdb_create", "cmdb_update"] {
        assert!(judged(json!({}), operation).unwrap_err().contains("is blocked for this connector"));
        assert_eq!(judged(json!({"blocked_operations": ["DELETE"]}), operation), Ok(()));
    }
    assert_eq!(judged(json!({}), "create_incident"), Ok(()));
}
