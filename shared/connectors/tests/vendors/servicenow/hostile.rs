//! Values that would like to be more than values, and slips that would like to be answers.

use connectors::ConnectorError;
use serde_json::{Value, json};

use super::{calls, column, read, world, write};
use crate::setup::say;

#[tokio::test]
async fn a_value_never_leaves_its_condition() {
    let (instance, made, _) = world().await;
    for text in ["x^ORactive=true", "x^NQactive=true", "x^ORDERBYnumber", "^", "x^^ORactive=true"] {
        let rows = read(&made, "list_incidents", json!({"text": text})).await.unwrap();
        assert_eq!(rows, Vec::<Value>::new(), "{text}");
        let rows = read(&made, "list_incidents", json!({"assigned_to": text})).await.unwrap();
        assert_eq!(rows, Vec::<Value>::new(), "{text}");
    }
    let found = write(&made, "get_incident", json!({"incident": "x^ORactive=true"})).await;
    assert!(matches!(found, Err(ConnectorError::Rejected { .. })), "{found:?}");
    assert_eq!(instance.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn no_script_is_run() {
    let (instance, made, _) = world().await;
    for (operation, parameters) in [
        ("list_incidents", json!({"text": "javascript:gs.log('x')"})),
        ("list_incidents", json!({"assigned_to": "JavaScript:gs.getUserID()"})),
        ("list_incidents", json!({"query": "caller_id=javascript:new GlideRecord('x').deleteMultiple()"})),
        ("query_table", json!({"table": "problem", "query": "number=javascript:eval('1')"})),
        ("aggregate", json!({"table": "problem", "query": "numberINa,javascript:eval('1')"})),
        ("get_incident", json!({"incident": "javascript:gs.getUserID()"})),
        ("cmdb_get", json!({"class": "cmdb_ci", "item": "javascript:gs.getUserID()"})),
    ] {
        let error = read(&made, operation, parameters.clone()).await.unwrap_err().to_string();
        assert!(error.contains("ServiceNow would run"), "{parameters}: {error}");
    }
    assert_eq!((calls(&instance), instance.vendor(|v| v.scripts_run)), (0, 0));
    // What filters are made of may run.
    let own = say("opened_at<=javascript:gs.daysAgo(7)^sys_created_by=javascript:gs.getUserName()");
    made.query(own.with(json!({"table": "incident"}))).await.unwrap();
    assert_eq!(instance.vendor(|v| v.scripts_run), 2);
}

#[tokio::test]
async fn a_slip_in_a_query_is_no_answer() {
    let (instance, made, _) = world().await;
    for (operation, parameters, field) in [
        ("list_incidents", json!({"query": "stat=2"}), "stat"),
        ("list_incidents", json!({"query": "stat=2", "fields": ["number"]}), "stat"),
        ("list_incidents", json!({"query": "caller_id.emial=a"}), "caller_id.emial"),
        ("list_incidents", json!({"order_by": ["nmuber"]}), "nmuber"),
        ("list_changes", json!({"query": "stat=2"}), "stat"),
        ("query_table", json!({"table": "problem", "query": "u_none=1^active=true"}), "u_none"),
        ("aggregate", json!({"table": "incident", "query": "stat=2"}), "stat"),
        ("aggregate", json!({"table": "incident", "group_by": ["stat"]}), "stat"),
        ("cmdb_list", json!({"class": "cmdb_ci_linux_server", "query": "nme=web"}), "nme"),
    ] {
        let error = read(&made, operation, parameters.clone()).await.unwrap_err();
        let told = format!("has no field {field} that these credentials may read");
        assert!(
            matches!(&error, ConnectorError::Invalid(why) if why.contains(&told)),
            "{parameters}: {error}"
        );
        // The instance gave everything, as instances do.
        assert!(!instance.take_violations().is_empty(), "{parameters}");
    }
    for query in ["active", "state==", "Active=true", "active=true^^^", "a b=c"] {
        instance.forget();
        let asked = read(&made, "list_incidents", json!({ "query": query })).await;
        if let Err(error) = asked {
            assert!(matches!(error, ConnectorError::Faults(_)), "{query}: {error:?}");
            assert_eq!(calls(&instance), 0, "{query}");
        }
        instance.take_violations();
    }
}

#[tokio::test]
async fn fields_of_other_tables_are_looked_at_first() {
    let (instance, made, _) = world().await;
    let rows =
        read(&made, "list_incidents", json!({"query": "assignment_group.name=Network"})).await.unwrap();
    assert_eq!(column(&rows, "short_description"), ["No VPN"]);
    assert_eq!(instance.count("GET", "/incident"), 2);
    let fields = json!({"query": "assignment_group.name=Network", "fields": ["number"]});
    let rows = read(&made, "list_incidents", fields).await.unwrap();
    assert_eq!(rows, [json!({"number": "INC0010001", "assignment_group.name": "Network"})]);
    assert_eq!(instance.count("GET", "/incident"), 3);
}

#[tokio::test]
async fn a_path_leads_nowhere_else() {
    let (instance, made, _) = world().await;
    for (operation, parameters, part) in [
        ("query_table", json!({"table": "../../sn_chg_rest/change"}), "must be a table's name"),
        ("query_table", json!({"table": "incident/x"}), "must be a table's name"),
        ("query_table", json!({"table": "incident?sysparm_limit=1"}), "must be a table's name"),
        ("query_table", json!({"table": ".."}), "must be a table's name"),
        ("aggregate", json!({"table": "Incident"}), "must be a table's name"),
        ("cmdb_list", json!({"class": "a%2e"}), "must be a table's name"),
        ("cmdb_get", json!({"class": "x/y", "item": "web-1"}), "must be a table's name"),
        ("list_incidents", json!({"fields": ["number&sysparm_limit=9"]}), "no field's name"),
        ("list_incidents", json!({"order_by": ["number^active=true"]}), "no field's name"),
        ("list_incidents", json!({"text": "a\r\nX: 1"}), "control characters"),
        ("get_incident", json!({"incident": "a\nb"}), "control characters"),
    ] {
        let error = read(&made, operation, parameters.clone()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{parameters}: {error}");
    }
    assert_eq!(calls(&instance), 0);
    for id in ["../../oauth_token.do", "..", "a/b", "INC?x=1", "%2e%2e"] {
        let error = write(&made, "add_work_note", json!({"incident": id, "note": "x"})).await.unwrap_err();
        assert!(
            matches!(&error, ConnectorError::Rejected { .. } | ConnectorError::Invalid(_)),
            "{id}: {error:?}"
        );
    }
    assert!(
        instance
            .seen()
            .iter()
            .all(|seen| matches!(seen.path.as_str(), "/oauth_token.do" | "/api/now/table/incident"))
    );
    assert_eq!(instance.take_violations(), Vec::<String>::new());
}

#[tokio::test]
async fn every_fault_of_a_call_is_told_at_once() {
    let (instance, made, _) = world().await;
    let wrong = json!({"active": "yes", "state": "opened", "priority": 9, "query": "x", "nmuber": 1});
    let error = read(&made, "list_incidents", wrong).await.unwrap_err();
    let ConnectorError::Faults(faults) = &error else { panic!("{error:?}") };
    let places: Vec<String> = faults.iter().map(|fault| fault.pointer.to_string()).collect();
    let expected = ["nmuber", "active", "state", "priority", "query"];
    assert_eq!(places, expected.map(|name| format!("/parameters/{name}")));
    assert!(instance.seen().is_empty());
    let error = read(&made, "list_incident", json!({})).await.unwrap_err().to_string();
    assert!(error.contains("did you mean list_incidents?"), "{error}");
}

#[tokio::test]
async fn a_table_is_asked_by_its_name_however_its_letters_are_written() {
    let (instance, made, _) = world().await;
    let text = br#"{"table": "inciden\u0074", "query": "caller_id.emial=a"}"#;
    let parameters = model::parameters::Parameters::parse(text).unwrap();
    let request = connectors::Request {
        operation: Some("query_table"),
        parameters: &parameters,
        ..connectors::Request::NOTHING
    };
    let error = made.connector.query(request, made.deadline(None)).await.unwrap_err().to_string();
    assert!(error.contains("incident has no field caller_id.emial"), "{error}");
    assert!(instance.seen().iter().all(|seen| !seen.path.contains("u0074")));
    assert_eq!(instance.take_violations().len(), 1);
}

#[tokio::test]
async fn an_error_holds_no_value_and_no_long_key() {
    let (instance, made, ids) = world().await;
    instance.vendor(|v| {
        for _ in 0..2 {
            v.seed("cmdb_ci_linux_server", &[("name", "Jane Doe")]);
        }
    });
    let twice = json!({"class": "cmdb_ci_linux_server", "item": "Jane Doe"});
    let error = read(&made, "cmdb_get", twice).await.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, ConnectorError::Invalid(_)) && told.contains("parameter item"), "{told}");
    assert!(!told.contains("Jane"), "{told}");
    let key = format!("sys_{}", "x".repeat(500_000));
    let fields = json!({"incident": ids.incident, "fields": {key: 1}});
    let error = write(&made, "update_incident", fields).await.unwrap_err().to_string();
    assert!(error.contains("sys_xxx") && error.len() < 300, "{} bytes", error.len());
}

#[tokio::test]
async fn a_query_is_as_long_as_a_url_may_be_and_no_longer() {
    let (instance, made, _) = world().await;
    let query = |size: usize| json!({"query": format!("short_description={}", "x".repeat(size - 18))});
    // The URL around it is what is too long.
    let error = read(&made, "list_incidents", query(16 * 1024)).await.unwrap_err().to_string();
    assert!(error.contains("a URL of more than"), "{error}");
    let error = read(&made, "list_incidents", query(16 * 1024 + 1)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Faults(_)), "{error:?}");
    // Each alternative takes the filters once more.
    let many =
        json!({"query": format!("active=true{}", "^NQactive=true".repeat(1_000)), "text": "x".repeat(100)});
    let error = read(&made, "list_incidents", many).await.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, ConnectorError::Invalid(_)) && told.contains("each alternative"), "{told}");
    assert_eq!(calls(&instance), 0);
}
