//! The vendors' connectors through the agent's API, by what companies use them for: governance, audit, tenants and
//! rotations are the runtime's, and hold for them as for any other.

use std::sync::Arc;

use end_to_end::{Reply, Variant, World};
use local::Boot;
use model::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use stand_ins::{
    StandIn,
    amadeus::{self, Amadeus},
    hubspot::{self, HubSpot, PRIVATE_TOKEN},
    jira::{API_TOKEN, EMAIL, Jira},
    salesforce::Salesforce,
    servicenow::ServiceNow,
    slack::Slack,
};

use crate::setup::{audit, refused, rows, text};

const TOKEN: &str = "xoxb-1-good";

/// A world whose tenant-a has a connector of a type that the portal manages.
async fn world(kind: &str, url: &str, secret: &Value) -> (World, String) {
    let world = World::saas().await;
    let arn = world.create_secret(&format!("axonflow/{kind}"), "tenant-a", &secret.to_string()).await;
    let body = json!({
        "connector_name": kind, "connector_type": kind, "connection_url": url, "credentials_secret_arn": arn,
    });
    world.create(&body).await;
    (world, arn)
}

async fn query(world: &World, connector: &str, operation: &str, parameters: Value) -> Reply {
    let body = json!({"connector": connector, "operation": operation, "parameters": parameters});
    world.query(&body).send().await
}

async fn execute(world: &World, connector: &str, action: &str, parameters: Value) -> Reply {
    let body = json!({"connector": connector, "action": action, "parameters": parameters});
    world.execute(&body).send().await
}

async fn org() -> (World, StandIn<Salesforce>) {
    let now = || SystemClock.now().epoch_seconds();
    let org = StandIn::start_with(|url| Salesforce::new(url, now)).await;
    org.vendor(|org| {
        for (name, industry) in [("Acme", "Energy"), ("Zeta", "Energy"), ("Nord", "Retail")] {
            org.seed("Account", &json!({"Name": name, "Industry": industry}));
        }
    });
    let secret = json!({"consumerKey": "3MVG9.consumer", "consumerSecret": "consumer+secret/1"});
    (world("salesforce", &org.url(), &secret).await.0, org)
}

async fn workspace() -> (World, StandIn<Slack>, String) {
    let slack = StandIn::start_with(|url| Slack::new(url, TOKEN)).await;
    let (world, arn) = world("slack", &format!("{}/api", slack.url()), &json!({"bot_token": TOKEN})).await;
    (world, slack, arn)
}

#[tokio::test]
async fn salesforce_enriches_by_soql_and_writes_what_governance_lets_pass() {
    let (world, org) = org().await;
    let soql = "SELECT Id, Name FROM Account WHERE Industry = 'Energy' ORDER BY Name";
    let body = json!({"connector": "salesforce", "statement": soql});
    let found = rows(&world.query(&body).send().await);
    let names: Vec<&Value> = found.as_array().unwrap().iter().map(|row| &row["Name"]).collect();
    assert_eq!(names, ["Acme", "Zeta"]);

    let fields = json!({"object": "Contact", "fields": {"LastName": "canary-Lovelace"}});
    let made = execute(&world, "salesforce", "create_record", fields).await.expect(200).json();
    assert_eq!((&made["rows_affected"], &made["message"]), (&json!(1), &json!("create_record 201")));
    let entries = audit(&world, "tenant-a", "execute").await;
    assert_eq!(text(&entries[0], "result"), "succeeded: create_record 201");
    assert_eq!(text(&entries[0], "operation"), "create_record");
    assert!(!format!("{entries:?}").contains("canary"), "{entries:?}");

    // What deletes is blocked, alone and as a piece of something.
    let before = org.seen().len();
    let id = &made["data"][0]["id"];
    let piece = json!({"compositeRequest": [
        {"method": "GET", "url": "/services/data/v66.0/sobjects/Account/describe", "referenceId": "a"},
        {"method": "DELETE", "url": format!("/services/data/v66.0/sobjects/Contact/{}", id.as_str().unwrap()),
            "referenceId": "b"},
    ]});
    for (action, parameters) in
        [("delete_record", json!({"object": "Contact", "id": id})), ("composite", piece)]
    {
        let reply = execute(&world, "salesforce", action, parameters).await;
        let problem = refused(&reply, 403, "blocked-by-policy");
        let policy = &problem["policy_info"]["matched_policies"][0]["policy_id"];
        assert_eq!((policy, &problem["blocked"]), (&json!("blocked-operations"), &json!(true)), "{problem}");
    }
    let written =
        query(&world, "salesforce", "create_record", json!({"object": "Contact", "fields": {}})).await;
    refused(&written, 403, "blocked-by-policy");
    assert_eq!(org.seen().len(), before);
    assert_eq!(audit(&world, "tenant-a", "execute_refused").await.len(), 2);
}

