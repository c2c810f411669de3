//! Durations in Cassandra's own text form, `1y2mo3d4h5m6s`: months, days and nanoseconds are counts of their own, as
//! no month has a fixed length. ISO 8601 (`P1Y2M3DT4H5M6S`, `P2W`) is read too, as the server reads it.

use std::fmt::Write;

use scylla::value::CqlDuration;

/// Which of the three counts a unit adds to, and how many of it.
#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Days(i64),
    Nanos(i64),
}

const MICRO: i64 = 1_000;
const MILLI: i64 = 1_000 * MICRO;
const SECOND: i64 = 1_000 * MILLI;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Longer spellings first: `m` begins `mo` and `ms`.
const UNITS: [(&str, Unit); 12] = [
    ("mo", Unit::Months(1)),
    ("ms", Unit::Nanos(MILLI)),
    ("us", Unit::Nanos(MICRO)),
    ("µs", Unit::Nanos(MICRO)),
    ("ns", Unit::Nanos(1)),
    ("y", Unit::Months(12)),
    ("w", Unit::Days(7)),
    ("d", Unit::Days(1)),
    ("h", Unit::Nanos(HOUR)),
    ("m", Unit::Nanos(MINUTE)),
    ("s", Unit::Nanos(SECOND)),
    // The micro sign and the Greek letter look the same.
    ("μs", Unit::Nanos(MICRO)),
];
const ISO_DATE: [(&str, Unit); 4] =
    [("y", Unit::Months(12)), ("m", Unit::Months(1)), ("w", Unit::Days(7)), ("d", Unit::Days(1))];
const ISO_TIME: [(&str, Unit); 3] =
    [("h", Unit::Nanos(HOUR)), ("m", Unit::Nanos(MINUTE)), ("s", Unit::Nanos(SECOND))];

/// Reads a duration; `None` where the text is none, or beyond what one can hold.
pub(super) fn parse(text: &str) -> Option<CqlDuration> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.to_lowercase();
    let mut counts = Counts::default();
    if let Some(iso) = rest.strip_prefix('p') {
        let (date, time) = iso.split_once('t').unwrap_or((iso, ""));
        if date.is_empty() && time.is_empty() {
            return None;
        }
        counts.add(date, &ISO_DATE)?;
        counts.add(time, &ISO_TIME)?;
    } else if rest.is_empty() {
        return None;
    } else {
        counts.add(&rest, &UNITS)?;
    }
    Some(CqlDuration {
        months: i32::try_from(sign * counts.months).ok()?,
        days: i32::try_from(sign * counts.days).ok()?,
        nanoseconds: i64::try_from(i128::from(sign) * counts.nanos).ok()?,
    })
}

#[derive(Default)]
struct Counts {
    months: i64,
    days: i64,
    /// Wide enough for the smallest negative count before its sign.
    nanos: i128,
}

impl Counts {
    fn add(&mut self, mut text: &str, units: &[(&str, Unit)]) -> Option<()> {
        while !text.is_empty() {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let (count, behind) = text.split_at(digits);
            let count: i64 = count.parse().ok()?;
            let (spelt, unit) = units.iter().find(|(spelt, _)| behind.starts_with(spelt))?;
            match *unit {
                Unit::Months(each) => self.months = self.months.checked_add(count.checked_mul(each)?)?,
                Unit::Days(each) => self.days = self.days.checked_add(count.checked_mul(each)?)?,
                Unit::Nanos(each) => {
                    self.nanos = self.nanos.checked_add(i128::from(count) * i128::from(each))?;
                }
            }
            text = behind.strip_prefix(spelt)?;
        }
        Some(())
    }
}

/// Writes a duration as the server does.
pub(super) fn write(duration: CqlDuration, out: &mut String) {
    let CqlDuration { months, days, nanoseconds } = duration;
    if months < 0 || days < 0 || nanoseconds < 0 {
        out.push('-');
    }
    let from = out.len();
    let mut part = |count: u64, unit: &str| {
        if count > 0 {
            // Writing into a string can't fail.
            let _ = write!(out, "{count}{unit}");
        }
    };
    let months = u64::from(months.unsigned_abs());
    part(months / 12, "y");
    part(months % 12, "mo");
    part(u64::from(days.unsigned_abs()), "d");
    let mut nanos = nanoseconds.unsigned_abs();
    for (each, unit) in [(HOUR, "h"), (MINUTE, "m"), (SECOND, "s"), (MILLI, "ms"), (MICRO, "us"), (1, "ns")] {
        let each = each.unsigned_abs();
        part(nanos / each, unit);
        nanos %= each;
    }
    if out.len() == from {
        out.push_str("0s");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        let mut out = String::new();
        write(parse(text)?, &mut out);
        Some(out)
    }

    #[test]
    fn every_unit_is_read_and_written() {
        for (text, expected) in [
            ("1y2mo3w4d5h6m7s8ms9us10ns", "1y2mo25d5h6m7s8ms9us10ns"),
            ("P1Y2M3DT4H5M6S", "1y2mo3d4h5m6s"),
            ("P2W", "14d"),
            ("PT36H", "36h"),
            ("-1MO30S", "-1mo30s"),
            ("0s", "0s"),
            ("3µs4μs", "7us"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_least_and_the_largest_fit_and_nothing_beyond() {
        for text in [
            "-178956970y8mo2147483648d2562047h47m16s854ms775us808ns",
            "178956970y7mo2147483647d2562047h47m16s854ms775us807ns",
        ] {
            assert_eq!(written(text).as_deref(), Some(text));
        }
        for text in ["2147483648d", "178956970y8mo", "2562047h47m16s854ms775us808ns"] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in
            ["", "-", "1", "s", "1x", "P", "PT", "1h 2m", "--1s", "P1Y2", "99999999999999999999s", "1hm"]
        {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
