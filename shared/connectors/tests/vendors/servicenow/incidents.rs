//! Incidents from their opening to their end, and what else tables hold.

use connectors::ConnectorError;
use serde_json::json;

use super::{column, connected, read, row, world, write};
use crate::setup::{ask, say};

#[tokio::test]
async fn an_incident_is_opened_worked_on_and_resolved() {
    let (instance, made, ids) = world().await;
    let opened =
        json!({"short_description": "No VPN", "impact": 1, "urgency": 1, "assignment_group": ids.group});
    let opened = row(&write(&made, "create_incident", opened).await.unwrap());
    let (id, number) = (opened["sys_id"].as_str().unwrap(), opened["number"].as_str().unwrap());
    assert_eq!((opened["state"].as_str(), opened["priority"].as_str()), (Some("1"), Some("1")));

    let update = json!({"incident": number, "state": "in_progress", "work_notes": "Looking"});
    assert_eq!(row(&write(&made, "update_incident", update).await.unwrap())["state"], "2");
    write(&made, "add_work_note", json!({"incident": id, "note": "Restarted"})).await.unwrap();
    write(&made, "add_comment", json!({"incident": number, "comment": "We are on it"})).await.unwrap();
    let resolve =
        json!({"incident": number, "close_code": "Solution provided", "close_notes": "Certificate"});
    assert_eq!(row(&write(&made, "resolve_incident", resolve).await.unwrap())["state"], "6");

    instance.vendor(|v| {
        assert_eq!(v.journal(id, "work_notes"), ["Looking", "Restarted"]);
        assert_eq!(v.journal(id, "comments"), ["We are on it"]);
        assert_eq!(v.value("incident", id, "close_notes"), "Certificate");
    });
    let shown =
        read(&made, "get_incident", json!({"incident": number, "display_value": "true"})).await.unwrap();
    assert_eq!(
        (column(&shown, "state"), column(&shown, "assignment_group")),
        (vec!["Resolved".into()], vec!["Network".into()])
    );
    let notes = json!({"table": "sys_journal_field", "query": format!("element_id={id}^element=work_notes")});
    assert_eq!(column(&read(&made, "query_table", notes).await.unwrap(), "value"), ["Looking", "Restarted"]);
}

#[tokio::test]
async fn incidents_are_listed_by_what_people_filter_them_by() {
    let (instance, made, ids) = world().await;
    let user = instance.vendor(|v| {
        let user = v.seed("sys_user", &[("user_name", "beth.anglin"), ("email", "beth@example.com")]);
        for (text, state) in [("Printer", "1"), ("Plotter ^ printer", "3"), ("Done", "7")] {
            let fields = [("short_description", text), ("state", state), ("assigned_to", &user)];
            v.seed("incident", &fields);
        }
        user
    });
    for (filter, expected) in [
        (json!({"assigned_to": "beth.anglin"}), vec!["Printer", "Plotter ^ printer", "Done"]),
        (json!({"assigned_to": "beth@example.com", "state": "on_hold"}), vec!["Plotter ^ printer"]),
        (json!({"assigned_to": user, "state": ["new", "closed"]}), vec!["Printer", "Done"]),
        (json!({"assigned_to": user, "active": true}), vec!["Printer", "Plotter ^ printer"]),
        (json!({"text": "printer"}), vec!["Printer", "Plotter ^ printer"]),
        (json!({"text": "^ p"}), vec!["Plotter ^ printer"]),
        (json!({"assignment_group": "Network"}), vec!["No VPN"]),
        (json!({"assignment_group": ids.group}), vec!["No VPN"]),
        (json!({"configuration_item": "web-1"}), vec!["No VPN"]),
        (json!({"priority": 4}), vec!["Slow mail"]),
        (json!({"opened_from": "2026-01-01"}), vec![]),
        (json!({"assigned_to": user, "query": "state=3^NQstate=7"}), vec!["Plotter ^ printer", "Done"]),
        (
            json!({"query": "state=3^ORDERBYDESCnumber^NQstate=1"}),
            vec!["Plotter ^ printer", "Printer", "No VPN"],
        ),
        (
            json!({"active": true, "order_by": ["-short_description"]}),
            vec!["Slow mail", "Printer", "Plotter ^ printer", "No VPN"],
        ),
    ] {
        let rows = read(&made, "list_incidents", filter.clone()).await.unwrap();
        assert_eq!(column(&rows, "short_description"), expected, "{filter}");
    }
    let own = instance.vendor(|v| v.scripts_run);
    assert_eq!(own, 0);
}

