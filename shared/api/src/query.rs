//! The query string of a request. A parameter that a route does not know is refused: a misspelt one would quietly
//! mean nothing, and who misspelt it would not learn so. For the same reason none may be there twice.

use model::{fault::shortened, problem::Problem};

use crate::call::Call;

/// Refuses a request with a query parameter that its route does not know, or with one twice.
pub fn only(call: &Call, known: &[&str]) -> Result<(), Problem> {
    check(call.query.iter().map(|(name, _)| name.as_str()), known)
}

fn check<'a>(names: impl Iterator<Item = &'a str>, known: &[&str]) -> Result<(), Problem> {
    let mut seen = Vec::new();
    for name in names {
        if !known.contains(&name) {
            return Err(unknown(name, known));
        }
        if seen.contains(&name) {
            return Err(Problem::bad_request(format!("The query parameter {name} is there twice.")));
        }
        seen.push(name);
    }
    Ok(())
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let instead = match known {
        [] => "this route takes none".to_owned(),
        [only] => format!("known is {only}"),
        several => format!("known are {}", several.join(", ")),
    };
    Problem::bad_request(format!("The query parameter {:?} is not known; {instead}.", shortened(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_at_most() {
        let check = |names: &[&str]| check(names.iter().copied(), &["health", "tenant_id"]);
        assert!(check(&[]).is_ok() && check(&["tenant_id", "health"]).is_ok());
        let twice = check(&["tenant_id", "health", "tenant_id"]).unwrap_err();
        assert_eq!(
            (twice.status, twice.detail.as_str()),
            (400, "The query parameter tenant_id is there twice.")
        );
    }

    #[test]
    fn the_refusal_says_what_is_known() {
        for (known, instead) in [
            (&[][..], "this route takes none"),
            (&["tenant_id"], "known is tenant_id"),
            (&["health", "tenant_id"], "known are health, tenant_id"),
        ] {
            let detail = unknown("healt", known).detail;
            assert_eq!(detail, format!("The query parameter \"healt\" is not known; {instead}."));
        }
    }
}
