//! Moments as people write them: a length of time from now (`90d`, `1h 30m`) or a date.

use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};

/// A moment, told from now or by date.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// So far from now; never negative.
    Span(Span),
    /// Then.
    At(Timestamp),
}

/// Reads `90d`, `2026-12-31` (its first moment in UTC) or `2026-12-31T18:00:00Z`.
pub(crate) fn when(text: &str) -> Result<When, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(When::At(at));
    }
    if let Ok(date) = text.parse::<Date>() {
        let first = date.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
        return Ok(When::At(first.timestamp()));
    }
    match text.parse::<Span>() {
        Ok(span) if !span.is_negative() => Ok(When::Span(span)),
        _ => Err("use a length such as 90d, 12h or 30m, a date such as 2026-12-31 (UTC), \
                  or a moment such as 2026-12-31T18:00:00Z"
            .to_owned()),
    }
}

impl When {
    /// The moment, where a length of time lies ahead of now. None for one beyond all calendars.
    pub(crate) fn ahead(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Span(span) => Some(now.to_zoned(TimeZone::UTC).checked_add(span).ok()?.timestamp()),
        }
    }

    /// The moment, where a length of time lies behind now.
    pub(crate) fn ago(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Span(span) => Some(now.to_zoned(TimeZone::UTC).checked_sub(span).ok()?.timestamp()),
        }
    }
}

/// A moment of whole seconds since the epoch, for people.
pub(crate) fn shown(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.to_string())
}

/// How far a moment lies from now, in the two largest units: `in 89 d 23 h`, `2 h 5 min ago`.
pub(crate) fn distance(from: Timestamp, to: Timestamp) -> String {
    let left = to.duration_since(from);
    let (length, behind) = (left.abs(), left < SignedDuration::ZERO);
    let (minutes, hours, days) = (length.as_mins(), length.as_hours(), length.as_hours() / 24);
    let text = match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", length.as_secs()),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {} min", minutes % 60),
        (days, hours, _) => format!("{days} d {} h", hours % 24),
    };
    if behind { format!("{text} ago") } else { format!("in {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_dates_and_moments_are_read() {
        let now = at("2026-11-23T10:00:00Z");
        for (text, ahead, ago) in [
            ("90d", "2027-02-21T10:00:00Z", "2026-08-25T10:00:00Z"),
            ("1h 30m", "2026-11-23T11:30:00Z", "2026-11-23T08:30:00Z"),
            ("1y", "2027-11-23T10:00:00Z", "2025-11-23T10:00:00Z"),
            ("2026-12-31", "2026-12-31T00:00:00Z", "2026-12-31T00:00:00Z"),
            ("2026-12-31T18:00:00+01:00", "2026-12-31T17:00:00Z", "2026-12-31T17:00:00Z"),
        ] {
            let read = when(text).unwrap();
            assert_eq!((read.ahead(now), read.ago(now)), (Some(at(ahead)), Some(at(ago))), "{text}");
        }
        for text in ["", "90", "-1d", "1h ago", "tomorrow", "2026-13-01", "31.12.2026"] {
            assert!(when(text).is_err(), "{text}");
        }
        assert!(when("9000y").unwrap().ahead(now).is_none());
    }

    #[test]
    fn distances_are_told_in_two_units() {
        let now = at("2026-11-23T10:00:00Z");
        for (to, expected) in [
            ("2027-02-21T09:00:00Z", "in 89 d 23 h"),
            ("2026-11-23T12:05:00Z", "in 2 h 5 min"),
            ("2026-11-23T10:00:09Z", "in 9 s"),
            ("2026-11-23T09:58:00Z", "2 min ago"),
        ] {
            assert_eq!(distance(now, at(to)), expected);
        }
    }
}
