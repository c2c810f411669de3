//! Rows on their way to the caller: the upstream's JSON as sent, digit for digit, counted against the caps.

use model::wire::{RESPONSE_LIMIT, escaped_len};
use serde_json::value::RawValue;

/// The most rows of one answer, whatever the caller asks.
pub const ROW_LIMIT: usize = 10_000;
/// The most bytes of one answer, as Lambda carries them.
pub const BYTE_LIMIT: usize = RESPONSE_LIMIT;

/// Rows, and whether a cap cut them.
#[derive(Debug, Default)]
pub struct Rows {
    items: Vec<Box<RawValue>>,
    bytes: usize,
    wanted: Option<usize>,
    exceeded: Option<Limit>,
}

/// A hard cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`ROW_LIMIT`].
    Rows,
    /// [`BYTE_LIMIT`].
    Bytes,
}

impl Rows {
    /// No rows yet, of which the caller wants at most `wanted`.
    pub fn up_to(wanted: Option<usize>) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes a row, unless the caller has enough or a cap is reached; false says that no more will be taken.
    pub fn push(&mut self, row: Box<RawValue>) -> bool {
        if self.is_full() {
            return false;
        }
        // A row costs its text and the comma behind it.
        let bytes = self.bytes + escaped_len(row.get()) + 1;
        if self.items.len() >= ROW_LIMIT {
            self.exceeded = Some(Limit::Rows);
        } else if bytes > BYTE_LIMIT {
            self.exceeded = Some(Limit::Bytes);
        } else {
            self.bytes = bytes;
            self.items.push(row);
        }
        self.exceeded.is_none()
    }

    /// Whether no more will be taken: the caller has enough, or a cap was reached.
    pub fn is_full(&self) -> bool {
        self.exceeded.is_some() || self.wanted.is_some_and(|wanted| self.items.len() >= wanted)
    }

    /// Notes that the upstream held a row back that alone is larger than [`BYTE_LIMIT`]; no more will be taken.
    pub(crate) fn cut_by_size(&mut self) {
        self.exceeded = self.exceeded.or(Some(Limit::Bytes));
    }

    /// Notes that there are more rows than the upstream lets anybody read; no more will be taken.
    pub(crate) fn cut_by_count(&mut self) {
        self.exceeded = self.exceeded.or(Some(Limit::Rows));
    }

    /// The rows.
    pub fn items(&self) -> &[Box<RawValue>] {
        &self.items
    }

    /// Their size as Lambda carries them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The cap that cut them; the caller's own limit is none.
    pub fn exceeded(&self) -> Option<Limit> {
        self.exceeded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    fn filled(count: usize, row: &str, wanted: Option<usize>) -> Rows {
        let mut rows = Rows::up_to(wanted);
        let row = raw(row);
        for _ in 0..count {
            rows.push(row.clone());
        }
        rows
    }

    #[test]
    fn ten_thousand_rows_pass_and_one_more_is_cut() {
        let full = filled(ROW_LIMIT, "1", None);
        assert_eq!((full.items().len(), full.exceeded()), (ROW_LIMIT, None));
        let over = filled(ROW_LIMIT + 1, "1", None);
        assert_eq!((over.items().len(), over.exceeded()), (ROW_LIMIT, Some(Limit::Rows)));
    }

    #[test]
    fn five_mebibytes_pass_and_one_more_byte_is_cut() {
        // Two quotes take two bytes each inside JSON, and a comma follows.
        let row = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 5));
        let exact = filled(5, &row(BYTE_LIMIT / 5), None);
        assert_eq!((exact.bytes(), exact.exceeded()), (BYTE_LIMIT, None));
        let over = filled(5, &row(BYTE_LIMIT / 5 + 1), None);
        assert_eq!((over.items().len(), over.exceeded()), (4, Some(Limit::Bytes)));
    }

    #[test]
    fn the_callers_own_limit_is_no_cap() {
        let rows = filled(5, "1", Some(3));
        assert_eq!((rows.items().len(), rows.exceeded()), (3, None));
        let rows = filled(ROW_LIMIT + 5, "1", Some(ROW_LIMIT));
        assert_eq!((rows.items().len(), rows.exceeded()), (ROW_LIMIT, None));
    }
}
