//! `canaries FILE…`: searches the output of whole runs for marked secrets. `.ci/canaries` runs it.
#![expect(clippy::print_stderr, reason = "what is found is said where a run is read")]

use std::{fs, process::ExitCode};

use test_servers::canary::{Output, REPORT, find};

fn main() -> ExitCode {
    let mut found = 0;
    for path in std::env::args().skip(1) {
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        };
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            // What was found during the run is said there, with the secret left out.
            let told = line.windows(REPORT.len()).any(|part| part == REPORT.as_bytes());
            let leak = find(Output::Log, line);
            if told || leak.is_some() {
                found += 1;
                let what = leak.map_or_else(|| "found during the run".to_owned(), |leak| leak.what);
                eprintln!("{path}:{}: {what}", number + 1);
            }
        }
    }
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
