//! What reads give.

use connectors::ConnectorError;
use serde_json::{Value, json};

use super::{bare, org};
use crate::setup::{Ask, ask, say};

#[tokio::test]
async fn a_query_gives_records_and_its_values_stay_values() {
    let org = org().await;
    let made = org.plain();
    let rows = made.query(say("SELECT Id, Name FROM Account WHERE Industry = 'Energy'")).await.unwrap();
    let acme = json!({"attributes": {"type": "Account",
        "url": format!("/services/data/v66.0/sobjects/Account/{}", org.acme)}, "Id": org.acme, "Name": "Acme"});
    assert_eq!((rows.len(), &rows[0]), (2, &acme));

    let named = |value: Value| {
        let soql = "SELECT Name FROM Account WHERE Name = :name";
        ask("query").with(json!({"soql": soql, "values": {"name": value}}))
    };
    let rows = made.query(named(json!("O'Neil & Sons"))).await.unwrap();
    assert_eq!(bare(rows), json!([{"Name": "O'Neil & Sons"}]));
    for hostile in ["x' OR Name != '", r"x\", r"\' OR Name != \'", "x\r\n' OR Name LIKE '%", "' LIMIT 100"] {
        assert_eq!(made.query(named(json!(hostile))).await, Ok(Vec::new()), "{hostile}");
    }
    let among = json!({"soql": "SELECT Name FROM Account WHERE Id IN :ids", "values": {"ids": [org.acme]}});
    assert_eq!(bare(made.query(ask("query").with(among)).await.unwrap()), json!([{"Name": "Acme"}]));
}

#[tokio::test]
async fn a_count_is_a_row() {
    let org = org().await;
    for soql in ["SELECT COUNT() FROM Account", " select count ( ) from Account"] {
        let rows = org.plain().query(say(soql)).await.unwrap();
        assert_eq!(rows, [json!({"totalSize": 3, "done": true, "records": []})], "{soql}");
    }
}

#[tokio::test]
async fn a_statement_is_soql_sosl_or_an_operation_s_name() {
    let org = org().await;
    let made = org.plain();
    let rows = made.query(say("FIND {Lovelace} RETURNING Contact(Id, Email), Account(Id)")).await.unwrap();
    assert_eq!(bare(rows), json!([{"Id": org.ada, "Email": "ada@example.com"}]));
    let rows = made.query(say("find{acme}")).await.unwrap();
    assert_eq!(bare(rows), json!([{"Id": org.acme}]));
    let rows = made.query(say("limits")).await.unwrap();
    assert_eq!(rows[0]["DailyApiRequests"]["Max"], 15_000);
}

#[tokio::test]
async fn words_are_sought_without_a_language() {
    let org = org().await;
    let made = org.plain();
    let sought = |limit| {
        let parameters = json!({"q": "e", "sobjects": [{"name": "Account", "fields": ["Name"]}]});
        let all = parameters.to_string().replace("\"e\"", "\"Ac*\"");
        let ask = ask("search_text").with(serde_json::from_str(&all).unwrap());
        if limit == 0 { ask } else { ask.limit(limit) }
    };
    assert_eq!(bare(made.query(sought(0)).await.unwrap()), json!([{"Name": "Acme"}]));
    made.query(sought(1)).await.unwrap();
    assert_eq!(org.server.seen().last().unwrap().json()["overallLimit"], 1);
    // Signs of SOSL mean nothing here.
    let rows = made.query(ask("search_text").with(json!({"q": "x} RETURNING User(Id)"}))).await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test]
async fn records_and_objects_are_read_one_by_one() {
    let org = org().await;
    let made = org.plain();
    let one = json!({"object": "Account", "id": org.acme, "fields": ["Name"]});
    let rows = made.query(ask("get_record").with(one)).await.unwrap();
    assert_eq!(bare(rows), json!([{"Name": "Acme", "Id": org.acme}]));
    let short = json!({"object": "Account", "id": &org.acme[..15]});
    assert_eq!(made.query(ask("get_record").with(short)).await.unwrap()[0]["AnnualRevenue"], 1_500);
    let keyed = json!({"object": "Account", "field": "ExternalKey__c", "value": "A-17"});
    assert_eq!(made.query(ask("get_by_external_id").with(keyed)).await.unwrap()[0]["Id"], org.acme);
    let described = made.query(ask("describe").with(json!({"object": "Contact"}))).await.unwrap();
    assert_eq!(described[0]["fields"][1]["name"], "LastName");
    let objects = made.query(ask("list_objects")).await.unwrap();
    let names: Vec<&Value> = objects.iter().map(|object| &object["name"]).collect();
    assert_eq!(names, ["Account", "Contact", "Opportunity", "Invoice__c"]);
}

#[tokio::test]
async fn the_version_is_the_record_s() {
    let org = org().await;
    for (version, expected) in [("67.0", "v67.0"), ("v68", "v68.0")] {
        let made = org.connector(&json!({"options": {"api_version": version}}));
        made.query(ask("limits")).await.unwrap();
        assert_eq!(org.server.seen().last().unwrap().path, format!("/services/data/{expected}/limits"));
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_told_with_the_vendor_s_words() {
    let org = org().await;
    let made = org.plain();
    let get = |object: &str, id: &str| ask("get_record").with(json!({"object": object, "id": id}));
    let keyed = |field: &str, value: &str| {
        ask("get_by_external_id").with(json!({"object": "Account", "field": field, "value": value}))
    };
    let missing = "001Kd0000000099IAA";
    let cases: [(Ask, &str, &str); 11] = [
        (say("SELECT Nam FROM Account"), "INVALID_FIELD", "No such column 'Nam'"),
        (say("SELECT Id FROM Acount"), "INVALID_TYPE", "'Acount' is not supported"),
        (say("SELECT FROM Account"), "MALFORMED_QUERY", "unexpected token"),
        (say("FIND {a&b} RETURNING Account"), "MALFORMED_SEARCH", "unexpected token"),
        (ask("search_text").with(json!({"q": "x"})), "INVALID_SEARCH", "longer than one"),
        (get("Account", missing), "NOT_FOUND", "does not exist"),
        (get("Acount", missing), "NOT_FOUND", "does not exist"),
        (keyed("ExternalKey__c", "none"), "NOT_FOUND", "does not exist"),
        (keyed("Name", "Acme"), "NOT_FOUND", "Provided external ID field does not exist"),
        (keyed("LegacyCode__c", "old"), "MULTIPLE_CHOICES", "several records have this value: 001Kd"),
        (ask("describe").with(json!({"object": "Acount"})), "NOT_FOUND", "does not exist"),
    ];
    for (ask, code, words) in cases {
        let Err(ConnectorError::Rejected { status, message }) = made.query(ask).await else {
            panic!("{code}")
        };
        assert!(status.to_string().contains(code) && message.contains(words), "{status} {message}");
    }
}
