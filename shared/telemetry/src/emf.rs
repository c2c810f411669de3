//! One document of CloudWatch's embedded metric format: a line of JSON that says which of its members are metrics and
//! which their dimensions. The specification's limits hold here: 100 metrics in a document, 100 values of one metric.

use std::collections::BTreeMap;

use serde::Serialize;

/// The namespace of every metric.
pub const NAMESPACE: &str = "Connectors";

/// The most values that one metric of a document may have.
pub(crate) const MAX_VALUES: usize = 100;

/// A document in the making: metrics that share their dimensions.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    #[serde(flatten)]
    members: BTreeMap<&'static str, Member<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    /// Milliseconds since the epoch.
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [Vec<&'static str>; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: Unit,
}

#[derive(Clone, Copy, Serialize)]
pub(crate) enum Unit {
    Count,
    Milliseconds,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Member<'a> {
    Dimension(&'a str),
    Count(u64),
    Value(f64),
    Values(&'a [f64]),
}

impl<'a> Member<'a> {
    /// Samples; a single one stands by itself, because queries over the log find it so.
    pub(crate) fn samples(values: &'a [f64]) -> Self {
        match values {
            [value] => Self::Value(*value),
            values => Self::Values(values),
        }
    }
}

impl<'a> Document<'a> {
    pub(crate) fn new<const N: usize>(timestamp: i64, dimensions: [(&'static str, &'a str); N]) -> Self {
        let directive = Directive {
            namespace: NAMESPACE,
            dimensions: [dimensions.iter().map(|(name, _)| *name).collect()],
            metrics: Vec::new(),
        };
        let members = dimensions.into_iter().map(|(name, value)| (name, Member::Dimension(value)));
        Self {
            metadata: Metadata { timestamp, cloud_watch_metrics: [directive] },
            members: members.collect(),
        }
    }

    /// Adds a metric.
    pub(crate) fn metric(mut self, name: &'static str, unit: Unit, value: Member<'a>) -> Self {
        let [directive] = &mut self.metadata.cloud_watch_metrics;
        directive.metrics.push(Definition { name, unit });
        self.members.insert(name, value);
        self
    }

    /// Appends it as one line.
    pub(crate) fn write(&self, lines: &mut Vec<u8>) {
        let begun = lines.len();
        // Numbers and words of ours: it can't fail, and half a line must not stay if it did.
        match serde_json::to_writer(&mut *lines, self) {
            Ok(()) => lines.push(b'\n'),
            Err(_) => lines.truncate(begun),
        }
    }
}
