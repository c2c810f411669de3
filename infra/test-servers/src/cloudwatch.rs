//! What CloudWatch makes of a function's output: a line in its embedded metric format becomes metrics, by the rules of
//! its specification and within its quotas. What breaks one of them CloudWatch drops without a word; here it is an
//! error.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The largest event that every version of the format takes.
const MAX_BYTES: usize = 256 * 1024;
const MAX_METRICS: usize = 100;
const MAX_VALUES: usize = 100;
const MAX_DIMENSIONS: usize = 30;
/// Two weeks, and two hours, in milliseconds: how far a time stamp may lie back and ahead.
const OLDEST_MS: i64 = 14 * 24 * 3_600_000;
const NEWEST_MS: i64 = 2 * 3_600_000;
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// A metric with its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Its dimensions and their values.
    pub dimensions: BTreeMap<String, String>,
    /// The samples.
    pub values: Vec<f64>,
}

/// The metrics of a line; none where it is an ordinary line of a log.
pub fn metrics(line: &str, now_ms: i64) -> Result<Vec<Datum>, String> {
    if !line.contains("\"_aws\"") {
        return Ok(Vec::new());
    }
    let root: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
    let root = root.as_object().ok_or("no object")?;
    ensure(line.len() <= MAX_BYTES, "too many bytes")?;
    let metadata = root.get("_aws").and_then(Value::as_object).ok_or("_aws is no object")?;
    let stamp = metadata.get("Timestamp").and_then(Value::as_i64).ok_or("Timestamp is no integer")?;
    ensure((now_ms - OLDEST_MS..=now_ms + NEWEST_MS).contains(&stamp), "Timestamp is too old or too new")?;
    let mut all = Vec::new();
    for directive in array(metadata, "CloudWatchMetrics")? {
        all.extend(read(directive.as_object().ok_or("a directive is no object")?, root)?);
    }
    Ok(all)
}

/// What a whole output amounts to: for each metric with the values of its dimensions (`UpstreamLatency custom ok`) the
/// sum of what was counted, or the number of what was measured.
pub fn totals(output: &str, now_ms: i64) -> Result<BTreeMap<String, u64>, String> {
    let mut totals = BTreeMap::new();
    for line in output.lines() {
        for datum in metrics(line, now_ms).map_err(|error| format!("{error}: {line}"))? {
            let counted = datum.unit == "Count";
            // A count that is not whole is none.
            let whole =
                |value: &f64| value.to_string().parse::<u64>().map_err(|error| format!("{error}: {line}"));
            let mut amount = 0;
            for value in &datum.values {
                amount += if counted { whole(value)? } else { 1 };
            }
            let words = std::iter::once(datum.name).chain(datum.dimensions.into_values());
            *totals.entry(words.collect::<Vec<_>>().join(" ")).or_default() += amount;
        }
    }
    Ok(totals)
}

fn read(directive: &Map<String, Value>, root: &Map<String, Value>) -> Result<Vec<Datum>, String> {
    let namespace = text(directive, "Namespace", 1024)?;
    ensure(!namespace.starts_with("AWS/"), "the namespace is reserved")?;
    let (sets, metrics) = (array(directive, "Dimensions")?, array(directive, "Metrics")?);
    ensure(!sets.is_empty(), "no set of dimensions")?;
    ensure((1..=MAX_METRICS).contains(&metrics.len()), "none or too many metrics")?;
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for metric in metrics {
        let metric = metric.as_object().ok_or("a metric is no object")?;
        let (name, unit) = (text(metric, "Name", 1024)?, text(metric, "Unit", 1024)?);
        ensure(UNITS.contains(&unit), "no unit of CloudWatch's")?;
        ensure(names.insert(name), "a metric is defined twice")?;
        let values = values(root.get(name).ok_or("a metric has no value")?)?;
        for set in sets {
            let dimensions = dimensions(set, root)?;
            ensure(!dimensions.contains_key(name), "a metric is its own dimension")?;
            let (namespace, name, unit) = (namespace.to_owned(), name.to_owned(), unit.to_owned());
            all.push(Datum { namespace, name, unit, dimensions, values: values.clone() });
        }
    }
    Ok(all)
}

