//! The query parameters of a path and what their values must look like.

use super::errors;
use crate::{Answer, seen::Seen, strict};

/// One parameter: its name, with a `*` behind it where it may be repeated; whether it must be there; its form.
pub(super) type Rule = (&'static str, bool, fn(&str) -> bool);

/// Refuses what is not of its form, and notes what the vendor doesn't know.
pub(super) fn check(seen: &Seen, rules: &[Rule], violations: &mut Vec<String>) -> Result<(), Answer> {
    let names: Vec<&str> = rules.iter().map(|(name, ..)| *name).collect();
    violations.extend(strict::query(seen, &names));
    for (name, required, fits) in rules {
        let name = name.trim_end_matches('*');
        let values: Vec<String> =
            seen.query_pairs().into_iter().filter(|(known, _)| known == name).map(|(_, v)| v).collect();
        if values.is_empty() && *required {
            return Err(errors::missing(name));
        }
        if !values.iter().all(|value| fits(value)) {
            return Err(if name == "subType" || name == "view" {
                errors::option(name)
            } else {
                errors::format(name)
            });
        }
    }
    Ok(())
}

pub(super) fn iata(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|c| c.is_ascii_uppercase())
}

pub(super) fn country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|c| c.is_ascii_uppercase())
}

pub(super) fn airlines(text: &str) -> bool {
    let airline =
        |code: &str| code.len() == 2 && code.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    text.split(',').all(airline)
}

pub(super) fn date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits: usize, most: u32| {
        parts.next().is_some_and(|part| {
            part.len() == digits && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
        })
    };
    part(4, 9999) && part(2, 12) && part(2, 31) && parts.next().is_none()
}

pub(super) fn one_to_nine(text: &str) -> bool {
    matches!(text.parse(), Ok(1..=9))
}

pub(super) fn up_to_nine(text: &str) -> bool {
    matches!(text.parse(), Ok(0..=9))
}

pub(super) fn positive(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|n| n > 0)
}

pub(super) fn offset(text: &str) -> bool {
    text.parse::<u32>().is_ok()
}

pub(super) fn flag(text: &str) -> bool {
    matches!(text, "true" | "false")
}

pub(super) fn latitude(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|n| (-90.0..=90.0).contains(&n))
}

pub(super) fn longitude(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|n| (-180.0..=180.0).contains(&n))
}

pub(super) fn cabin(text: &str) -> bool {
    matches!(text, "ECONOMY" | "PREMIUM_ECONOMY" | "BUSINESS" | "FIRST")
}

pub(super) fn places(text: &str) -> bool {
    text.split(',').all(|kind| matches!(kind, "AIRPORT" | "CITY"))
}

pub(super) fn hotel_kind(text: &str) -> bool {
    matches!(text, "HOTEL_LEISURE" | "HOTEL_GDS")
}

pub(super) fn property(text: &str) -> bool {
    let one = |id: &str| id.len() == 8 && id.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    text.split(',').all(one)
}

pub(super) fn twenty_properties(text: &str) -> bool {
    property(text) && text.split(',').count() <= 20
}

pub(super) fn ninety_nine_properties(text: &str) -> bool {
    property(text) && text.split(',').count() <= 99
}

pub(super) fn anything(text: &str) -> bool {
    !text.is_empty()
}

pub(super) fn keyword(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ./:-'()\"".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}

pub(super) fn city_keyword(text: &str) -> bool {
    (2..=10).contains(&text.len()) && keyword(text)
}

pub(super) fn hotel_keyword(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " *'-".contains(c);
    (3..=40).contains(&text.len()) && text.chars().all(allowed)
}

pub(super) fn radius(text: &str) -> bool {
    matches!(text.parse(), Ok(1..=300))
}

pub(super) fn wide_radius(text: &str) -> bool {
    matches!(text.parse(), Ok(0..=500))
}

pub(super) fn one_to_twenty(text: &str) -> bool {
    matches!(text.parse(), Ok(1..=20))
}
