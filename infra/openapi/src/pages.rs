//! The parts of the connectors' pages that are made from the code, so that they can't drift from it: a vendor's options
//! and operations, each between two marks.

use std::{fmt::Write, io, path::PathBuf};

use model::{
    connector_type::ConnectorType,
    vendor_options::{self, Rule},
};

/// The types whose pages have such parts, with their pages' files.
pub fn files() -> Vec<(ConnectorType, PathBuf)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/connectors/docs"));
    let vendors = ConnectorType::ALL.into_iter().filter(|kind| connectors::reference(*kind).is_some());
    vendors.map(|kind| (kind, folder.join(format!("{kind}.md")))).collect()
}

/// A page with its parts as the code has them now.
pub fn filled(kind: ConnectorType, page: &str) -> io::Result<String> {
    let page = between(page, "options", &options(kind))?;
    between(&page, "operations", &connectors::reference(kind).unwrap_or_default())
}

fn between(page: &str, mark: &str, text: &str) -> io::Result<String> {
    let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let lacks = || io::Error::other(format!("the page lacks {begin} with {end} behind it"));
    let (before, rest) = page.split_once(&begin).ok_or_else(lacks)?;
    let (_, after) = rest.split_once(&end).ok_or_else(lacks)?;
    Ok(format!("{before}{begin}\n{}\n{end}{after}", text.trim_end()))
}

fn options(kind: ConnectorType) -> String {
    let mut table = String::from("| option | value | meaning |\n|---|---|---|\n");
    for option in vendor_options::of(kind) {
        let value = match option.rule {
            Rule::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Rule::Text | Rule::Word => "text".to_owned(),
            Rule::Certificate => "PEM".to_owned(),
        };
        let _ = writeln!(table, "| `{}` | {value} | {} |", option.name, option.about);
    }
    table.push_str(
        "| `allowed_operations`, `blocked_operations` | lists | names of operations (`*` at the end) or verbs; see \
         [Query and execute](../../../README.md#query-and-execute) |\n",
    );
    table.push_str("| `read_only` | `true` | refuses every execute |\n");
    table
}
