//! The process's variables, read once. Look-ups go by name; the connectors that variables declare are found by
//! going through all of them.

use std::{collections::BTreeMap, sync::Arc};

use zeroize::Zeroizing;

/// Variables with their values, some of which are credentials: there is no `Debug`. A variable that is not UTF-8
/// counts as absent.
#[derive(Clone, Default)]
pub struct Environment(Arc<BTreeMap<String, Zeroizing<String>>>);

impl Environment {
    /// The process's own.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(text).collect()
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// Every variable.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        let zeroising = variables.into_iter().map(|(name, value)| (name, Zeroizing::new(value)));
        Self(Arc::new(zeroising.collect()))
    }
}
