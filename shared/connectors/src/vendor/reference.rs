//! A vendor's operations in Markdown, from the declarations that they work by.

use std::fmt::Write;

use super::{Vendor, op::Op};
use crate::parameter::{Choice, Kind, Parameter, check::says};
use model::policy::OperationClass;

/// The operations, each with what it takes and an example.
pub(crate) fn page(vendor: &Vendor) -> String {
    let mut page = String::from("| operation | class | what it does |\n|---|---|---|\n");
    for op in vendor.operations {
        let class = match op.spec.class {
            OperationClass::Read => "read".to_owned(),
            OperationClass::Write => format!("write, `{}`", op.spec.verb),
        };
        let name = op.spec.name;
        let _ = writeln!(page, "| [`{name}`](#{name}) | {class} | {} |", op.spec.summary);
    }
    for op in vendor.operations {
        section(&mut page, op);
    }
    page
}

fn section(page: &mut String, op: &Op) {
    let _ = writeln!(page, "\n### {}\n\n{}", op.spec.name, op.spec.summary);
    if let Some(statement) = op.statement {
        let _ = writeln!(page, "\nA `statement` is the parameter `{statement}`.");
    }
    if !op.parameters().is_empty() {
        page.push_str("\n| parameter | required | value | meaning |\n|---|---|---|---|\n");
    }
    for parameter in op.parameters() {
        row(page, "", parameter);
    }
    for choice in op.spec.choices {
        let word = if matches!(choice, Choice::AtMostOne(_)) { "Takes" } else { "Needs" };
        let _ = writeln!(page, "\n{word} {}.", choice.says());
    }
    let (article, route, named) = match op.spec.class {
        OperationClass::Read => ("a", "query", "operation"),
        OperationClass::Write => ("an", "execute", "action"),
    };
    let example =
        format!(r#"{{"connector":"NAME","{named}":"{}","parameters":{}}}"#, op.spec.name, op.example);
    let _ = writeln!(page, "\nBody of {article} `{route}`:\n\n```json\n{example}\n```");
}

/// A parameter, and below it the members that it is made of.
fn row(page: &mut String, above: &str, parameter: &Parameter) {
    let needed = if parameter.required { "yes" } else { "" };
    let name = format!("{above}{}", parameter.name);
    // A bar would end the cell.
    let value = says(parameter.kind).replace('|', "\\|");
    let _ = writeln!(page, "| `{name}` | {needed} | {value} | {} |", parameter.about);
    let members = match parameter.kind {
        Kind::Shape(members) | Kind::List(&Kind::Shape(members), _) => members,
        _ => &[],
    };
    for member in members {
        row(page, &format!("{name}."), member);
    }
}
