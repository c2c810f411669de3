//! Values that would lead elsewhere stay values.

use connectors::{ConnectorError, Request};
use model::{connector_type::ConnectorType, parameters::Parameters};
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

#[tokio::test]
async fn a_type_is_a_name_and_nothing_else() {
    let account = account().await;
    let hub = hub(&account);
    let long = "a".repeat(65);
    for kind in ["../owners", "contacts/1", "a?b", "a#b", "%2e", "a b", "ü", &long] {
        let asked = ask("get").with(json!({"objectType": kind, "id": "1"}));
        let error = hub.query(asked).await.unwrap_err().to_string();
        assert!(error.contains("letters, digits, hyphens and underscores"), "{kind}: {error}");
        for (from, to) in [(kind, "deals"), ("deals", kind)] {
            let ends = json!({"fromObjectType": from, "fromId": "1", "toObjectType": to, "toId": "2"});
            let error = hub.execute(ask("associate").with(ends)).await.unwrap_err();
            assert!(matches!(error, ConnectorError::Faults(_)), "{kind}: {error:?}");
        }
    }
    assert_eq!(account.seen().len(), 0);
    let known = json!({"objectType": &long[1..], "id": "1"});
    assert!(matches!(hub.query(ask("get").with(known)).await, Err(ConnectorError::Rejected { .. })));
}

#[test]
fn embedded_json_is_no_plain_value() {
    for (operation, text) in [
        ("create", format!(r#"{{"objectType":"deals","properties":{{"a":{}}}}}"#, bomb())),
        (
            "search",
            format!(
                r#"{{"objectType":"deals","filters":[{{"propertyName":"a","operator":"EQ","value":{}}}]}}"#,
                bomb()
            ),
        ),
        (
            "search",
            format!(
                r#"{{"objectType":"deals","filters":[{{"propertyName":"a","operator":"EQ","other":{}}}]}}"#,
                bomb()
            ),
        ),
    ] {
        let parameters = Parameters::parse(text.as_bytes()).unwrap();
        let request = Request { operation: Some(operation), parameters: &parameters, ..Request::NOTHING };
        let error = connectors::check(ConnectorType::Hubspot, request).unwrap_err();
        assert!(matches!(error, ConnectorError::Faults(_)), "{error:?}");
    }
}

/// JSON whose strings are JSON again under the library's private key: whoever follows it runs out of stack.
fn bomb() -> String {
    let (open, close) = ("[".repeat(120), "]".repeat(120));
    let mut text = format!("{open}1{close}");
    for _ in 0..LEVELS {
        let escaped = text.replace('\\', "\\u005c").replace('"', "\\u0022");
        text = format!(r#"{open}{{"$serde_json::private::RawValue":"{escaped}"}}{close}"#);
    }
    text[120..text.len() - 120].to_owned()
}

/// More than a thread's stack holds.
const LEVELS: usize = 60;
