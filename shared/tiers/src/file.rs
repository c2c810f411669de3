//! The configuration file: bytes in, declarations or every fault out.

mod connector;

use std::{collections::HashMap, sync::Arc};

use model::allow_list::AllowList;

use crate::{
    declaration::Declaration,
    expand::Variables,
    fault::{Fault, Path, Place},
    values::Reader,
    yaml::{self, Flaw, Node, Value},
};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The one version of the format.
const VERSION: &str = "1.0";
const KEYS: [&str; 2] = ["version", "connectors"];

/// A configuration file as it was read.
pub struct File<'a> {
    /// Its path, for the faults.
    pub path: &'a str,
    /// What it holds.
    pub content: &'a [u8],
}

/// Reads the file.
pub(crate) fn read(
    file: &File<'_>,
    variables: &Variables<'_>,
    allow: &AllowList,
) -> Result<Vec<Declaration>, Vec<Fault>> {
    let path: Arc<str> = file.path.into();
    let fault = |line, key: &Path, why| {
        let place = Place::File { path: Arc::clone(&path), line, key: key.to_string() };
        Fault { place, why }
    };
    let whole = |line, why| vec![fault(line, &Path::default(), why)];
    let size = file.content.len();
    if size > MAX_BYTES {
        return Err(whole(None, format!("is larger than {MAX_BYTES} bytes")));
    }
    let text = std::str::from_utf8(file.content).map_err(|error| {
        let before = file.content.iter().take(error.valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        whole(Some(line), "is not UTF-8".into())
    })?;
    let mut reader = Reader { variables, flaws: Vec::new() };
    let declarations = match yaml::parse(text, &mut reader.flaws) {
        Some(root) => document(&root, allow, &mut reader),
        None => Vec::new(),
    };
    let mut flaws = reader.flaws;
    if flaws.is_empty() {
        return Ok(declarations);
    }
    flaws.sort_by_key(|flaw| flaw.line);
    Err(flaws.into_iter().map(|Flaw { line, path, why }| fault(Some(line), &path, why)).collect())
}

fn document(root: &Node, allow: &AllowList, reader: &mut Reader<'_>) -> Vec<Declaration> {
    let at = Path::default();
    let entries = match &root.value {
        Value::Map(entries) => entries.as_slice(),
        _ if root.is_null() => &[],
        _ => {
            reader.refuse::<()>(root.line, &at, "must be a map with `version` and `connectors`");
            return Vec::new();
        }
    };
    let mut declarations = Vec::new();
    let mut versioned = false;
    for entry in entries {
        let path = at.child(&entry.key);
        match entry.key.as_str() {
            "version" => {
                versioned = true;
                let known = |value: &Value| matches!(value, Value::Scalar(scalar) if *scalar.text == VERSION);
                if !known(&entry.node.value) {
                    reader.refuse::<()>(entry.line, &path, format!("must be \"{VERSION}\""));
                }
            }
            "connectors" => declarations = connectors(&entry.node, &path, allow, reader),
            key => {
                reader.refuse::<()>(entry.line, &path, unknown(key, &KEYS));
            }
        }
    }
    if !versioned {
        reader.refuse::<()>(1, &at.child("version"), format!("is required: write version: \"{VERSION}\""));
    }
    declarations
}

fn connectors(node: &Node, at: &Path, allow: &AllowList, reader: &mut Reader<'_>) -> Vec<Declaration> {
    let Value::Map(entries) = &node.value else {
        if !node.is_null() {
            reader.refuse::<()>(node.line, at, "must map names to connectors");
        }
        return Vec::new();
    };
    let mut lines = HashMap::new();
    let mut declarations = Vec::new();
    for entry in entries {
        let Some(declaration) = connector::read(entry, &at.child(&entry.key), allow, reader) else {
            continue;
        };
        let whose = (declaration.tenant.clone(), declaration.name().clone());
        if let Some(first) = lines.insert(whose, entry.line) {
            let why = format!("declares the connector of line {first} once more: same tenant, same name");
            reader.refuse::<()>(entry.line, &at.child(&entry.key), why);
        }
        declarations.push(declaration);
    }
    declarations
}

/// What is wrong with a key that nothing reads, and which one may have been meant.
pub(crate) fn unknown(key: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        // A key of absurd length is near to none, and comparing it would take long.
        .filter(|_| key.len() <= 64)
        .map(|word| (strsim::damerau_levenshtein(key, word), word))
        .filter(|(distance, word)| *distance <= 2.min(word.len() / 2))
        .min();
    match near {
        Some((_, word)) => format!("is not a known key; did you mean `{word}`?"),
        None => format!("is not a known key; known are {}", known.join(", ")),
    }
}
