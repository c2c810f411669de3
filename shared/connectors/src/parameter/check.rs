//! Parameters held against their declaration: every fault of a call at once, each at its place.

use jiff::civil::Date;
use model::{
    fault::{Fault, Pointer, shortened},
    parameters::Parameters,
};
use serde_json::Value;

use super::{Choice, Kind, Parameter};
use crate::operation::near_miss;

/// The most faults that are told of one call: they go back to their sender.
const MAX_FAULTS: usize = 50;

/// Every fault of a call's parameters, up to [`MAX_FAULTS`].
pub(crate) fn faults(declared: &[Parameter], choices: &[Choice], given: &Parameters) -> Vec<Fault> {
    let mut faults = Vec::new();
    let names: Vec<&str> = given.iter().map(|(name, _)| name).collect();
    members(declared, &names, |name| given.value(name), &Pointer::field("parameters"), &mut faults);
    for choice in choices {
        let null_is_a_value =
            |name: &str| declared.iter().any(|member| member.name == name && takes_null(member.kind));
        let given =
            |name: &&&str| given.raw(name).is_some_and(|text| text != "null" || null_is_a_value(name));
        let made = match choice {
            Choice::AnyOf(names) => names.iter().any(|name| given(&name)),
            Choice::OneOf(names) => names.iter().filter(given).count() == 1,
            Choice::AtMostOne(names) => names.iter().filter(given).count() <= 1,
        };
        if !made {
            faults.push(Fault::at(Pointer::field("parameters"), format!("must hold {}", choice.says())));
        }
    }
    faults.truncate(MAX_FAULTS);
    faults
}

fn members(
    declared: &[Parameter],
    given: &[&str],
    value: impl Fn(&str) -> Option<Value>,
    at: &Pointer,
    faults: &mut Vec<Fault>,
) {
    let known = || declared.iter().map(|member| member.name);
    let unknown = given.iter().filter(|name| !known().any(|known| known == **name));
    for name in unknown.take(MAX_FAULTS) {
        let meant =
            near_miss(known(), name).map_or(String::new(), |meant| format!("; did you mean {meant}?"));
        let all: Vec<&str> = known().collect();
        let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        faults.push(Fault::at(at.child(name), format!("is not known here{meant}; known are {all}")));
    }
    for member in declared {
        let pointer = at.child(member.name);
        match value(member.name).filter(|value| !value.is_null() || takes_null(member.kind)) {
            Some(value) => {
                let before = faults.len();
                of_kind(member.kind, &value, &pointer, faults);
                let wrong = member.written.and_then(|written| written(&value.to_string()).err());
                // A value of another kind has no other form.
                faults.extend(wrong.filter(|_| faults.len() == before).map(|why| Fault::at(pointer, why)));
            }
            None if member.required => {
                faults.push(Fault::at(pointer, format!("is needed: {}", says(member.kind))));
            }
            None => {}
        }
    }
}

/// Whether null is a value of the kind, and not as good as nothing.
pub(crate) fn takes_null(kind: Kind) -> bool {
    match kind {
        Kind::Null => true,
        Kind::Either(kinds) => kinds.iter().any(|kind| takes_null(*kind)),
        _ => false,
    }
}

fn of_kind(kind: Kind, value: &Value, at: &Pointer, faults: &mut Vec<Fault>) {
    match (kind, value) {
        (Kind::Shape(declared), Value::Object(map)) => {
            let names: Vec<&str> = map.keys().map(String::as_str).collect();
            members(declared, &names, |name| map.get(name).cloned(), at, faults);
        }
        (Kind::List(kind, most), Value::Array(items)) if (1..=most).contains(&items.len()) => {
            for (index, item) in items.iter().enumerate() {
                if faults.len() >= MAX_FAULTS {
                    return;
                }
                of_kind(*kind, item, &at.child(&index.to_string()), faults);
            }
        }
        (Kind::Either(kinds), value) => either(kinds, value, at, faults),
        (kind, value) if fits(kind, value) => {}
        (kind, value) => {
            let seen = value.as_str().map_or(String::new(), |text| format!(", not {:?}", shortened(text)));
            faults.push(Fault::at(at.clone(), format!("must be {}{seen}", says(kind))));
        }
    }
}

