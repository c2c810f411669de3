//! Values that would lead elsewhere stay values.

use serde_json::json;

use super::{account, hub};
use crate::setup::ask;

#[tokio::test]
async fn an_id_is_one_segment_whatever_it_holds() {
    let account = account().await;
    let hub = hub(&account);
    for id in
        ["../../owners/2026-09", "1/../../deals/2", "1?archived=true", "1#x", "%2e%2e", "a b", "1%2F2", "ü"]
    {
        account.forget();
        let error =
            hub.query(ask("get").with(json!({"objectType": "contacts", "id": id}))).await.unwrap_err();
        assert!(error.to_string().contains("resource not found"), "{id}: {error}");
        let seen = account.seen().remove(0);
        assert_eq!((seen.segments().len(), seen.query.as_str()), (5, ""), "{id}");
        assert_eq!(seen.segments()[4], id);
    }
    for id in ["..", ".", "a\r\nX-Evil: 1", "\0"] {
        account.forget();
        let error =
            hub.query(ask("get").with(json!({"objectType": "contacts", "id": id}))).await.unwrap_err();
        assert!(error.to_string().contains("must be an identifier"), "{id:?}: {error}");
        let gone = ask("archive").with(json!({"objectType": id, "id": "1"}));
        assert!(hub.execute(gone).await.is_err(), "{id:?}");
        assert_eq!(account.seen().len(), 0);
    }
}

#[tokio::test]
async fn values_of_filters_and_queries_stay_values() {
    let account = account().await;
    account.vendor(|hub| hub.seed("contacts", 3));
    let hub = hub(&account);
    let sly = r#"x"}]},{"filters":[{"propertyName":"email","operator":"HAS_PROPERTY"#;
    let filters = json!([{"propertyName": "email", "operator": "EQ", "value": sly}]);
    assert!(hub.query(ask("search_contacts").with(json!({"filters": filters}))).await.unwrap().is_empty());
    let names = json!({"objectType": "contacts", "properties": ["email&archived=true", "a\r\nb"]});
    hub.query(ask("list").with(names)).await.unwrap();
    let seen = account.seen().pop().unwrap();
    assert_eq!(seen.parameter("properties").as_deref(), Some("email&archived=true,a\r\nb"));
    assert_eq!(seen.parameter("archived"), None);
    assert!(hub.query(ask("list_owners").with(json!({"email": "a&limit=1"}))).await.unwrap().is_empty());
}