#[tokio::test]
async fn every_fault_of_a_call_is_told_with_its_place_and_nothing_is_sent() {
    let (world, slack, _) = workspace().await;
    let parameters = json!({"chanel": "C0GENERAL1", "text": 7});
    let reply = execute(&world, "slack", "post_message", parameters).await;
    let problem = refused(&reply, 422, "invalid-query");
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["/parameters/chanel", "/parameters/channel", "/parameters/text"], "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("did you mean channel?"), "{problem}");
    let problem = refused(&execute(&world, "slack", "post_mesage", json!({})).await, 422, "invalid-query");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("did you mean post_message?") && detail.contains("list_channels"), "{detail}");
    assert_eq!((slack.seen().len(), audit(&world, "tenant-a", "execute").await.len()), (0, 0));
}

#[tokio::test]
async fn slack_s_rotated_token_heals_in_the_call_and_its_refusals_are_not_successes() {
    let (world, slack, arn) = workspace().await;
    let said = json!({"channel": "C0GENERAL1", "text": "Deal won"});
    let posted = execute(&world, "slack", "post_message", said.clone()).await.expect(200).json();
    assert_eq!(posted["rows_affected"], 1, "{posted}");

    slack.vendor(|slack| {
        slack.refuse_tokens("token_revoked");
        slack.tokens.insert("xoxb-2-new".to_owned(), None);
    });
    let body = json!({
        "SecretId": arn, "SecretString": json!({"bot_token": "xoxb-2-new"}).to_string(),
        "ClientRequestToken": "2".repeat(32),
    });
    world.secrets("PutSecretValue", &body).await;
    assert_eq!(execute(&world, "slack", "post_message", said.clone()).await.status, 200);

    let elsewhere = json!({"channel": "C0NOWHERE1", "text": "x"});
    let problem =
        refused(&execute(&world, "slack", "post_message", elsewhere).await, 422, "upstream-refused");
    assert!(problem["detail"].as_str().unwrap().contains("channel_not_found"), "{problem}");
    slack.vendor(|slack| slack.lose_scope("chat:write"));
    let problem =
        refused(&execute(&world, "slack", "post_message", said.clone()).await, 424, "credentials-refused");
    assert!(problem["detail"].as_str().unwrap().contains("chat:write"), "{problem}");
    slack.next("POST", "chat.postMessage", vec![Slack::limited(120)]);
    let reply = execute(&world, "slack", "post_message", said).await;
    refused(&reply, 429, "upstream-rate-limit");
    assert_eq!(reply.header("retry-after"), "120");
}

#[tokio::test]
async fn amadeus_finds_hotels_in_two_steps_and_airports() {
    let amadeus = StandIn::start_with(Amadeus::new).await;
    let secret = json!({"client_id": amadeus::CLIENT.0, "client_secret": amadeus::CLIENT.1});
    let (world, _) = world("amadeus", &amadeus.url(), &secret).await;
    let hotels = rows(&query(&world, "amadeus", "list_hotels_by_city", json!({"cityCode": "PAR"})).await);
    let ids: Vec<&Value> = hotels.as_array().unwrap().iter().map(|hotel| &hotel["hotelId"]).take(3).collect();
    assert!(!ids.is_empty(), "{hotels}");
    let offers = rows(&query(&world, "amadeus", "search_hotel_offers", json!({"hotelIds": ids})).await);
    assert!(!offers.as_array().unwrap().is_empty());
    let trip = json!({
        "originLocationCode": "PAR", "destinationLocationCode": "MAD", "departureDate": "2027-03-01", "adults": 1,
    });
    assert!(!rows(&query(&world, "amadeus", "search_flights", trip).await).as_array().unwrap().is_empty());
    let airports = json!({"subType": ["AIRPORT"], "keyword": "PAR"});
    assert!(
        !rows(&query(&world, "amadeus", "search_locations", airports).await).as_array().unwrap().is_empty()
    );
}

/// Connectors of a configuration file, which may declare every type.
struct Declared {
    jira: StandIn<Jira>,
    hubspot: StandIn<HubSpot>,
    servicenow: StandIn<ServiceNow>,
    world: World,
    agent: Variant,
}

async fn declared() -> Declared {
    let jira = StandIn::start_with(Jira::new).await;
    let hubspot = StandIn::start_with(HubSpot::new).await;
    let servicenow = StandIn::start_with(ServiceNow::new).await;
    let world = World::saas().await;
    let file = format!(
        r#"
version: "1.0"
connectors:
  tickets: {{type: jira, enabled: true, tenant_id: tenant-a, connection_url: "{}",
    credentials: {{email: "{EMAIL}", api_token: "{API_TOKEN}"}}}}
  deals: {{type: hubspot, enabled: true, tenant_id: tenant-a, connection_url: "{}",
    credentials: {{access_token: "{PRIVATE_TOKEN}"}}, max_retries: 0}}
  itsm: {{type: servicenow, enabled: true, tenant_id: tenant-a, connection_url: "{}",
    credentials: {{client_id: "client-1", client_secret: "oauth-secret"}}}}
"#,
        jira.url(),
        hubspot.url(),
        servicenow.url()
    );
    let path = world.stack.data_dir.join("vendors.yaml");
    std::fs::write(&path, file).unwrap();
    let agent = world.variant(|boot: &mut Boot| boot.settings.config_file = Some(path)).await;
    Declared { jira, hubspot, servicenow, world, agent }
}

