//! What is written is read as CloudWatch reads it: each count once, in documents within its quotas, from however many
//! invocations at a time.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use model::{
    clock::{Clock, Moment, SystemClock},
    connector_type::ConnectorType,
};
use telemetry::{Counter, Metrics, NAMESPACE, Outcome, Sink};
use test_servers::cloudwatch::{self, Datum};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<String>>>);

impl Sink for Written {
    fn write(&self, lines: &[u8]) {
        self.0.lock().unwrap().push(String::from_utf8(lines.to_vec()).unwrap());
    }
}

impl Written {
    fn metrics(&self) -> Metrics {
        Metrics::new("agent-invoke", self.clone())
    }

    fn lines(&self) -> Vec<String> {
        let text = self.0.lock().unwrap().concat();
        assert!(text.is_empty() || text.ends_with('\n'), "whole lines: {text}");
        text.lines().map(str::to_owned).collect()
    }

    fn data(&self) -> Vec<Datum> {
        let now = now().wall.as_millisecond();
        self.lines().iter().flat_map(|line| cloudwatch::metrics(line, now).unwrap()).collect()
    }

    fn totals(&self) -> BTreeMap<String, u64> {
        cloudwatch::totals(&self.lines().join("\n"), now().wall.as_millisecond()).unwrap()
    }
}

fn now() -> Moment {
    SystemClock.now()
}

#[test]
fn counters_share_a_document_with_the_functions_name_as_their_one_dimension() {
    let written = Written::default();
    let metrics = written.metrics();
    for event in [Counter::CacheMisses, Counter::Loads, Counter::CacheHits, Counter::CacheHits] {
        metrics.count(event);
    }
    metrics.emit(Moment { wall: "2026-11-23T00:00:00.123456Z".parse().unwrap(), ..now() });
    assert_eq!(
        written.lines(),
        [concat!(
            r#"{"_aws":{"Timestamp":1795392000123,"CloudWatchMetrics":[{"Namespace":"Connectors","#,
            r#""Dimensions":[["FunctionName"]],"Metrics":[{"Name":"CacheHits","Unit":"Count"},"#,
            r#"{"Name":"CacheMisses","Unit":"Count"},{"Name":"Loads","Unit":"Count"}]}]},"#,
            r#""CacheHits":2,"CacheMisses":1,"FunctionName":"agent-invoke","Loads":1}"#,
        )]
    );
}

#[test]
fn a_sample_stands_by_itself_and_several_of_one_outcome_in_an_array() {
    let written = Written::default();
    let metrics = written.metrics();
    let moment = Moment { wall: "2026-11-23T00:00:00Z".parse().unwrap(), ..now() };
    metrics.upstream(ConnectorType::Postgres, Outcome::RateLimited, Duration::from_nanos(1_234_567));
    metrics.emit(moment);
    assert_eq!(
        written.lines(),
        [concat!(
            r#"{"_aws":{"Timestamp":1795392000000,"CloudWatchMetrics":[{"Namespace":"Connectors","#,
            r#""Dimensions":[["ConnectorType","Outcome"]],"#,
            r#""Metrics":[{"Name":"UpstreamLatency","Unit":"Milliseconds"}]}]},"#,
            r#""ConnectorType":"postgres","Outcome":"rate_limited","UpstreamLatency":1.235}"#,
        )]
    );
    for milliseconds in [1, 2] {
        metrics.upstream(ConnectorType::Postgres, Outcome::Ok, Duration::from_millis(milliseconds));
    }
    metrics.emit(moment);
    assert!(written.lines()[1].ends_with(r#""Outcome":"ok","UpstreamLatency":[1.0,2.0]}"#));
}

#[test]
fn what_did_not_happen_is_not_written_and_nothing_is_written_twice() {
    let written = Written::default();
    let metrics = written.metrics();
    metrics.emit(now());
    assert_eq!(written.0.lock().unwrap().len(), 0);
    metrics.count(Counter::Faults);
    metrics.emit(now());
    metrics.emit(now());
    assert_eq!(written.totals(), BTreeMap::from([("Faults agent-invoke".to_owned(), 1)]));
    assert_eq!(written.lines().len(), 1);
}

#[test]
fn every_counter_and_every_pair_of_type_and_outcome_is_a_document_that_cloudwatch_reads() {
    let written = Written::default();
    let metrics = written.metrics();
    for event in Counter::ALL {
        metrics.count(event);
    }
    for kind in ConnectorType::ALL {
        for outcome in Outcome::ALL {
            metrics.upstream(kind, outcome, Duration::from_micros(1_500));
        }
    }
    metrics.emit(now());
    let data = written.data();
    assert_eq!(data.len(), Counter::ALL.len() + ConnectorType::ALL.len() * Outcome::ALL.len());
    assert_eq!(written.lines().len(), 1 + ConnectorType::ALL.len() * Outcome::ALL.len());
    for datum in data {
        assert_eq!(datum.namespace, NAMESPACE);
        let dimensions: Vec<&str> = datum.dimensions.keys().map(String::as_str).collect();
        if datum.name == "UpstreamLatency" {
            assert_eq!((dimensions, datum.unit.as_str()), (vec!["ConnectorType", "Outcome"], "Milliseconds"));
            assert_eq!(datum.values, [1.5]);
        } else {
            assert_eq!((dimensions, datum.unit.as_str()), (vec!["FunctionName"], "Count"));
            assert_eq!(datum.values, [1.0]);
        }
    }
}

#[test]
fn more_samples_than_a_document_may_hold_become_several() {
    for (samples, documents) in [(1_u32, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)] {
        let written = Written::default();
        let metrics = written.metrics();
        for sample in 0..samples {
            metrics.upstream(ConnectorType::Custom, Outcome::Ok, Duration::from_millis(sample.into()));
        }
        metrics.emit(now());
        let data = written.data();
        assert_eq!(data.len(), documents, "{samples}");
        let values: Vec<f64> = data.into_iter().flat_map(|datum| datum.values).collect();
        assert_eq!(values, (0..samples).map(f64::from).collect::<Vec<_>>());
    }
}

#[test]
fn invocations_at_the_same_time_lose_nothing_and_write_nothing_twice() {
    let written = Written::default();
    let metrics = written.metrics();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    metrics.count(Counter::CacheHits);
                    metrics.upstream(ConnectorType::Postgres, Outcome::Ok, Duration::from_millis(1));
                    metrics.emit(now());
                }
            });
        }
    });
    metrics.emit(now());
    let totals = written.totals();
    assert_eq!((totals["UpstreamLatency postgres ok"], totals["CacheHits agent-invoke"]), (8_000, 8_000));
}

#[test]
fn metrics_that_are_off_count_nothing() {
    let metrics = Metrics::off();
    metrics.count(Counter::CacheHits);
    metrics.upstream(ConnectorType::Custom, Outcome::Ok, Duration::from_millis(1));
    metrics.emit(now());
    assert_eq!(format!("{metrics:?}"), "Metrics(off)");
}

#[test]
fn the_page_for_operators_names_every_metric_and_every_outcome() {
    let page = include_str!("../../../infra/operating.md");
    let words = Counter::ALL.map(Counter::name).into_iter().chain(Outcome::ALL.map(Outcome::as_str));
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn counting_an_event_allocates_nothing() {
    let metrics = Written::default().metrics();
    let counted = allocation_counter::measure(|| {
        for event in Counter::ALL {
            metrics.count(event);
        }
    });
    assert_eq!(counted.count_total, 0);
}
