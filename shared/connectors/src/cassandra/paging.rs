//! How many rows a page is asked for. Cassandra counts a page in rows and the driver keeps it whole, however large
//! they are: so the first page is small, and the next ones as large as the rows seen so far allow.

use crate::ROW_LIMIT;

/// Few enough for rows of a hundred kilobytes, and for the usual short answer.
const FIRST_ROWS: usize = 32;
/// What a page should not exceed by much.
const PAGE_BYTES: usize = 1024 * 1024;
/// What a server takes without complaint.
const MOST_ROWS: usize = 5_000;

/// The size of the pages of one answer.
#[derive(Default)]
pub(super) struct Sizes {
    seen: usize,
    /// The largest mean of a page, in bytes a row.
    largest_mean: usize,
}

impl Sizes {
    /// Notes a page.
    pub(super) fn note(&mut self, rows: usize, bytes: usize) {
        self.seen += rows;
        self.largest_mean = self.largest_mean.max(bytes.div_ceil(rows.max(1)));
    }

    /// The rows of the next page. One row more than an answer holds shows that there is more; what the caller limits
    /// is no cut.
    pub(super) fn next(&self, wanted: Option<usize>, have: usize) -> i32 {
        let missing = wanted.map_or(ROW_LIMIT + 1, |wanted| wanted.min(ROW_LIMIT + 1)).saturating_sub(have);
        let fitting = match self.seen {
            0 => FIRST_ROWS,
            _ => (PAGE_BYTES / self.largest_mean.max(1)).min(MOST_ROWS),
        };
        i32::try_from(fitting.min(missing).max(1)).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_grow_as_far_as_their_rows_allow() {
        let mut sizes = Sizes::default();
        assert_eq!(sizes.next(None, 0), 32);
        sizes.note(32, 3_200);
        assert_eq!(sizes.next(None, 32), 5_000);
        sizes.note(5_000, 5_000 * 1_024);
        assert_eq!(sizes.next(None, 5_032), 1_024);
        sizes.note(1, 100 * PAGE_BYTES);
        assert_eq!(sizes.next(None, 5_033), 1);
    }

    #[test]
    fn no_more_is_asked_for_than_is_wanted_and_one_beyond_the_cap() {
        let mut sizes = Sizes::default();
        assert_eq!(sizes.next(Some(7), 0), 7);
        sizes.note(32, 32);
        assert_eq!((sizes.next(Some(40), 32), sizes.next(None, ROW_LIMIT)), (8, 1));
        assert_eq!(sizes.next(Some(usize::MAX), ROW_LIMIT - 4), 5);
    }
}
