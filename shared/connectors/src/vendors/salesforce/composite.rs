//! What a composite request amounts to. Each of its pieces is one of the operations that can be called by themselves,
//! and is judged as that: what is blocked alone is blocked in company.
//!
//! Only the paths and query parameters of those operations are let through. Others could mean something else than
//! their method says: `?_HttpMethod=DELETE` turns a POST into a DELETE.

use model::policy::Operation;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    OPERATIONS,
    names::{is_id, is_name},
    soql,
};
use crate::{
    ConnectorError,
    vendor::{args::Args, op::Op},
};

/// The composite request itself, and every piece of it.
pub(super) fn judged(op: &Op, args: &Args<'_>) -> Result<Vec<Operation>, ConnectorError> {
    let mut all = vec![op.spec.judged()];
    let pieces = args.value("compositeRequest").unwrap_or_default();
    let (mut named, mut referred) = (Vec::new(), Vec::new());
    for piece in pieces.as_array().into_iter().flatten() {
        let text = |key: &str| piece.get(key).and_then(Value::as_str);
        // What lacks one of them is told by the check of the parameters, with every other fault, and never sent.
        let (Some(method), Some(url)) = (text("method"), text("url")) else { continue };
        let name = operation(method, url).map_err(ConnectorError::Invalid)?;
        let spec = OPERATIONS.iter().map(|op| op.spec).find(|spec| spec.name == name);
        all.extend(spec.map(crate::OperationSpec::judged));
        named.extend(text("referenceId").map(|reference| (reference, name)));
        referred.extend(url.split('/').filter_map(|part| created(part.split('?').next()?)));
    }
    for reference in referred {
        let mut those = named.iter().filter(|(name, _)| name.eq_ignore_ascii_case(reference)).peekable();
        if those.peek().is_none() || those.any(|(_, operation)| *operation != "create_record") {
            let shown = model::fault::shortened(reference);
            let why = format!(
                "@{{{shown}.id}} may stand in a path only where the piece {shown} creates one record"
            );
            return Err(ConnectorError::Invalid(why));
        }
    }
    Ok(all)
}

/// The piece whose answer a part of a path refers to. Only an `id` may be: a query's answer holds what its caller
/// chose to call so.
fn created(part: &str) -> Option<&str> {
    let (piece, field) = part.strip_prefix("@{")?.strip_suffix('}')?.split_once('.')?;
    let plain = !piece.is_empty() && piece.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    (plain && field.eq_ignore_ascii_case("id")).then_some(piece)
}

/// A part of a path: itself, a name, or a value.
enum Part<'p> {
    Is(&'p str),
    /// A record's id that can be no name, or a reference to one.
    Id,
    /// What can only be the value of an external id.
    Value,
}

impl Part<'_> {
    /// Whether it can be a record's id: some of them begin as names do, and some names are as long as ids.
    fn is_record(&self) -> bool {
        match self {
            Self::Is(text) => is_id(text),
            Self::Id => true,
            Self::Value => false,
        }
    }
}

/// The operation that a piece is.
pub(super) fn operation(method: &str, url: &str) -> Result<&'static str, String> {
    let refused = |why: &str| format!("the piece {method} {url:.100} {why}");
    let (path, query) = below_version(url).ok_or_else(|| refused("has a url of no known version"))?;
    let parts: Vec<Part<'_>> = path.split('/').map(part).collect::<Option<_>>().ok_or_else(|| {
        refused("has a path that is not plain; a reference may stand in it for an id alone, as @{name.id}")
    })?;
    let (operation, takes) = known(method, &parts).ok_or_else(|| refused("is none of the operations"))?;
    for pair in query.split(['&', ';']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !takes.contains(&name) {
            return Err(refused("has a query parameter that its operation does not take"));
        }
        let value = value.replace('+', " ");
        let value = percent_decode_str(&value).decode_utf8();
        let value = value.map_err(|_| refused("has a query parameter that is no text"))?;
        if value.contains("@{") {
            return Err(refused("has a reference in its query parameters"));
        }
        if name == "q" {
            soql::check_reads(&value).map_err(|why| refused(&format!("is refused: {why}")))?;
        }
    }
    Ok(operation)
}

