//! The statement that carries the caller's own. Each column comes as the server's JSON text, because the driver asks
//! for values in binary, where every type has a form of its own; and a row that alone is larger than an answer may
//! be comes empty, because the driver keeps a row whole. `LIMIT` and `OFFSET 0` keep the planner from computing a
//! value twice.

use std::fmt::Write;

use super::columns::Columns;
use crate::BYTE_LIMIT;

/// The name of the caller's rows beside its own WITH list.
const ROWS: &str = "axonflow_rows";

/// Around a statement that reads. In parentheses the server itself takes nothing but that.
pub(super) fn reading(text: &str, columns: &Columns, limit: usize) -> String {
    let names = list(columns.len(), |n| format!("c{n}"));
    // The line breaks end a line comment.
    guarded("NULL::bigint", "b.size", &format!("(\n{text}\n) AS r({names})"), columns, limit)
}

/// Around a statement that writes and gives rows: it becomes the last entry of its own WITH list, where the server
/// runs it to its end, however many rows are wanted.
pub(super) fn returning(text: &str, behind_with: Option<usize>, columns: &Columns, limit: usize) -> String {
    let names = list(columns.len(), |n| format!("c{n}"));
    let (before, main) = match behind_with.and_then(|at| text.split_at_checked(at)) {
        Some((with, main)) => (format!("{with}\n, "), main),
        None => ("WITH ".to_owned(), text),
    };
    let total = format!("(SELECT pg_catalog.count(*) FROM {ROWS})");
    let running = "pg_catalog.sum(b.size) OVER (ROWS UNBOUNDED PRECEDING)::bigint";
    let select = guarded(&total, running, &format!("{ROWS} AS r"), columns, limit);
    format!("{before}{ROWS}({names}) AS (\n{main}\n) {select}")
}

/// Whether the row fits, how many there are (where that is asked), and the values. What a write gave is there
/// already, so the server sends no more than an answer holds; a read is stopped from here instead, because the
/// server would work out every row first.
fn guarded(total: &str, running: &str, from: &str, columns: &Columns, limit: usize) -> String {
    let json = list(columns.len(), |n| format!("pg_catalog.to_json(r.c{n})::text AS t{n}"));
    // As the row will be, its names and nulls counted.
    let mut size = format!("{}::bigint", columns.names_bytes());
    for n in 1..=columns.len() {
        // Writing into a string can't fail.
        let _ = write!(size, " + coalesce(pg_catalog.octet_length(a.t{n}), 4)");
    }
    let values = list(columns.len(), |n| format!("CASE WHEN w.running <= {BYTE_LIMIT} THEN w.t{n} END"));
    format!(
        "SELECT w.running <= {BYTE_LIMIT}, w.total, {values} FROM (SELECT {running} AS running, b.* FROM \
         (SELECT {size} AS size, a.* FROM (SELECT {total} AS total, {json} FROM {from} LIMIT {limit}) AS a OFFSET 0) \
         AS b OFFSET 0) AS w WHERE w.running - w.size <= {BYTE_LIMIT}"
    )
}

fn list(columns: usize, item: impl Fn(usize) -> String) -> String {
    (1..=columns).map(item).collect::<Vec<_>>().join(", ")
}
