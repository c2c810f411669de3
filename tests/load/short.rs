//! The soak in short, over the real processes: a sound stack passes, and each flaw that it is there for is found. How
//! long the sound one lasts is `SOAK_SECONDS`, 20 unless set.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_load");

fn soak(seconds: f64, more: &[&str]) -> (Output, String) {
    let minutes = (seconds / 60.0).to_string();
    let mut command = Command::new(BINARY);
    let output = command.args(["soak", "--seed", "7", "--minutes", &minutes]).args(more).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, told)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment how long it may last")]
fn a_sound_stack_gives_no_wrong_answer_while_aws_and_the_upstream_misbehave() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let (output, page) = soak(seconds.unwrap_or(20.0), &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{page}{told}");
    for part in ["Violations: 0", "| agent execute | 200: ", "| portal update | 200: ", "done, hung up"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn every_flaw_that_it_is_there_for_is_found() {
    for (flaw, found) in [
        ("no-markers", "possible were"),
        ("lost-writes", "this record could not be seen"),
        ("lost-audits", "stands in the audit as None"),
        ("shown-secrets", "an answer holds a session, a license or a secret"),
        ("foreign-rows", "is shown what is another tenant's"),
        ("twice-taken", "the upstream took it 2 times"),
    ] {
        // It ends when it has found something; what only the audit shows is found in the end.
        let seconds = if flaw == "lost-audits" { 6.0 } else { 15.0 };
        let (output, page) = soak(seconds, &["--flaw", flaw]);
        assert_eq!(output.status.code(), Some(1), "{flaw}: {page}");
        assert!(page.contains(found), "{flaw}: {page}");
    }
}

#[test]
fn a_run_that_would_show_nothing_is_refused_in_words() {
    for (arguments, told) in [
        (["soak", "--minutes", "0"], "a number from 0.01 to 1400"),
        (["soak", "--minutes", "-1"], "a number from 0.01 to 1400"),
        (["soak", "--minutes", "NaN"], "a number from 0.01 to 1400"),
        (["soak", "--minutes", "1e18"], "a number from 0.01 to 1400"),
        (["soak", "--seed", "-1"], "invalid value '-1' for '--seed <SEED>'"),
        (["hanging", "--bar", "0"], "a number above 0"),
        (["hanging", "--bar", "NaN"], "a number above 0"),
        (["hanging", "--calls", "0"], "invalid value '0' for '--calls <CALLS>'"),
        (["hanging", "--turns", "0"], "invalid value '0' for '--turns <TURNS>'"),
    ] {
        let output = Command::new(BINARY).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{arguments:?}: {output:?}");
    }
}
