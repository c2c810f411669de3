//! What a tenant's agents can call: the database's records, and what the file declares and no record hides.

use jiff::Timestamp;
use model::source::Source;
use registry::{CallError, Listed};
use serde_json::json;
use tiers::{File, Rules, Tiers};

use crate::support::World;

const FILE: &str = r#"
version: "1.0"
connectors:
  crm: {type: custom, enabled: true, connection_url: "https://crm.example.com"}
  erp: {type: custom, enabled: true, connection_url: "https://erp.example.com"}
"#;

async fn world() -> World {
    let file = File { path: "tiers.yaml", content: FILE.as_bytes() };
    let rules = Rules { allow: &"".parse().unwrap(), now: Timestamp::UNIX_EPOCH };
    World::with(Tiers::read(Some(file), [], rules).unwrap()).await
}

fn short(listed: &[Listed]) -> Vec<(&str, Source)> {
    listed.iter().map(|listed| (listed.name.as_str(), listed.source)).collect()
}

#[tokio::test]
async fn a_record_hides_what_the_file_declares_by_its_name_even_when_it_is_disabled() {
    let world = world().await;
    let listed = world.list().await.unwrap();
    assert_eq!(short(&listed), [("crm", Source::Database), ("erp", Source::File)]);
    world.stores.write(world.record(&json!({"enabled": false})));
    assert_eq!(short(&world.list().await.unwrap()), [("erp", Source::File)]);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_an_error_and_no_shorter_list() {
    let world = world().await;
    for operation in ["license", "page"] {
        world.stores.fail(operation);
        assert!(matches!(world.list().await, Err(CallError::Store(_))), "{operation}");
        world.stores.mend();
    }
}