/// The faults of the kind that comes nearest, where none fits: a list with one wrong element is a list.
fn either(kinds: &[Kind], value: &Value, at: &Pointer, faults: &mut Vec<Fault>) {
    let tried = kinds.iter().map(|kind| {
        let mut found = Vec::new();
        of_kind(*kind, value, at, &mut found);
        found
    });
    let tried: Vec<Vec<Fault>> = tried.collect();
    if tried.iter().any(Vec::is_empty) {
        return;
    }
    let nearer = tried.into_iter().find(|found| found.iter().all(|fault| fault.pointer != *at));
    let not_one = || vec![Fault::at(at.clone(), format!("must be {}", list(kinds)))];
    faults.extend(nearer.unwrap_or_else(not_one));
}

fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| says(*kind)).collect::<Vec<_>>().join(", or ")
}

fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Text => value.as_str().is_some_and(|text| !text.is_empty()),
        Kind::UpTo(most) => value.as_str().is_some_and(|text| text.chars().count() <= most),
        Kind::Integer(least, most) => value.as_i64().is_some_and(|number| (least..=most).contains(&number)),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Date => value.as_str().is_some_and(is_date),
        Kind::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        Kind::Object => value.is_object(),
        Kind::Null => value.is_null(),
        // Taken apart above where they are what they should be.
        Kind::Shape(_) | Kind::List(..) | Kind::Either(_) => false,
    }
}

/// Only the form that every vendor takes.
fn is_date(text: &str) -> bool {
    text.len() == "2026-12-31".len() && text.parse::<Date>().is_ok()
}

