//! `Retry-After` is a number of seconds or an HTTP date, and nothing else is.

use std::time::{Duration, SystemTime};

use crate::fixed::{NOW, now};

/// Any text as the header's value.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = egress::retry_after(text, now());
    let plain = text.trim();
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = plain.trim_start_matches('0');
        let seconds = digits
            .bytes()
            .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        assert_eq!(read, Some(Duration::from_secs(seconds.unwrap_or(u64::MAX))));
        return;
    }
    let Some(wait) = read else { return };
    // A date: in one of three forms, each of which names a month and has a clock's colons. The library takes a third colon
    // for the space between date and time.
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    assert!(months.iter().any(|month| plain.contains(month)) && plain.matches(':').count() >= 2, "{text:?}");
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()) + wait;
    if !wait.is_zero() {
        let printed = httpdate::fmt_http_date(until);
        assert_eq!(egress::retry_after(&printed, now()), Some(wait), "{printed}");
    }
}
