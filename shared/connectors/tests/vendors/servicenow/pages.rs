//! Lists of many pages: by links, by offsets, with limits, and with records that the caller may not see.

use connectors::{Limit, ROW_LIMIT};
use serde_json::{Value, json};
use stand_ins::{Answer, StandIn, servicenow::ServiceNow};

use super::{KIND, calls, client, column, connected, list, read, world};
use crate::setup::{ask, connect};

fn many(instance: &StandIn<ServiceNow>, table: &str, count: usize) -> Vec<String> {
    let name = |number| format!("{number:05}");
    let field = if table.starts_with("cmdb") { "name" } else { "short_description" };
    instance.vendor(|v| (0..count).map(|number| v.seed(table, &[(field, &name(number))])).collect())
}

#[tokio::test]
async fn tables_are_read_by_their_links() {
    let (instance, made, _) = world().await;
    many(&instance, "incident", 3_500);
    let rows = made.query(list().with(json!({"fields": ["number"]}))).await.unwrap();
    assert_eq!((rows.len(), instance.count("GET", "/incident")), (3_502, 4));
    let mut numbers = column(&rows, "number");
    numbers.dedup();
    assert_eq!(numbers.len(), 3_502);

    for (limit, pages, size) in [(7, 1, "7"), (1_000, 1, "1000"), (1_001, 2, "1000"), (2_500, 3, "1000")] {
        instance.forget();
        let rows = made.query(list().with(json!({"fields": ["number"]})).limit(limit)).await.unwrap();
        assert_eq!((rows.len(), instance.count("GET", "/incident")), (limit, pages), "{limit}");
        assert!(instance.seen().iter().all(|seen| seen.parameter("sysparm_limit").as_deref() == Some(size)));
    }
}

#[tokio::test]
async fn ten_thousand_rows_are_the_most() {
    let (instance, made, _) = world().await;
    many(&instance, "problem", ROW_LIMIT);
    let asked = ask("query_table").with(json!({"table": "problem", "fields": ["number"]}));
    let rows = made.connector.query(asked.request(), made.deadline(None)).await.unwrap();
    assert_eq!((rows.items().len(), rows.exceeded()), (ROW_LIMIT, Some(Limit::Rows)));
}

#[tokio::test]
async fn changes_and_items_are_read_until_a_page_is_empty() {
    let (instance, made, _) = world().await;
    many(&instance, "change_request", 650);
    let rows = read(&made, "list_changes", json!({})).await.unwrap();
    assert_eq!((rows.len(), instance.count("GET", "/change")), (652, 5));
    let rows = made.query(ask("list_changes").limit(500)).await.unwrap();
    assert_eq!((rows.len(), instance.count("GET", "/change")), (500, 8));

    many(&instance, "cmdb_ci_win_server", 3_100);
    let rows = read(&made, "cmdb_list", json!({"class": "cmdb_ci_win_server"})).await.unwrap();
    assert_eq!((rows.len(), instance.count("GET", "/cmdb_ci_win_server")), (3_100, 5));
}

#[tokio::test]
async fn records_that_the_caller_may_not_read_make_pages_short_and_do_not_end_them() {
    let (instance, made, _) = world().await;
    let ids = [many(&instance, "incident", 2_600), many(&instance, "change_request", 600)];
    instance.vendor(|v| {
        ids[0].iter().take(1_300).for_each(|id| v.hide("incident", id));
        ids[1].iter().take(250).for_each(|id| v.hide("change_request", id));
    });
    assert_eq!(read(&made, "list_incidents", json!({"fields": ["number"]})).await.unwrap().len(), 1_302);
    assert_eq!(read(&made, "list_changes", json!({})).await.unwrap().len(), 352);
}

#[tokio::test]
async fn a_token_that_expires_on_the_way_is_renewed_on_the_way() {
    let (instance, made, _) = world().await;
    many(&instance, "incident", 3_500);
    instance.vendor(|v| v.access.requests_per_token = Some(2));
    let rows = made.query(list().with(json!({"fields": ["number"]}))).await.unwrap();
    assert_eq!(rows.len(), 3_502);
    let (issued, refused) = instance.vendor(|v| (v.access.issued, v.access.refused));
    assert_eq!((issued, refused), (2, 1));
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_is_not_followed() {
    let (instance, _, _) = world().await;
    let made = connected(&instance, &json!({ "secret": client() }));
    for (link, part) in [
        ("<https://evil.example/api/now/table/incident>;rel=\"next\"", "leads away"),
        ("<?sysparm_offset=0>;rel=\"next\"", "in a circle"),
    ] {
        let page = || Answer::json(200, &json!({"result": [{"number": "INC1"}]})).header("Link", link);
        instance.next("GET", "/incident", vec![page(), page(), page()]);
        let error = made.query(list()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        instance.instead(|_| None);
    }
    assert!(
        instance
            .seen()
            .iter()
            .all(|seen| !seen.header("authorization").is_empty() || seen.path == "/oauth_token.do")
    );
}

#[tokio::test]
async fn a_list_without_an_order_is_read_in_one_that_does_not_change() {
    let (instance, made, _) = world().await;
    let query = |parameters: Value| {
        let (made, instance) = (&made, &instance);
        async move {
            read(made, "list_incidents", parameters).await.unwrap();
            instance.seen().last().unwrap().parameter("sysparm_query").unwrap()
        }
    };
    assert_eq!(query(json!({})).await, "ORDERBYsys_created_on^ORDERBYsys_id");
    assert_eq!(query(json!({"query": "state=1^ORDERBYnumber"})).await, "state=1^ORDERBYnumber");
    assert_eq!(
        query(json!({"query": "state=1^ORDERBYnumber", "order_by": ["-state"]})).await,
        "state=1^ORDERBYDESCstate"
    );
}

#[tokio::test]
async fn an_instance_must_be_named() {
    let error = connect(KIND, "", &json!({ "secret": client() })).err().unwrap();
    assert!(error.to_string().contains("connection_url must say"), "{error}");
    let (instance, made, _) = world().await;
    assert_eq!(calls(&instance), 0);
    read(&made, "get_incident", json!({"incident": "INC0010001"})).await.unwrap();
    assert_eq!(calls(&instance), 1);
}
