//! Several requests in one: what is done of them, and as what each is judged.

use connectors::ConnectorError;
use model::policy::Route;
use serde_json::{Value, json};

use super::org;
use crate::setup::{Ask, ask, values};

fn composite(whole: bool, pieces: &[Value]) -> Ask {
    ask("composite").with(json!({"allOrNone": whole, "compositeRequest": pieces}))
}

fn create(object: &str, reference: &str, fields: Value) -> Value {
    let url = format!("/services/data/v66.0/sobjects/{object}");
    json!({"method": "POST", "url": url, "referenceId": reference, "body": fields})
}

#[tokio::test]
async fn pieces_build_on_each_other() {
    let org = org().await;
    let pieces = [
        create("Account", "a", json!({"Name": "Nova"})),
        create("Contact", "c", json!({"LastName": "Byron", "AccountId": "@{a.id}"})),
        json!({"method": "GET", "url": "/services/data/v66.0/sobjects/Account/@{a.id}?fields=Name", "referenceId": "r"}),
    ];
    let done = org.plain().execute(composite(true, &pieces)).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (3, "composite 200, 3 of 3 done"));
    let rows = values(&done.rows.unwrap());
    assert_eq!((&rows[0]["httpStatusCode"], &rows[2]["body"]["Name"]), (&json!(201), &json!("Nova")));
}

#[tokio::test]
async fn a_piece_that_fails_is_shown_and_one_that_undoes_all_is_an_error() {
    let org = org().await;
    let made = org.plain();
    let pieces =
        [create("Account", "a", json!({"Name": "Nova"})), create("Contact", "c", json!({"LastName": ""}))];
    let done = made.execute(composite(false, &pieces)).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "composite 200, 1 of 2 done"));
    assert_eq!(values(&done.rows.unwrap())[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(org.server.vendor(|vendor| vendor.records("Account")), 4);

    let Err(ConnectorError::Rejected { status, message }) = made.execute(composite(true, &pieces)).await
    else {
        panic!("it was taken")
    };
    assert!(
        status.to_string().contains("REQUIRED_FIELD_MISSING") && message.contains("[LastName]"),
        "{message}"
    );
    assert_eq!(org.server.vendor(|vendor| vendor.records("Account")), 4);
}

#[test]
fn each_piece_is_judged_as_the_operation_that_it_is() {
    let pieces = [
        create("Account", "a", json!({})),
        json!({"method": "PATCH", "url": "/services/data/v66.0/sobjects/Account/Key__c/1", "referenceId": "u", "body": {}}),
        json!({"method": "DELETE", "url": "/services/data/v66.0/sobjects/Account/@{a.id}", "referenceId": "d"}),
    ];
    let asked = composite(false, &pieces);
    let kind = model::connector_type::ConnectorType::Salesforce;
    let judged = connectors::classify(kind, Route::Execute, asked.request()).unwrap();
    let named: Vec<_> = judged.iter().map(|operation| (operation.name.as_ref(), operation.verb)).collect();
    let expected = [
        ("composite", "COMPOSITE"),
        ("create_record", "CREATE"),
        ("upsert_record", "UPSERT"),
        ("delete_record", "DELETE"),
    ];
    assert_eq!(named, expected);
}

#[tokio::test]
async fn a_piece_that_could_be_something_else_is_never_sent() {
    let org = org().await;
    let made = org.plain();
    for (method, path) in [
        ("POST", "sobjects/Account?_HttpMethod=DELETE"),
        ("GET", "../../apexrest/x"),
        ("GET", "sobjects/Account/..%2F..%2Ftooling"),
        ("POST", "tooling/executeAnonymous"),
        ("POST", "composite"),
    ] {
        let piece =
            json!({"method": method, "url": format!("/services/data/v66.0/{path}"), "referenceId": "x"});
        let error = made.execute(composite(false, &[piece])).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{path}: {error:?}");
    }
    let headers = json!({"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "x",
        "httpHeaders": {"X-HTTP-Method-Override": "DELETE"}});
    let error = made.execute(composite(false, &[headers])).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Faults(_)), "{error:?}");
    let error =
        made.execute(composite(false, &[json!({"method": "GET"}), json!({"url": 1})])).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Faults(faults) if faults.len() == 5), "{error:?}");
    assert!(org.server.seen().is_empty());
}

#[tokio::test]
async fn a_path_refers_to_what_a_piece_creates_and_to_nothing_else() {
    let org = org().await;
    let made = org.plain();
    let query = "/services/data/v66.0/query?q=SELECT+Name+Id+FROM+Account+GROUP+BY+Name";
    for reference in ["q", "none", "Q"] {
        let change = format!("/services/data/v66.0/sobjects/Account/@{{{reference}.id}}");
        let pieces = [
            json!({"method": "GET", "url": query, "referenceId": "q"}),
            create("Account", "a", json!({"Name": "Nova"})),
            json!({"method": "PATCH", "url": change, "referenceId": "w", "body": {"Name": "x"}}),
        ];
        let error = made.execute(composite(false, &pieces)).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Invalid(_)), "{reference}: {error:?}");
    }
    let seen = json!({"method": "GET", "url": "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+FOR+VIEW", "referenceId": "v"});
    let error = made.execute(composite(false, &[seen])).await.unwrap_err().to_string();
    assert!(error.contains("FOR VIEW changes what it reads"), "{error}");
    assert!(org.server.seen().is_empty());
}