/// What a value of the kind is, for people.
pub(crate) fn says(kind: Kind) -> String {
    match kind {
        Kind::Text => "text that is not empty".into(),
        Kind::UpTo(most) => format!("text of at most {most} characters"),
        Kind::Integer(i64::MIN, i64::MAX) => "an integer".into(),
        Kind::Integer(least, i64::MAX) => format!("an integer from {least} on"),
        Kind::Integer(least, most) => format!("an integer from {least} to {most}"),
        Kind::Number => "a number".into(),
        Kind::Boolean => "true or false".into(),
        Kind::Date => "a day such as 2026-12-31".into(),
        Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        Kind::Object | Kind::Shape(_) => "an object".into(),
        Kind::List(kind, 1) => format!("a list of one, {}", says(*kind)),
        Kind::List(kind, most) => format!("a list of 1 to {most}, each {}", says(*kind)),
        Kind::Either(kinds) => list(kinds),
        Kind::Null => "null".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{optional, required};
    use serde_json::{json, value::RawValue};

    const INPUT: Kind = Kind::Shape(&[
        required("id", Kind::Text, "Which."),
        optional("size", Kind::Integer(1, 9), "How large."),
    ]);
    fn shouted(json: &str) -> Result<Box<RawValue>, String> {
        let shouts = json.chars().all(|c| !c.is_lowercase());
        if shouts { Ok(RawValue::from_string(json.into()).unwrap()) } else { Err("must be shouted".into()) }
    }

    const DECLARED: &[Parameter] = &[
        required("name", Kind::Text, "A name."),
        optional("cry", Kind::Text, "A cry.").written(shouted),
        required("day", Kind::Date, "A day."),
        optional("note", Kind::UpTo(3), "A note."),
        optional("count", Kind::Integer(1, 5), "A count."),
        optional("colour", Kind::OneOf(&["red", "blue"]), "A colour."),
        optional("inputs", Kind::List(&INPUT, 2), "Some."),
        optional("who", Kind::Either(&[Kind::Text, Kind::Null]), "Somebody or nobody."),
    ];

    fn found(given: &Value) -> Vec<String> {
        chosen(&[], given)
    }

    fn chosen(choices: &[Choice], given: &Value) -> Vec<String> {
        let given = Parameters::parse(given.to_string().as_bytes()).unwrap();
        let shown = |fault: Fault| format!("{} {}", fault.pointer, fault.detail);
        faults(DECLARED, choices, &given).into_iter().map(shown).collect()
    }

    #[test]
    fn a_choice_is_made_among_what_is_there() {
        let found = |choice, more: Value| {
            let mut given = json!({"name": "a", "day": "2026-12-31"});
            given.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            chosen(&[choice], &given)
        };
        let (any, one) = (Choice::AnyOf(&["note", "count"]), Choice::OneOf(&["note", "count"]));
        for more in [json!({"note": "a"}), json!({"count": 1, "note": null})] {
            assert!(found(any, more.clone()).is_empty() && found(one, more).is_empty());
        }
        for more in [json!({}), json!({"note": null})] {
            assert_eq!(found(any, more.clone()), ["/parameters must hold at least one of note, count"]);
            assert_eq!(found(one, more), ["/parameters must hold one of note, count, and only one"]);
        }
        // Null is one where it is a value.
        let nobody = Choice::OneOf(&["who", "count"]);
        assert!(found(nobody, json!({"who": null})).is_empty());
        assert_eq!(found(nobody, json!({"who": null, "count": 1})).len(), 1);
        let both = json!({"note": "a", "count": 1});
        assert!(found(any, both.clone()).is_empty());
        assert_eq!(found(one, both.clone()), ["/parameters must hold one of note, count, and only one"]);
        let most = Choice::AtMostOne(&["note", "count"]);
        assert!(found(most, json!({})).is_empty() && found(most, json!({"count": 1})).is_empty());
        assert_eq!(found(most, both), ["/parameters must hold at most one of note, count"]);
    }

    #[test]
    fn what_is_declared_passes_on_both_sides_of_each_bound() {
        let good =
            json!({"name": "a", "day": "2028-02-29", "note": "", "count": 1, "colour": "red", "who": null});
        assert!(found(&good).is_empty(), "{:?}", found(&good));
        let good = json!({"name": "a", "day": "2026-12-31", "note": "äöü", "count": 5, "inputs": [
            {"id": "x", "size": 9}, {"id": "y"}], "who": "me"});
        assert!(found(&good).is_empty(), "{:?}", found(&good));
    }

    #[test]
    fn every_fault_is_told_at_once_and_at_its_place() {
        let wrong = json!({"name": "", "note": "four", "count": 6, "colour": "green", "nmae": 1, "who": 7,
            "inputs": [{"size": 0}, {"id": 7, "more": true}]});
        assert_eq!(
            found(&wrong),
            [
                "/parameters/nmae is not known here; did you mean name?; known are name, cry, day, note, count, colour, inputs, who",
                "/parameters/name must be text that is not empty, not \"\"",
                "/parameters/day is needed: a day such as 2026-12-31",
                "/parameters/note must be text of at most 3 characters, not \"four\"",
                "/parameters/count must be an integer from 1 to 5",
                "/parameters/colour must be one of red, blue, not \"green\"",
                "/parameters/inputs/0/id is needed: text that is not empty",
                "/parameters/inputs/0/size must be an integer from 1 to 9",
                "/parameters/inputs/1/more is not known here; known are id, size",
                "/parameters/inputs/1/id must be text that is not empty",
                "/parameters/who must be text that is not empty, or null",
            ]
        );
        for (value, fault) in [
            (json!(0), "must be an integer from 1 to 5"),
            (json!(1.5), "must be an integer from 1 to 5"),
            (json!("2"), "must be an integer from 1 to 5, not \"2\""),
        ] {
            let wrong = found(&json!({"name": "a", "day": "2026-12-31", "count": value}));
            assert_eq!(wrong, [format!("/parameters/count {fault}")]);
        }
        for list in [json!([]), json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]), json!({})] {
            let wrong = found(&json!({"name": "a", "day": "2026-12-31", "inputs": list}));
            assert_eq!(wrong, ["/parameters/inputs must be a list of 1 to 2, each an object"]);
        }
        for (cry, fault) in [(json!("aUCH"), "must be shouted"), (json!(7), "must be text that is not empty")]
        {
            let wrong = found(&json!({"name": "a", "day": "2026-12-31", "cry": cry}));
            assert_eq!(wrong, [format!("/parameters/cry {fault}")]);
        }
        for day in ["2026-02-30", "20261231", "2026-12-31T00:00:00Z", "tomorrow"] {
            assert_eq!(found(&json!({"name": "a", "day": day})).len(), 1, "{day}");
        }
    }
}