#[tokio::test]
async fn a_statement_is_an_encoded_query() {
    let (_instance, made, _) = world().await;
    let query = say("active=true^short_descriptionLIKEleak").with(json!({"table": "problem"}));
    assert_eq!(column(&made.query(query).await.unwrap(), "short_description"), ["Memory leak"]);
    let listed = say("list_incidents");
    assert_eq!(made.query(listed).await.unwrap().len(), 2);
    let narrowed = ask("list_incidents").saying("state=2");
    assert_eq!(column(&made.query(narrowed).await.unwrap(), "short_description"), ["Slow mail"]);
    let both = ask("list_incidents").saying("state=2").with(json!({"query": "state=1"}));
    assert!(made.query(both).await.unwrap_err().to_string().contains("say the same"));
    let nowhere = made.query(say("active=true")).await.unwrap_err().to_string();
    assert!(nowhere.contains("/parameters/table is needed"), "{nowhere}");
}

#[tokio::test]
async fn what_nobody_has_is_not_found_and_what_several_have_is_not_guessed() {
    let (instance, made, _) = world().await;
    instance.vendor(|v| v.seed("cmdb_ci_linux_server", &[("name", "db-1")]));
    for (operation, parameters, part) in [
        ("get_incident", json!({"incident": "INC0999999"}), "no record with number \"INC0999999\""),
        ("get_incident", json!({"incident": "0".repeat(32)}), "No Record found"),
        ("add_work_note", json!({"incident": "INC0999999", "note": "x"}), "no record with number"),
        ("get_change", json!({"change": "CHG0999999"}), "no record with number"),
        ("get_change", json!({"change": "0".repeat(32)}), "No Record found"),
        ("next_states", json!({"change": "CHG0999999"}), "no record with number"),
        ("create_standard_change", json!({"template": "Nothing"}), "no record with sys_name"),
        ("cmdb_get", json!({"class": "cmdb_ci_linux_server", "item": "web-9"}), "no record with name"),
        ("cmdb_get", json!({"class": "cmdb_ci_linux_server", "item": "db-1"}), "more than one record"),
        ("cmdb_list", json!({"class": "cmdb_ci_toaster"}), "Invalid class name"),
        ("query_table", json!({"table": "u_nothing"}), "Invalid table u_nothing"),
    ] {
        let error = write(&made, operation, parameters).await.unwrap_err();
        let expected = matches!(error, ConnectorError::Rejected { .. } | ConnectorError::Invalid(_));
        assert!(expected && error.to_string().contains(part), "{operation}: {error:?}");
    }
    assert_eq!(instance.vendor(|v| v.tables["change_request"].len()), 2);
}

#[tokio::test]
async fn counts_and_figures_are_given_for_all_or_by_group() {
    let (_instance, made, _) = world().await;
    let all = read(&made, "aggregate", json!({"table": "incident"})).await.unwrap();
    assert_eq!(all, [json!({"stats": {"count": "2"}})]);
    let grouped = json!({"table": "incident", "group_by": ["state"], "max": ["priority"]});
    let grouped = read(&made, "aggregate", grouped).await.unwrap();
    assert_eq!(
        grouped,
        [
            json!({"stats": {"count": "1", "max": {"priority": "5"}}, "groupby_fields": [{"field": "state", "value": "1"}]}),
            json!({"stats": {"count": "1", "max": {"priority": "4"}}, "groupby_fields": [{"field": "state", "value": "2"}]}),
        ]
    );
}

