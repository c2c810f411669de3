//! The query string of a request. A parameter that a route does not know is refused: a misspelt one would quietly
//! mean nothing, and who misspelt it would not learn so.

use model::{fault::shortened, problem::Problem};

use crate::call::Call;

/// Refuses a request with a query parameter that its route does not know.
pub fn only(call: &Call, known: &[&str]) -> Result<(), Problem> {
    match call.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, _)) => Err(unknown(name, known)),
    }
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
