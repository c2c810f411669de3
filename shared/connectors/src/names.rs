//! Names of a result's columns. Those that come up twice get a number, so that no value is lost.

use std::collections::{HashMap, HashSet};

/// `a, a, b` become `a, a_2, b`; a name that a column has anyway is not made up.
pub(crate) fn distinct(names: &[&str]) -> Vec<String> {
    let given: HashSet<&str> = names.iter().copied().collect();
    let mut next: HashMap<&str, usize> = HashMap::new();
    names
        .iter()
        .map(|name| {
            let number = next.entry(name).or_insert(1);
            let mut chosen = (*name).to_owned();
            while *number > 1 && given.contains(chosen.as_str()) {
                chosen = format!("{name}_{number}");
                *number += 1;
            }
            *number = (*number).max(2);
            chosen
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn no_column_loses_its_value_to_another_of_its_name() {
        assert_eq!(distinct(&["a", "b", "a", "a", "a_2"]), ["a", "b", "a_3", "a_4", "a_2"]);
        assert_eq!(distinct(&["?column?", "?column?"]), ["?column?", "?column?_2"]);
    }
}
