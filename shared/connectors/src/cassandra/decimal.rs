//! Numbers of any length between their digits in text and the bytes that Cassandra keeps: no digit and no trailing
//! zero is lost. Turning very long ones into digits takes time by the square of their length, so they have a bound.

use num_bigint::{BigInt, Sign};

/// The longest integer that is written in digits, in bytes, and the longest text that is read as one.
const MAX_BYTES: usize = 4_096;
const MAX_DIGITS: usize = 9_864;
/// The most zeros that an exponent may add to a whole number, as many as the largest double has: without a bound of
/// its own, a list of six bytes each would become one of four kilobytes each.
const MAX_ZEROS: u32 = 308;

/// An integer with a scale: `unscaled × 10^-scale`.
#[derive(Debug, PartialEq)]
pub(super) struct Decimal {
    pub(super) unscaled: Vec<u8>,
    pub(super) scale: i32,
}

/// Reads a number as JSON writes it.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let plain = digits.strip_prefix('-').unwrap_or(&digits);
    let bare = !plain.is_empty() && plain.bytes().all(|digit| digit.is_ascii_digit());
    if !bare || digits.len() > MAX_DIGITS || mantissa.ends_with('.') {
        return None;
    }
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let unscaled = digits.parse::<BigInt>().ok()?.to_signed_bytes_be();
    Some(Decimal { unscaled, scale: i32::try_from(scale).ok()? })
}

/// Reads a number without a fraction, however it is spelt: `4`, `4.0` and `4e0` are the same.
pub(super) fn parse_whole(text: &str) -> Option<BigInt> {
    let number = parse(text)?;
    let unscaled = BigInt::from_signed_bytes_be(&number.unscaled);
    if unscaled.sign() == Sign::NoSign {
        return Some(unscaled);
    }
    let scale = number.scale.unsigned_abs();
    let power = || BigInt::from(10).pow(scale);
    if number.scale <= 0 {
        return (scale <= MAX_ZEROS).then(|| unscaled * power());
    }
    if scale as usize > MAX_DIGITS {
        return None;
    }
    let divisor = power();
    let whole = &unscaled / &divisor;
    (&whole * divisor == unscaled).then_some(whole)
}

/// The digits of an integer; one that is too long for that, as its bytes in hexadecimal.
pub(super) fn integer(bytes: &[u8]) -> String {
    if bytes.len() > MAX_BYTES {
        return format!("0x{}", hex::encode(bytes));
    }
    BigInt::from_signed_bytes_be(bytes).to_string()
}

/// The digits of a decimal, with an exponent where many zeros would only pad it, so that both of its numbers can be
/// read from the text.
pub(super) fn decimal(unscaled: &[u8], scale: i32) -> String {
    let digits = integer(unscaled);
    if digits.starts_with("0x") {
        return format!("{digits}E{}", -i64::from(scale));
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let exponent = length - 1 - i64::from(scale);
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    if scale < 0 || exponent < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E{exponent:+}");
    }
    let places = usize::try_from(scale).unwrap_or_default();
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_comes_back_as_it_was_written() {
        for text in
            ["0", "1", "-1", "1.10", "-0.001", "0.000001", "1E-7", "1.50E-45", "1E+3", "-1.2E+400", "0.00"]
        {
            let number = parse(text).unwrap();
            assert_eq!(decimal(&number.unscaled, number.scale), text);
        }
        for (text, written) in [("1e-7", "1E-7"), ("100e2", "1.00E+4"), ("0e5", "0E+5"), ("-12.5e1", "-125")]
        {
            let number = parse(text).unwrap();
            assert_eq!(decimal(&number.unscaled, number.scale), written);
        }
    }

    #[test]
    fn what_is_no_number_or_beyond_all_scales_is_none() {
        for text in
            ["", "-", ".", "1.", "abc", "1e", "0x1", "1e99999999999", "1_0", "NaN", "+ 1", "--1", "1.-1"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!(parse(&"9".repeat(MAX_DIGITS)).is_some() && parse(&"9".repeat(MAX_DIGITS + 1)).is_none());
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_spelt() {
        for (text, whole) in
            [("4", 4), ("4.0", 4), ("4e2", 400), ("-0.0", 0), ("1200e-2", 12), ("0e-9", 0), ("0e9", 0)]
        {
            assert_eq!(parse_whole(text), Some(BigInt::from(whole)), "{text}");
        }
        for text in ["4.5", "1e-1", "1e309", "1e1000000000", "4.0.0"] {
            assert_eq!(parse_whole(text), None, "{text}");
        }
        assert_eq!(parse_whole("1e308"), Some(BigInt::from(10).pow(308)));
        // Nothing is multiplied to find that it is nothing.
        assert_eq!(parse_whole("0e2000000000"), Some(BigInt::ZERO));
    }

    #[test]
    fn an_integer_keeps_its_digits_up_to_the_bound_and_its_bytes_beyond() {
        let longest = vec![0x7f; MAX_BYTES];
        let digits = integer(&longest);
        assert_eq!(parse_whole(&digits).unwrap().to_signed_bytes_be(), longest);
        assert!(integer(&vec![0x7f; MAX_BYTES + 1]).starts_with("0x7f7f"));
        assert_eq!(decimal(&vec![0x7f; MAX_BYTES + 1], 3).get(..4), Some("0x7f"));
    }
}
