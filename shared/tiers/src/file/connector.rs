//! One connector of the file. It is enabled only where it says so, and a disabled one still shadows the
//! environment's: switching off in the file must not switch something older on.

use model::{allow_list::AllowList, ids::TenantId};
use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::unknown;
use crate::{
    credentials,
    declaration::{self, Declaration},
    fault::Path,
    values::{self, Reader},
    yaml::{Entry, Node, Value},
};

const KEYS: [&str; 12] = [
    "type",
    "name",
    "tenant_id",
    "enabled",
    "display_name",
    "description",
    "connection_url",
    "credentials",
    "credentials_secret_arn",
    "options",
    "timeout_ms",
    "max_retries",
];
const HINT: &str = "write it under `credentials` of this file";

/// A connector being read.
struct Draft<'e> {
    entry: &'e Entry,
    at: &'e Path,
    /// The fields of the record.
    fields: Map<String, Json>,
    /// Keys with a fault of their own, of which nothing more is said.
    broken: Vec<&'e str>,
    tenant: Option<TenantId>,
    credentials: Option<Zeroizing<String>>,
}

/// Reads one entry of `connectors`, or notes every fault of it.
pub(super) fn read(
    entry: &Entry,
    at: &Path,
    allow: &AllowList,
    reader: &mut Reader<'_>,
) -> Option<Declaration> {
    let Value::Map(settings) = &entry.node.value else {
        return reader.refuse(entry.line, at, "must be a map of settings, with `type` at least");
    };
    let mut fields = Map::new();
    fields.insert("connector_name".into(), entry.key.as_str().into());
    fields.insert("enabled".into(), false.into());
    let mut draft = Draft { entry, at, fields, broken: Vec::new(), tenant: None, credentials: None };
    for setting in settings {
        if !setting.node.is_null() && draft.take(setting, reader).is_none() {
            draft.broken.push(&setting.key);
        }
    }
    let set = |key: &str| settings.iter().find(|setting| setting.key == key && !setting.node.is_null());
    if let (Some(_), Some(arn)) = (set("credentials"), set("credentials_secret_arn")) {
        reader.refuse::<()>(
            arn.line,
            &at.child(&arn.key),
            "stands beside `credentials`; a connector has one of them",
        );
    }
    draft.finish(allow, reader)
}

impl<'e> Draft<'e> {
    /// Takes one setting; `None` where its fault was noted.
    fn take(&mut self, setting: &'e Entry, reader: &mut Reader<'_>) -> Option<()> {
        let Entry { key, line, node } = setting;
        let at = self.at.child(key);
        let value = match key.as_str() {
            "credentials" => {
                self.credentials = Some(credentials(node, &at, reader)?);
                return Some(());
            }
            "tenant_id" => {
                let tenant = declaration::tenant(&reader.text(node, &at)?);
                self.tenant = tenant.or_else(|why| reader.refuse(*line, &at, why).ok_or(())).ok()?;
                return Some(());
            }
            "options" => reader.json(node, &at)?,
            "timeout_ms" | "max_retries" => declaration::integer(&reader.text(node, &at)?),
            "enabled" => values::boolean(&reader.text(node, &at)?),
            key if KEYS.contains(&key) => reader.text(node, &at)?.as_str().into(),
            key => return reader.refuse(*line, &at, unknown(key, &KEYS)),
        };
        self.fields.insert(field(key).into(), value);
        Some(())
    }

    /// Asks the record's rules.
    fn finish(self, allow: &AllowList, reader: &mut Reader<'_>) -> Option<Declaration> {
        match declaration::check(self.fields, allow) {
            Ok(draft) if self.broken.is_empty() => {
                Some(Declaration { tenant: self.tenant, draft, credentials: self.credentials })
            }
            Ok(_) => None,
            Err(faults) => {
                for fault in faults {
                    let steps = declaration::steps(&fault);
                    let (line, path, key) = locate(self.entry, self.at, &steps);
                    if !self.broken.contains(&key) {
                        let why = declaration::with_hint(fault.detail, HINT);
                        reader.refuse::<()>(line, &path, why);
                    }
                }
                None
            }
        }
    }
}

/// The record's field that a key of the file sets.
fn field(key: &str) -> &str {
    match key {
        "type" => "connector_type",
        "name" => "connector_name",
        key => key,
    }
}

/// Where the value of a fault stands: line, path, and the key of the connector it lies under. What is missing
/// lies where the connector begins.
fn locate<'s>(entry: &Entry, at: &Path, steps: &'s [String]) -> (usize, Path, &'s str) {
    let (first, deeper) = steps.split_first().map_or(("", steps), |(first, rest)| (first.as_str(), rest));
    let key = match first {
        "connector_type" => "type",
        "connector_name" => "name",
        field => field,
    };
    let Some(setting) = child(&entry.node, key) else {
        // Without a `name` of its own the entry's key is the name.
        let path = if key == "name" { at.clone() } else { at.child(key) };
        return (entry.line, path, key);
    };
    let (mut line, mut path, mut node) = (setting.0, at.child(key), Some(setting.1));
    for step in deeper {
        path = path.child(step);
        if let Some((at, inner)) = node.and_then(|node| child(node, step)) {
            (line, node) = (at, Some(inner));
        } else {
            node = None;
        }
    }
    (line, path, key)
}

fn child<'n>(node: &'n Node, step: &str) -> Option<(usize, &'n Node)> {
    match &node.value {
        Value::Map(entries) => {
            entries.iter().find(|entry| entry.key == step).map(|entry| (entry.line, &entry.node))
        }
        Value::List(items) => items.get(step.parse::<usize>().ok()?).map(|item| (item.line, item)),
        Value::Scalar(_) => None,
    }
}

fn credentials(node: &Node, at: &Path, reader: &mut Reader<'_>) -> Option<Zeroizing<String>> {
    let Value::Map(entries) = &node.value else {
        return reader.refuse(node.line, at, "must map names to values, such as token: ${SLACK_BOT_TOKEN}");
    };
    let read: Vec<_> = entries
        .iter()
        .map(|entry| {
            let at = at.child(&entry.key);
            if entry.node.is_null() {
                return reader.refuse(entry.line, &at, "has no value; give it one or leave the key out");
            }
            reader.text(&entry.node, &at).map(|text| (entry.key.as_str(), text))
        })
        .collect();
    let pairs = read.into_iter().collect::<Option<Vec<_>>>()?;
    credentials::json(&pairs).or_else(|| {
        let why = format!("are more than {} bytes as JSON", credentials::MAX_BYTES);
        reader.refuse(node.line, at, why)
    })
}