#[tokio::test]
async fn an_item_shows_what_it_depends_on_and_what_depends_on_it() {
    let (instance, made, ids) = world().await;
    let class = "cmdb_ci_linux_server";
    let items = read(&made, "cmdb_list", json!({"class": class, "name": "-1"})).await.unwrap();
    assert_eq!(column(&items, "name"), ["web-1", "db-1"]);
    let near = |rows: &[serde_json::Value], side: &str| {
        rows[0][side]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["target"]["display_value"].clone())
            .collect::<Vec<_>>()
    };
    let web = read(&made, "cmdb_get", json!({"class": class, "item": "web-1"})).await.unwrap();
    assert_eq!(
        (near(&web, "outbound_relations"), near(&web, "inbound_relations")),
        (vec![json!("db-1")], vec![])
    );
    let db = read(&made, "cmdb_get", json!({"class": class, "item": ids.database})).await.unwrap();
    assert_eq!(
        (near(&db, "outbound_relations"), near(&db, "inbound_relations")),
        (vec![], vec![json!("web-1")])
    );
    assert_eq!(db[0]["attributes"]["ip_address"], "10.0.0.8");
    // A page, the empty one behind it, and one to find an item by its name.
    assert_eq!(instance.count("GET", "/cmdb_ci_linux_server"), 3);
}

#[tokio::test]
async fn other_fields_are_written_in_the_digits_that_came() {
    let (instance, made, ids) = world().await;
    let fields = json!({"u_region": "EMEA", "severity": 2});
    write(&made, "update_incident", json!({"incident": ids.incident, "fields": fields})).await.unwrap();
    instance.vendor(|v| {
        assert_eq!(v.value("incident", &ids.incident, "u_region"), "EMEA");
        assert_eq!(v.value("incident", &ids.incident, "severity"), "2");
    });
    for (parameters, part) in [
        (json!({"incident": ids.incident}), "changes nothing"),
        (json!({"incident": ids.incident, "fields": {}}), "changes nothing"),
        (json!({"incident": ids.incident, "fields": {"sys_id": "x"}}), "can't be written"),
        (json!({"incident": ids.incident, "fields": {"Region": "x"}}), "no field's name"),
        (json!({"incident": ids.incident, "fields": {"a.b": "x"}}), "can't be written"),
        (json!({"incident": ids.incident, "fields": {"u_a": {"b": 1}}}), "must be text"),
        (json!({"incident": ids.incident, "urgency": 1, "fields": {"urgency": 2}}), "give it once"),
    ] {
        let error = write(&made, "update_incident", parameters.clone()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{parameters}: {error}");
    }
}

#[tokio::test]
async fn every_kind_of_secret_gets_in() {
    let (instance, _, _) = world().await;
    let refresh = instance.vendor(|v| v.access.refresh_token());
    let client = json!({"client_id": "client-1", "client_secret": "oauth-secret"});
    let user = json!({"username": "agent", "password": "Pa55-agent"});
    let with = |more: &serde_json::Value| {
        let mut secret = client.clone();
        secret.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        secret
    };
    let glue =
        json!({"clientId": "client-1", "USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET": "oauth-secret"});
    for (secret, options, scheme, issued) in [
        (json!({"api_key": "now_key_of_ops"}), json!({}), "", 0),
        (user.clone(), json!({}), "Basic", 0),
        (json!({"USERNAME": "agent", "PASSWORD": "Pa55-agent"}), json!({}), "Basic", 0),
        (client.clone(), json!({}), "Bearer", 1),
        (with(&json!({"scope": "useraccount"})), json!({}), "Bearer", 1),
        (glue, json!({}), "Bearer", 1),
        (with(&user), json!({}), "Bearer", 1),
        (with(&json!({"refresh_token": refresh})), json!({}), "Bearer", 1),
        (with(&user), json!({"auth_type": "basic"}), "Basic", 0),
        (with(&user), json!({"auth_type": "oauth2_client_credentials"}), "Bearer", 1),
    ] {
        instance.forget();
        let before = instance.vendor(|v| v.access.issued);
        let made = connected(&instance, &json!({"secret": secret, "options": options}));
        assert_eq!(read(&made, "list_incidents", json!({})).await.unwrap().len(), 2, "{secret} {options}");
        let last = instance.seen().pop().unwrap();
        assert_eq!(last.header("authorization").split(' ').next(), Some(scheme), "{secret} {options}");
        assert_eq!(instance.vendor(|v| v.access.issued) - before, issued, "{secret} {options}");
    }
}