impl Declared {
    async fn ask(&self, route: &str, body: &Value) -> Reply {
        self.agent.agent_as(&self.world, "tenant-a", "POST", route).json(body).send().await
    }

    async fn query(&self, connector: &str, operation: &str, parameters: Value) -> Value {
        let body = json!({"connector": connector, "operation": operation, "parameters": parameters});
        rows(&self.ask("/mcp/resources/query", &body).await)
    }

    async fn execute(&self, connector: &str, action: &str, parameters: Value) -> Reply {
        let body = json!({"connector": connector, "action": action, "parameters": parameters});
        self.ask("/mcp/tools/execute", &body).await
    }
}

#[tokio::test]
async fn jira_s_tickets_are_found_by_jql_and_moved_by_the_name_of_a_transition() {
    let all = declared().await;
    let keys = all.jira.vendor(|jira| jira.seed("OPS", 3));
    let body = json!({"connector": "tickets", "statement": "project = OPS", "limit": 10});
    let found = rows(&all.ask("/mcp/resources/query", &body).await);
    assert_eq!(found.as_array().unwrap().len(), 3, "{found}");
    let comment = json!({"issueIdOrKey": keys[0], "body": "Looked at it.\n\nIt is the printer."});
    all.execute("tickets", "add_comment", comment).await.expect(200);
    let transitions = all.query("tickets", "list_transitions", json!({"issueIdOrKey": keys[0]})).await;
    let name = transitions[0]["name"].as_str().unwrap();
    all.execute("tickets", "transition_issue", json!({"issueIdOrKey": keys[0], "transition": name}))
        .await
        .expect(200);
}

#[tokio::test]
async fn hubspot_s_deals_move_and_a_day_s_quota_is_no_burst() {
    let all = declared().await;
    let id = all.hubspot.vendor(|hubspot| hubspot.seed("deals", 1)).remove(0);
    let moved = json!({"id": id, "dealstage": "closedwon"});
    all.execute("deals", "move_deal_stage", moved.clone()).await.expect(200);
    assert_eq!(
        all.hubspot.vendor(|hub| hub.property("deals", &id, "dealstage")).as_deref(),
        Some("closedwon")
    );
    all.hubspot.instead(|seen| (seen.method == "PATCH").then(hubspot::daily));
    let before = all.hubspot.seen().len();
    let reply = all.execute("deals", "move_deal_stage", moved).await;
    let problem = refused(&reply, 429, "upstream-quota");
    assert!(problem["detail"].as_str().unwrap().contains("quota"), "{problem}");
    assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 60);
    assert_eq!(all.hubspot.seen().len(), before + 1);
}

#[tokio::test]
async fn servicenow_s_incidents_are_found_by_an_encoded_query_and_resolved() {
    let all = declared().await;
    let opened = json!({"short_description": "Printer on fire"});
    let made = all.execute("itsm", "create_incident", opened).await.expect(200).json();
    let number = made["data"][0]["number"].as_str().unwrap().to_owned();
    let body = json!({
        "connector": "itsm", "statement": "active=true^short_descriptionLIKEfire",
        "parameters": {"table": "incident"},
    });
    let found = rows(&all.ask("/mcp/resources/query", &body).await);
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    let note = json!({"incident": number, "note": "Extinguished."});
    all.execute("itsm", "add_work_note", note).await.expect(200);
    let done = json!({"incident": number, "close_code": "Solution provided", "close_notes": "Extinguished."});
    all.execute("itsm", "resolve_incident", done).await.expect(200);
    let entries = audit(&all.world, "tenant-a", "execute").await;
    assert_eq!(entries.len(), 3);
    assert!(!format!("{entries:?}").contains("Extinguished"));
}

#[tokio::test]
async fn a_hundred_calls_at_once_fetch_one_token() {
    let amadeus = Arc::new(StandIn::start_with(Amadeus::new).await);
    let secret = json!({"client_id": amadeus::CLIENT.0, "client_secret": amadeus::CLIENT.1});
    let (world, _) = world("amadeus", &amadeus.url(), &secret).await;
    let calls = (0..100).map(|_| query(&world, "amadeus", "search_cities", json!({"keyword": "PAR"})));
    let statuses: Vec<u16> =
        futures_util::future::join_all(calls).await.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200; 100]);
    assert_eq!(amadeus.vendor(|amadeus| amadeus.issued()), 1);
}
