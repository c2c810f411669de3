//! The operations are the methods, judged before anything is sent.

use connectors::{ConnectorError, classify};
use model::connector_type::ConnectorType;
use model::policy::{OperationClass, Route};

use crate::setup::ask;

fn judged(route: Route, action: Option<&'static str>) -> Result<(String, OperationClass), ConnectorError> {
    let ask = match action {
        Some(action) => ask("/orders").action(action),
        None => ask("/orders"),
    };
    let operations = classify(ConnectorType::Custom, route, ask.request())?;
    assert_eq!(operations.len(), 1);
    Ok((operations[0].verb.to_owned(), operations[0].class))
}

#[test]
fn a_query_is_a_get_and_an_execute_says_what_it_does() {
    assert_eq!(judged(Route::Query, None).unwrap(), ("GET".into(), OperationClass::Read));
    let error = judged(Route::Execute, None).unwrap_err();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(error.to_string().contains(method), "{error}");
    }
    assert!(matches!(error, ConnectorError::Invalid(_)));
}

#[test]
fn methods_are_known_in_any_case_and_others_are_refused() {
    for (action, verb) in [("POST", "POST"), ("put", "PUT"), ("Patch", "PATCH"), ("DELETE", "DELETE")] {
        for route in [Route::Query, Route::Execute] {
            assert_eq!(judged(route, Some(action)).unwrap(), (verb.to_owned(), OperationClass::Write));
        }
    }
    assert_eq!(judged(Route::Execute, Some("get")).unwrap().1, OperationClass::Read);
    for action in ["", "TRACE", "CONNECT", "OPTIONS", "HEAD", "POST\r\nX: 1"] {
        assert!(
            matches!(judged(Route::Execute, Some(action)), Err(ConnectorError::Invalid(_))),
            "{action:?}"
        );
    }
}