fn dimensions(set: &Value, root: &Map<String, Value>) -> Result<BTreeMap<String, String>, String> {
    let set = set.as_array().ok_or("a set of dimensions is no array")?;
    ensure(set.len() <= MAX_DIMENSIONS, "too many dimensions")?;
    let mut read = BTreeMap::new();
    for name in set {
        let name =
            name.as_str().filter(|name| (1..=250).contains(&name.len())).ok_or("no name of a dimension")?;
        let value = text(root, name, 1024)?;
        ensure(
            value.is_ascii() && !value.trim().is_empty() && !name.starts_with(':'),
            "no value of a dimension",
        )?;
        ensure(read.insert(name.to_owned(), value.to_owned()).is_none(), "a dimension is named twice")?;
    }
    Ok(read)
}

/// One number or an array of them.
fn values(value: &Value) -> Result<Vec<f64>, String> {
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    ensure((1..=MAX_VALUES).contains(&all.len()), "none or too many values")?;
    all.iter().map(|value| value.as_f64().ok_or_else(|| "a value is no number".to_owned())).collect()
}

fn array<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a Vec<Value>, String> {
    object.get(name).and_then(Value::as_array).ok_or_else(|| format!("{name} is no array"))
}

fn text<'a>(object: &'a Map<String, Value>, name: &str, max: usize) -> Result<&'a str, String> {
    let text = object.get(name).and_then(Value::as_str).filter(|text| (1..=max).contains(&text.len()));
    text.ok_or_else(|| format!("{name} is no text of 1 to {max} bytes"))
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    /// The example of the specification, in short.
    fn document() -> Value {
        serde_json::json!({
            "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [{
                "Namespace": "n", "Dimensions": [["d"]], "Metrics": [{"Name": "m", "Unit": "Milliseconds"}],
            }]},
            "d": "$LATEST", "m": 100, "requestId": "989ffbf8",
        })
    }

    #[test]
    fn a_document_becomes_its_metrics_and_another_line_none() {
        let read = metrics(&document().to_string(), NOW).unwrap();
        let dimensions = BTreeMap::from([("d".to_owned(), "$LATEST".to_owned())]);
        let [namespace, name, unit] = ["n", "m", "Milliseconds"].map(str::to_owned);
        assert_eq!(read, [Datum { namespace, name, unit, dimensions, values: vec![100.0] }]);
        assert_eq!(metrics(r#"{"level":"INFO"}"#, NOW), Ok(Vec::new()));
        assert_eq!(metrics("START RequestId", NOW), Ok(Vec::new()));
    }

    #[test]
    fn an_output_is_added_up_between_the_lines_of_a_log() {
        let document = document().to_string();
        let totals =
            totals(&format!("{document}\nSTART\n{{\"level\":\"INFO\"}}\n{document}\n"), NOW).unwrap();
        assert_eq!(totals, BTreeMap::from([("m $LATEST".to_owned(), 2)]));
        assert!(super::totals(&format!("{document}{document}"), NOW).is_err());
    }

    #[test]
    fn whatever_breaks_a_rule_is_told() {
        let changed = |pointer: &str, value: Value| {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            document.to_string()
        };
        let directive = "/_aws/CloudWatchMetrics/0";
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let numbers = |count: usize| Value::from(vec![1; count]);
        assert_eq!(metrics(&changed("/m", numbers(100)), NOW).unwrap()[0].values.len(), 100);
        for broken in [
            changed("/m", numbers(101)),
            changed("/m", numbers(0)),
            changed("/m", json(r#""100""#)),
            changed("/d", json("1")),
            changed("/d", json(r#""""#)),
            changed("/d", json(r#""é""#)),
            changed("/_aws", json("[]")),
            changed("/_aws/Timestamp", Value::from(NOW - OLDEST_MS - 1)),
            changed("/_aws/Timestamp", Value::from(NOW + NEWEST_MS + 1)),
            changed("/_aws/Timestamp", json("1.5")),
            changed("/_aws/CloudWatchMetrics", json("{}")),
            changed(&format!("{directive}/Namespace"), json(r#""AWS/Lambda""#)),
            changed(&format!("{directive}/Dimensions"), json("[]")),
            changed(&format!("{directive}/Dimensions"), json(r#"["d"]"#)),
            changed(&format!("{directive}/Dimensions"), json(r#"[["absent"]]"#)),
            changed(&format!("{directive}/Dimensions"), json(r#"[["d","d"]]"#)),
            changed(&format!("{directive}/Metrics"), json("[]")),
            changed(&format!("{directive}/Metrics/0/Name"), json(r#""absent""#)),
            changed(&format!("{directive}/Metrics/0/Unit"), json(r#""Millis""#)),
            format!("log {}", document()),
        ] {
            assert!(metrics(&broken, NOW).is_err(), "{broken}");
        }
    }
}