/// The path below the version, and the query.
fn below_version(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("/services/data/v")?;
    let (version, rest) = rest.split_once('/')?;
    let number = version.strip_suffix(".0")?;
    let plain = (1..=3).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit());
    let printable = !rest.contains(['#', '\\']) && rest.bytes().all(|c| c.is_ascii_graphic());
    (plain && printable).then(|| rest.split_once('?').unwrap_or((rest, "")))
}

fn part(text: &str) -> Option<Part<'_>> {
    if is_name(text) {
        return Some(Part::Is(text));
    }
    if is_id(text) {
        return Some(Part::Id);
    }
    if created(text).is_some() {
        return Some(Part::Id);
    }
    let value = percent_decode_str(text).decode_utf8().ok()?;
    let hostile = |c: char| c.is_control() || matches!(c, '/' | '\\' | '{' | '}' | '?' | '#' | '%');
    let plain = !value.is_empty() && value != "." && value != ".." && !value.contains(hostile);
    plain.then_some(Part::Value)
}

/// The operation of a method and a path, and the query parameters that it takes.
fn known(method: &str, parts: &[Part<'_>]) -> Option<(&'static str, &'static [&'static str])> {
    use Part::{Id, Is, Value};
    Some(match (method, parts) {
        ("GET", [Is("limits")]) => ("limits", &[]),
        ("GET", [Is("query")]) => ("query", &["q"]),
        ("GET", [Is("search")]) => ("search", &["q"]),
        ("GET", [Is("sobjects")]) => ("list_objects", &[]),
        ("GET", [Is("sobjects"), Is(_), Is("describe")]) => ("describe", &[]),
        ("GET", [Is("sobjects"), Is(_), id]) if id.is_record() => ("get_record", &["fields"]),
        ("GET", [Is("sobjects"), Is(_), Is(field), Is(_) | Id | Value]) if !is_id(field) => {
            ("get_by_external_id", &["fields"])
        }
        ("POST", [Is("sobjects"), Is(_)]) => ("create_record", &[]),
        ("PATCH", [Is("sobjects"), Is(_), id]) if id.is_record() => ("update_record", &[]),
        ("PATCH", [Is("sobjects"), Is(_), Is(field), Is(_) | Id | Value]) if !is_id(field) => {
            ("upsert_record", &[])
        }
        ("DELETE", [Is("sobjects"), Is(_), id]) if id.is_record() => ("delete_record", &[]),
        ("POST", [Is("composite"), Is("sobjects")]) => ("create_records", &[]),
        ("PATCH", [Is("composite"), Is("sobjects")]) => ("update_records", &[]),
        ("PATCH", [Is("composite"), Is("sobjects"), Is(_), Is(field)]) if !is_id(field) => {
            ("upsert_records", &[])
        }
        ("DELETE", [Is("composite"), Is("sobjects")]) => ("delete_records", &["ids", "allOrNone"]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_the_operation_that_it_would_be_alone() {
        for (method, path, expected) in [
            ("GET", "limits", "limits"),
            ("GET", "query?q=SELECT+Id+FROM+Account", "query"),
            ("GET", "sobjects/Account/describe", "describe"),
            ("GET", "sobjects/Account/001D000000IqhSLIAZ?fields=Name", "get_record"),
            ("GET", "sobjects/Account/@{ref.id}", "get_record"),
            ("GET", "sobjects/Account/@{ref.Id}?fields=Name", "get_record"),
            ("GET", "sobjects/Account/Key__c/a%20b.c", "get_by_external_id"),
            ("GET", "sobjects/Invoice__c/a0BKd0000000001AAA", "get_record"),
            ("POST", "sobjects/Invoice__c", "create_record"),
            ("POST", "sobjects/ContentDocument", "create_record"),
            ("PATCH", "sobjects/Account/001D000000IqhSLIAZ", "update_record"),
            ("PATCH", "sobjects/Account/Key__c/42", "upsert_record"),
            ("DELETE", "sobjects/Account/@{ref.id}", "delete_record"),
            ("POST", "composite/sobjects", "create_records"),
            ("PATCH", "composite/sobjects/Account/Key__c", "upsert_records"),
            ("DELETE", "composite/sobjects?ids=a,b&allOrNone=true", "delete_records"),
        ] {
            let url = format!("/services/data/v66.0/{path}");
            assert_eq!(operation(method, &url).as_deref(), Ok(expected), "{method} {path}");
        }
    }

    #[test]
    fn what_could_be_something_else_than_it_seems_is_refused() {
        for (method, url) in [
            ("POST", "/services/data/v66.0/sobjects/Account?_HttpMethod=DELETE"),
            ("POST", "/services/data/v66.0/sobjects/Account/001D000000IqhSLIAZ"),
            ("GET", "/services/data/v66.0/sobjects/../tooling"),
            ("GET", "/services/data/v66.0/sobjects/%2e%2e/tooling"),
            ("GET", "/services/data/v66.0/sobjects/Account/listviews"),
            ("GET", "/services/data/v66.0/sobjects/Account/Key__c/a%2Fb"),
            ("POST", "/services/data/v66.0/sobjects/Account?;_HttpMethod=DELETE"),
            ("GET", "/services/data/v66.0/sobjects/Account/a%252Fb"),
            ("DELETE", "/services/data/v66.0/sobjects/@{ref.Name}"),
            ("GET", "/services/data/v66.0/@{ref.id}"),
            ("PATCH", "/services/data/v66.0/sobjects/Account/@{ref.records[0].Id}"),
            ("PATCH", "/services/data/v66.0/sobjects/Invoice__c/a0BKd0000000001AAA/Account__r"),
            ("GET", "/services/data/v66.0/sobjects/Invoice__c/a0BKd0000000001AAA/Account__r"),
            ("PATCH", "/services/data/v66.0/composite/sobjects/Invoice__c/a0BKd0000000001AAA"),
            ("GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+FOR+VIEW"),
            ("GET", "/services/data/v66.0/query?q=SELECT%20Id%20FROM%20Account%20F%4FR%0AREFERENCE"),
            ("GET", "/services/data/v66.0/query?q=x&q=SELECT+Id+FROM+Account+FOR+UPDATE"),
            ("GET", "/services/data/v66.0/search?q=FIND+{x}+RETURNING+FAQ__kav+UPDATE+TRACKING"),
            ("GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+@{ref.Name}"),
            ("GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+%40%7Bref.Name%7D"),
            ("DELETE", "/services/data/v66.0/composite/sobjects?ids=@{ref.id}"),
            ("GET", "/services/data/v66.0/query?q=%FF"),
            ("GET", "/services/data/v66.0/sobjects/Account/@{ref.Name}"),
            ("GET", "/services/data/v66.0/sobjects//Account"),
            ("GET", "/services/data/v66.0/sobjects/Account/"),
            ("GET", "/services/data/v66.0/tooling/query?q=x"),
            ("POST", "/services/data/v66.0/composite"),
            ("PUT", "/services/data/v66.0/sobjects/Account"),
            ("GET", "/services/data/v66.0/limits#x"),
            ("GET", "/services/data/v66.0/limits\r\n"),
            ("GET", "/services/data/latest/limits"),
            ("GET", "/services/apexrest/x"),
            ("GET", "https://elsewhere.example/services/data/v66.0/limits"),
        ] {
            assert!(operation(method, url).is_err(), "{method} {url}");
        }
    }
}
