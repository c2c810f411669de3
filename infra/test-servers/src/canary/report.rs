//! What becomes of a find: it is said on standard error, where the search over a whole run finds it too, and it fails
//! whoever asks for it.

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

use super::{Leak, Output, PARAMETER, SECRET, find};

/// Begins every report; `.ci/canaries` looks for it.
pub const REPORT: &str = "CANARY FOUND";

static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Searches an output, and notes what it finds under a word for the place.
pub fn check(place: &str, output: Output, bytes: &[u8]) {
    let Some(Leak { what, around }) = find(output, bytes) else { return };
    let report = format!("{REPORT} in {place}: {what}: {around}");
    eprintln!("{report}");
    LEAKS.lock().unwrap_or_else(PoisonError::into_inner).push(report);
}

/// Searches what a program wrote, and fails whoever ran it. Its standard output may be for what it was asked for, which
/// is known by its form (a license, a key) and never marked; its standard error is a log.
pub fn check_program(place: &str, stdout: &str, stderr: &str) {
    check(&format!("the standard error of {place}"), Output::Log, stderr.as_bytes());
    let marked = [SECRET, PARAMETER].iter().any(|marker| stdout.contains(marker));
    if marked {
        check(&format!("the standard output of {place}"), Output::Log, stdout.as_bytes());
    }
    let leaks = leaks();
    assert!(leaks.is_empty() || std::thread::panicking(), "{}", leaks.join("\n"));
}

/// What was found in this process since this was last asked.
pub fn leaks() -> Vec<String> {
    std::mem::take(&mut *LEAKS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A search through a folder.
pub struct Sweep<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Files and folders in it that are for secrets.
    pub but: &'a [&'a str],
}

impl Sweep<'_> {
    /// Searches every file.
    pub fn run(&self) {
        self.enter(self.folder);
    }

    fn enter(&self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let inside = path.strip_prefix(self.folder).unwrap_or(&path);
            if self.but.iter().any(|but| inside == Path::new(but)) {
                continue;
            }
            if path.is_dir() {
                self.enter(&path);
            } else if let Ok(bytes) = fs::read(&path) {
                check(&format!("the file {}", inside.display()), Output::Stored, &bytes);
            }
        }
    }
}
