use axum::http::HeaderMap;

use super::*;

/// An org whose clock stands at 1,000, and a token of it.
fn org() -> (Salesforce, String) {
    let mut org = Salesforce::new("http://127.0.0.1", || 1_000);
    let form = "grant_type=client_credentials&client_id=3MVG9.consumer&client_secret=consumer%2Bsecret%2F1";
    let answer = ask(&mut org, "POST", "/services/oauth2/token", "", form, "");
    let token = answer["access_token"].as_str().unwrap().to_owned();
    (org, token)
}

fn ask(org: &mut Salesforce, method: &str, target: &str, token: &str, body: &str, kind: &str) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let kind = if kind.is_empty() { "application/x-www-form-urlencoded" } else { kind };
    let mut headers = HeaderMap::new();
    headers.insert("content-type", kind.parse().unwrap());
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let (path, query) = (path.to_owned(), query.to_owned());
    let seen = Seen { method: method.into(), path, query, headers, body: body.as_bytes().to_vec() };
    let mut violations = Vec::new();
    let answer = org.answer(&seen, &mut violations);
    assert!(violations.is_empty(), "{violations:?}");
    serde_json::from_slice(&answer.body).unwrap_or(json!(answer.status))
}

fn names(org: &mut Salesforce, token: &str, soql: &str) -> Value {
    let query: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
    let answer = ask(org, "GET", &format!("/services/data/v66.0/query?q={query}"), token, "", "");
    match answer["records"].as_array() {
        Some(records) => records.iter().map(|record| record["Name"].clone()).collect(),
        None => answer[0]["errorCode"].clone(),
    }
}

#[test]
fn soql_conditions_are_obeyed_and_its_quotes_end_where_they_end() {
    let (mut org, token) = org();
    for name in ["Acme", "O'Neil", "Zeta"] {
        org.seed("Account", &json!({"Name": name, "AnnualRevenue": 10}));
    }
    let mut asked = |soql: &str| names(&mut org, &token, soql);
    assert_eq!(asked(r"SELECT Id, Name FROM Account WHERE Name = 'O\'Neil'"), json!(["O'Neil"]));
    assert_eq!(
        asked("SELECT Name FROM Account WHERE Name LIKE '%e%' ORDER BY Name DESC"),
        json!(["Zeta", "O'Neil", "Acme"])
    );
    assert_eq!(
        asked("SELECT Name FROM Account WHERE Name IN ('acme', 'x') AND AnnualRevenue >= 10"),
        json!(["Acme"])
    );
    assert_eq!(asked("SELECT Name FROM Account LIMIT 1"), json!(["Acme"]));
    assert_eq!(asked("SELECT Name FROM Account WHERE Name = 'O'Neil'"), "MALFORMED_QUERY");
    assert_eq!(asked("SELECT Nam FROM Account"), "INVALID_FIELD");
    assert_eq!(asked("SELECT Name FROM Acount"), "INVALID_TYPE");
    assert_eq!(asked("DELETE FROM Account"), "MALFORMED_QUERY");
}

#[test]
fn a_composite_request_refers_to_earlier_answers_and_undoes_itself() {
    let (mut org, token) = org();
    let contact = |last: &str| {
        json!({"method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "c",
            "body": {"LastName": last, "AccountId": "@{a.id}"}})
    };
    let account = json!({"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "a",
        "body": {"Name": "Acme"}});
    let mut sent = |last: &str| {
        let body = json!({"allOrNone": true, "compositeRequest": [account, contact(last)]}).to_string();
        let path = "/services/data/v66.0/composite";
        let answer = ask(&mut org, "POST", path, &token, &body, "application/json");
        (answer, org.records("Account"))
    };
    let (bad, accounts) = sent("");
    assert_eq!(bad["compositeResponse"][0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(bad["compositeResponse"][1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(accounts, 0);
    let (good, accounts) = sent("Doe");
    assert_eq!((good["compositeResponse"][1]["httpStatusCode"].clone(), accounts), (json!(201), 1));
}

#[test]
fn ids_have_a_long_and_a_short_form() {
    assert_eq!(org::id18("001D000000IqhSL"), "001D000000IqhSLIAZ");
    assert!(org::is_id("001D000000IqhSL") && org::is_id("001D000000IqhSLIAZ"));
    assert!(!org::is_id("001D000000IqhSLIAA") && !org::is_id("001D000000Iqh/L") && !org::is_id("001"));
}
