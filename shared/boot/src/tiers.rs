//! The lower tiers' I/O: finding and reading the configuration file. Only functions that call upstreams ask for it;
//! the portal neither pays for a file nor stops at its faults.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tiers::{MAX_BYTES, Rules, Tiers};
use zeroize::Zeroizing;

use crate::settings::{Settings, SettingsError};

const VARIABLE: &str = "AXONFLOW_CONFIG_FILE";
/// Where a file is looked for when none is named; the first that exists is read.
const PLACES: [&str; 3] = ["./axonflow.yaml", "./config/axonflow.yaml", "/etc/axonflow/axonflow.yaml"];

/// Reads both tiers.
pub(crate) fn read(settings: &Settings, now: Timestamp) -> Result<Tiers, SettingsError> {
    let file = find(settings.config_file.as_deref(), &PLACES.map(PathBuf::from))?;
    let file = file.as_ref().map(|(path, content)| tiers::File { path, content });
    let rules = Rules { allow: &settings.egress_allow, now };
    Ok(Tiers::read(file, settings.environment.iter(), rules)?)
}

type Found = (String, Zeroizing<Vec<u8>>);

/// The named file, which must exist, or the first of the places that does.
fn find(named: Option<&Path>, places: &[PathBuf]) -> Result<Option<Found>, SettingsError> {
    let wrong = |path: &Path, error: io::Error| {
        SettingsError::new(VARIABLE, format!("can't be read: {}: {error}", path.display()))
    };
    if let Some(path) = named {
        return content(path)
            .map(|content| Some((path.display().to_string(), content)))
            .map_err(|e| wrong(path, e));
    }
    for path in places {
        match content(path) {
            Ok(content) => return Ok(Some((path.display().to_string(), content))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            // A file that is there and can't be read was meant to be.
            Err(error) => return Err(wrong(path, error)),
        }
    }
    Ok(None)
}

/// The file's bytes, and at most one more than a file may have.
fn content(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    // The room is taken at once: a buffer that grows leaves copies of what it held.
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const FILE: &str =
        "version: '1.0'\nconnectors:\n  chat: {type: slack, credentials: {bot_token: '${T}'}}\n";

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::of(&owned.collect()).ok().unwrap()
    }

    fn named(content: &str, more: &[(&str, &str)]) -> Result<Tiers, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, content).unwrap();
        let named = [(VARIABLE, path.to_str().unwrap())];
        read(&settings(&[&named, more].concat()), Timestamp::UNIX_EPOCH)
    }

    fn credentials(tiers: &Tiers, name: &str) -> Option<Zeroizing<String>> {
        tiers.find(&"t".parse().unwrap(), &name.parse().unwrap())?.credentials
    }

    #[test]
    fn a_named_file_is_read_with_the_variables_it_needs() {
        let tiers =
            named(FILE, &[("T", "xoxb"), ("MCP_JIRA_URL", "https://j.example.com"), ("MCP_JIRA_TOKEN", "j")]);
        let tiers = tiers.ok().unwrap();
        assert_eq!(credentials(&tiers, "chat").unwrap().as_str(), r#"{"bot_token":"xoxb"}"#);
        assert_eq!(credentials(&tiers, "jira").unwrap().as_str(), r#"{"api_token":"j"}"#);
    }

    #[test]
    fn every_fault_stops_the_start_and_names_file_line_and_key() {
        let error = named(FILE, &[("MCP_SLACK_TIMEOUT", "1")]).err().unwrap().to_string();
        let lines: Vec<_> = error.lines().collect();
        assert_eq!(lines.len(), 2, "{error}");
        assert!(
            lines[0].contains("a.yaml:3: connectors.chat.credentials.bot_token needs the variable T"),
            "{error}"
        );
        assert!(lines[1].starts_with("MCP_SLACK_TIMEOUT must be"), "{error}");
    }

    #[test]
    fn a_named_file_that_is_missing_or_a_folder_is_an_error() {
        for path in ["/does/not/exist.yaml", "/"] {
            let error =
                read(&settings(&[(VARIABLE, path)]), Timestamp::UNIX_EPOCH).err().unwrap().to_string();
            assert!(error.starts_with(VARIABLE) && error.contains(path), "{error}");
        }
    }

    #[test]
    fn the_first_place_that_has_a_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let places = [place("a.yaml"), place("b.yaml"), place("b.yaml/c.yaml")];
        assert!(find(None, &places).ok().unwrap().is_none());
        fs::write(&places[1], "b").unwrap();
        assert_eq!(find(None, &places).ok().unwrap().unwrap().1.as_slice(), b"b");
        fs::write(&places[0], "a").unwrap();
        assert_eq!(find(None, &places).ok().unwrap().unwrap().1.as_slice(), b"a");
    }

    #[test]
    fn a_file_that_is_there_and_can_not_be_read_is_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        assert!(find(None, &[folder.path().to_owned()]).is_err());
    }

    #[test]
    fn an_endless_file_is_not_read_to_its_end() {
        let error = read(&settings(&[(VARIABLE, "/dev/zero")]), Timestamp::UNIX_EPOCH).err().unwrap();
        assert_eq!(error.to_string(), "/dev/zero: is larger than 1048576 bytes");
    }
}
