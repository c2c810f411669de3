//! Alarms and the dashboard look at what there is, under the names that the metrics have.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::schema::TABLES;

use crate::stack::{Stack, kind, list, referred};

/// The metrics of our own that have the one dimension `FunctionName`, with the functions that count them.
const OWN: [(&str, &str); 16] = [
    ("AuditOutcomesLost", "AgentInvoke"),
    ("CacheHits", "AgentInvoke"),
    ("CacheMisses", "AgentInvoke"),
    ("CapacityEvictions", "AgentInvoke"),
    ("ConnectionErrors", "AgentInvoke"),
    ("Faults", "AgentInvoke"),
    ("Faults", "AgentRefresh"),
    ("Faults", "CacheStats"),
    ("Faults", "PortalConnectors"),
    ("Faults", "PortalTest"),
    ("LiveTestFailures", "PortalTest"),
    ("LoadFailures", "AgentInvoke"),
    ("Loads", "AgentInvoke"),
    ("PolicyRefusals", "AgentInvoke"),
    ("Retries", "AgentInvoke"),
    ("StaleServes", "AgentInvoke"),
];

/// Namespace, metric, and the dimensions as `name=value`.
type Metric = (String, String, BTreeSet<String>);

fn metric(of: &Value) -> Metric {
    let dimensions = list(&of["Dimensions"]).into_iter().map(|dimension| {
        let value = &dimension["Value"];
        let value = referred(value).or_else(|| value.as_str()).unwrap();
        format!("{}={value}", dimension["Name"].as_str().unwrap())
    });
    let text = |name: &str| of[name].as_str().unwrap().to_owned();
    (text("Namespace"), text("MetricName"), dimensions.collect())
}

/// What the alarms look at, each at one metric.
fn watched(stack: &Stack) -> BTreeSet<Metric> {
    stack.of_type("AWS::CloudWatch::Alarm").into_values().map(metric).collect()
}

fn is_watched(watched: &BTreeSet<Metric>, namespace: &str, name: &str, dimensions: &[String]) {
    let wanted = (namespace.to_owned(), name.to_owned(), dimensions.iter().cloned().collect());
    assert!(watched.contains(&wanted), "no alarm on {wanted:?}");
}

#[test]
fn every_function_is_watched() {
    let stack = Stack::read();
    let watched = watched(&stack);
    for function in stack.functions() {
        for name in ["Errors", "Throttles", "Duration"] {
            is_watched(&watched, "AWS/Lambda", name, &[format!("FunctionName={}", function.id)]);
        }
        // To Lambda an answer of 503 is a success.
        is_watched(&watched, "Connectors", "Faults", &[format!("FunctionName={}", function.id)]);
    }
}

#[test]
fn every_table_and_index_is_watched() {
    let stack = Stack::read();
    let watched = watched(&stack);
    for id in stack.of_type("AWS::DynamoDB::Table").into_keys() {
        let table = format!("TableName={id}");
        let of_code = TABLES.iter().find(|table| Some(table.kind.to_owned()) == kind(id)).unwrap();
        for name in ["ReadThrottleEvents", "WriteThrottleEvents"] {
            is_watched(&watched, "AWS/DynamoDB", name, std::slice::from_ref(&table));
            for (index, _) in of_code.indexes {
                let index = format!("GlobalSecondaryIndexName={index}");
                is_watched(&watched, "AWS/DynamoDB", name, &[table.clone(), index]);
            }
        }
    }
}

#[test]
fn stale_serves_lost_outcomes_and_failed_live_tests_are_watched() {
    let watched = watched(&Stack::read());
    is_watched(&watched, "Connectors", "AuditOutcomesLost", &["FunctionName=AgentInvoke".to_owned()]);
    is_watched(&watched, "Connectors", "StaleServes", &["FunctionName=AgentInvoke".to_owned()]);
    is_watched(&watched, "Connectors", "LiveTestFailures", &["FunctionName=PortalTest".to_owned()]);
}

#[test]
fn every_alarm_tells_the_topic_where_there_is_one_and_sleeps_without_data() {
    for (id, alarm) in Stack::read().of_type("AWS::CloudWatch::Alarm") {
        let topic = json!({"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]});
        assert_eq!((&alarm["AlarmActions"], &alarm["OKActions"]), (&topic, &topic), "{id}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}");
    }
}

/// The dashboard as JSON, `${Name}` as the name alone.
fn dashboard(stack: &Stack) -> Value {
    let body = stack.resource("Dashboard")["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
    let mut parts = body.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    let whole = parts.fold(first, |whole, part| whole + &part.replacen('}', "", 1));
    serde_json::from_str(&whole).unwrap()
}

fn shown(stack: &Stack) -> Vec<Vec<String>> {
    let dashboard = dashboard(stack);
    let widgets = dashboard["widgets"].as_array().unwrap().iter();
    let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    let words =
        |metric: &Value| list(metric).into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    metrics.map(words).filter(|words: &Vec<String>| !words.is_empty()).collect()
}

fn expressions(stack: &Stack) -> Vec<Value> {
    let dashboard = dashboard(stack);
    let widgets = dashboard["widgets"].as_array().unwrap().iter();
    let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    metrics.filter_map(|metric| metric[0].get("expression").cloned()).collect()
}

#[test]
fn the_dashboard_shows_what_there_is() {
    let stack = Stack::read();
    for words in shown(&stack) {
        let [namespace, _, dimension, id] = words.as_slice() else { panic!("{words:?}") };
        let expected = match dimension.as_str() {
            "ApiId" => "AWS::ApiGatewayV2::Api",
            "FunctionName" => "AWS::Serverless::Function",
            "TableName" => "AWS::DynamoDB::Table",
            other => panic!("{namespace} {other}"),
        };
        assert_eq!(stack.resource(id)["Type"], expected, "{words:?}");
    }
}

#[test]
fn the_dashboard_shows_every_metric_of_our_own() {
    let stack = Stack::read();
    let own = shown(&stack).into_iter().filter(|words| words[0] == "Connectors");
    let own: BTreeSet<_> = own.map(|words| (words[1].clone(), words[3].clone())).collect();
    assert_eq!(own, OWN.map(|(name, function)| (name.to_owned(), function.to_owned())).into());
    let latency = r#"SEARCH('{Connectors,ConnectorType,Outcome} MetricName="UpstreamLatency"', 'p99', 300)"#;
    assert!(expressions(&stack).contains(&json!(latency)));
}
