//! Standard output and standard error. Whoever closed the pipe has read enough: that is no failure and no panic.

use std::io::{self, ErrorKind, Write};

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Args)]
pub(crate) struct OutputFormat {
    /// How to print: lines for people, or JSON for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

impl OutputFormat {
    /// Prints a list: `row` is what a line of the table shows of an item, `none` stands for an empty table.
    pub(crate) fn list<T: Serialize, const N: usize>(
        &self,
        items: &[T],
        header: [&str; N],
        row: impl Fn(&T) -> [String; N],
        none: &str,
    ) -> Result<(), Failure> {
        match self.output {
            Format::Json => json(items),
            Format::Table if items.is_empty() => {
                tell(none);
                Ok(())
            }
            Format::Table => print(&table(Some(header), items.iter().map(row))),
        }
    }

    /// Prints one thing: its fields as lines, or itself as JSON.
    pub(crate) fn one<T: Serialize>(&self, item: &T, fields: Vec<(&str, String)>) -> Result<(), Failure> {
        match self.output {
            Format::Json => json(item),
            Format::Table => {
                let rows = fields.into_iter().map(|(name, value)| [name.to_owned(), value]);
                print(&table(None::<[&str; 2]>, rows))
            }
        }
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::failed)?)
}

fn table<const N: usize>(header: Option<[&str; N]>, rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if let Some(header) = header {
        table.set_header(header);
    }
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// A text on one line, with nothing in it that a terminal would obey: names and results are others' words.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidi(c) { '\u{fffd}' } else { c }).collect()
}

/// Marks that make a terminal show a text in another order than it has.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Prints what was asked for, and a line break.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(format!("{text}\n").as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the person in front of it something besides what was asked for.
pub(crate) fn tell(text: &str) {
    // Nobody is left to be told that nobody listens.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_a_terminal_is_told_nothing() {
        let rows =
            [["a".to_owned(), "x\n\u{1b}[31my\u{202e}".to_owned()], ["long".to_owned(), String::new()]];
        let text = table(Some(["NAME", "VALUE"]), rows.into_iter());
        assert_eq!(text, "NAME  VALUE\na     x\u{fffd}\u{fffd}[31my\u{fffd}\nlong");
    }
}
