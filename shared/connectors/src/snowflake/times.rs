//! Dates and times. The vendor counts days and seconds; here they become what ISO 8601 writes. A year beyond four
//! digits has a sign, as the standard demands, so that no date is ever shortened.

use std::fmt::Write;

const NANOS: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
/// The vendor adds a day's minutes to offsets, so that none is negative.
const OFFSET_BIAS: i64 = 1_440;
/// Far more than the years that any server keeps; what lies beyond is left as it was sent.
const MAX_DAYS: i64 = 4_000_000_000;

/// `18262` is `2020-01-01`.
pub(super) fn date(text: &str) -> Option<String> {
    let mut written = String::new();
    push_date(text.parse().ok()?, &mut written)?;
    Some(written)
}

/// Seconds since midnight.
pub(super) fn time(text: &str) -> Option<String> {
    let (seconds, nanos) = seconds(text)?;
    let mut written = String::new();
    (0..DAY_SECONDS).contains(&seconds).then(|| push_time(seconds, nanos, &mut written))?;
    Some(written)
}

/// Seconds since the epoch, of a clock that is nowhere in particular.
pub(super) fn timestamp(text: &str) -> Option<String> {
    let (seconds, nanos) = seconds(text)?;
    let mut written = String::new();
    push_timestamp(seconds, nanos, &mut written)?;
    Some(written)
}

/// The same, of a moment: in UTC.
pub(super) fn timestamp_utc(text: &str) -> Option<String> {
    timestamp(text).map(|text| text + "+00:00")
}

/// A moment and the offset of the clock that it was read from.
pub(super) fn timestamp_with_offset(text: &str) -> Option<String> {
    let (moment, offset) = text.split_once(' ')?;
    let (seconds, nanos) = seconds(moment)?;
    let minutes = offset.parse::<i64>().ok()?.checked_sub(OFFSET_BIAS)?;
    let magnitude = minutes.checked_abs().filter(|minutes| *minutes < OFFSET_BIAS)?;
    let mut written = String::new();
    push_timestamp(seconds.checked_add(minutes * 60)?, nanos, &mut written)?;
    let sign = if minutes < 0 { '-' } else { '+' };
    // Writing into a string can't fail.
    let _ = write!(written, "{sign}{:02}:{:02}", magnitude / 60, magnitude % 60);
    Some(written)
}

/// Whole seconds, rounded down, and the nanoseconds above them.
fn seconds(text: &str) -> Option<(i64, i64)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || fraction.len() > 9 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    match (negative, nanos) {
        (false, _) => Some((whole, nanos)),
        (true, 0) => Some((-whole, 0)),
        (true, _) => Some(((-whole).checked_sub(1)?, NANOS - nanos)),
    }
}

fn push_timestamp(seconds: i64, nanos: i64, out: &mut String) -> Option<()> {
    push_date(seconds.div_euclid(DAY_SECONDS), out)?;
    out.push('T');
    push_time(seconds.rem_euclid(DAY_SECONDS), nanos, out);
    Some(())
}

fn push_time(seconds: i64, nanos: i64, out: &mut String) {
    // Writing into a string can't fail.
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if nanos > 0 {
        let fraction = format!("{nanos:09}");
        let _ = write!(out, ".{}", fraction.trim_end_matches('0'));
    }
}

/// Days since the epoch in the Gregorian calendar, counted in eras of 400 years that begin in March, so that the leap
/// day is a year's last.
fn push_date(days: i64, out: &mut String) -> Option<()> {
    if days.checked_abs()? > MAX_DAYS {
        return None;
    }
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    // Writing into a string can't fail.
    let _ = match year {
        0..=9999 => write!(out, "{year:04}-{month:02}-{day:02}"),
        _ => write!(out, "{year:+05}-{month:02}-{day:02}"),
    };
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;
    use proptest::prelude::*;

    #[test]
    fn dates_are_counted_from_the_epoch_in_both_directions() {
        for (days, expected) in [
            ("0", "1970-01-01"),
            ("18262", "2020-01-01"),
            ("-1", "1969-12-31"),
            ("11016", "2000-02-29"),
            ("-719468", "0000-03-01"),
            ("-719529", "-0001-12-31"),
            ("2932896", "9999-12-31"),
            ("2932897", "+10000-01-01"),
            ("35804721", "+99999-12-31"),
        ] {
            assert_eq!(date(days).as_deref(), Some(expected), "{days}");
        }
        for other in ["", "x", "1.5", "2020-01-01", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(date(other), None, "{other}");
        }
    }

    #[test]
    fn fractions_are_kept_and_times_before_the_epoch_are_right() {
        for (seconds, expected) in [
            ("1616173619.000000000", "2021-03-19T17:06:59"),
            ("1616173619.000000001", "2021-03-19T17:06:59.000000001"),
            ("1616173619.120", "2021-03-19T17:06:59.12"),
            ("1616173619", "2021-03-19T17:06:59"),
            ("-0.500000000", "1969-12-31T23:59:59.5"),
            ("-1.000000000", "1969-12-31T23:59:59"),
            ("-62135596800.000000000", "0001-01-01T00:00:00"),
        ] {
            assert_eq!(timestamp(seconds).as_deref(), Some(expected), "{seconds}");
        }
        assert_eq!(timestamp_utc("0.25").as_deref(), Some("1970-01-01T00:00:00.25+00:00"));
        assert_eq!(time("82919.000000000").as_deref(), Some("23:01:59"));
        assert_eq!(time("0.000000001").as_deref(), Some("00:00:00.000000001"));
        for other in ["", "-", ".5", "1e3", "1.0000000001", "2021-03-19 17:06:59", "99999999999999999999"] {
            assert_eq!(timestamp(other), None, "{other}");
        }
        assert!(time("86399.999999999").is_some() && time("86400").is_none() && time("-1").is_none());
    }

    #[test]
    fn an_offset_moves_the_clock_and_not_the_moment() {
        for (sent, expected) in [
            ("1616173619.000000000 960", "2021-03-19T09:06:59-08:00"),
            ("1616173619.000000000 1440", "2021-03-19T17:06:59+00:00"),
            ("1616173619.500000000 1770", "2021-03-19T22:36:59.5+05:30"),
            ("0.000000000 1410", "1969-12-31T23:30:00-00:30"),
        ] {
            assert_eq!(timestamp_with_offset(sent).as_deref(), Some(expected), "{sent}");
        }
        for other in ["1616173619.0", "1616173619.0 x", "1616173619.0 2880", "1616173619.0 0"] {
            assert_eq!(timestamp_with_offset(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn every_date_is_the_one_that_the_calendar_has(days in -719_528_i32..=2_932_896) {
            let epoch = Date::constant(1970, 1, 1);
            let expected = epoch.checked_add(jiff::Span::new().days(days)).unwrap().to_string();
            prop_assert_eq!(date(&days.to_string()), Some(expected));
        }

        #[test]
        fn no_text_is_too_odd(text in "[-+0-9. ]{0,24}") {
            let _ = (date(&text), time(&text), timestamp(&text), timestamp_with_offset(&text));
        }
    }
}
