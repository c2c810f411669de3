//! That the search for marked secrets finds them: leaks are planted, one in each kind of output, and each must fail the
//! test that it is planted in and show in what that test wrote.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod planted;

use std::process::{Command, Output};

use end_to_end::canary::{self, REPORT};

/// Runs a planted test in a process of its own, whose output stays out of this one's.
fn run(planted: &str) -> Output {
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--ignored", "--exact", &format!("planted::{planted}"), "--nocapture"]).output().unwrap()
}

fn written(output: &Output) -> Vec<u8> {
    [output.stdout.as_slice(), &output.stderr].concat()
}

fn is_found(text: &[u8]) -> bool {
    let reported = text.windows(REPORT.len()).any(|part| part == REPORT.as_bytes());
    reported || canary::find(canary::Output::Log, text).is_some()
}

#[test]
fn a_leak_fails_the_test_that_it_is_in_wherever_it_comes_out() {
    for planted in [
        "in_a_line_of_the_log",
        "in_a_line_of_the_log_from_a_task",
        "a_session_in_the_log",
        "a_license_in_the_log",
        "an_arn_in_an_answer",
        "in_a_header_that_is_echoed",
        "encoded_in_an_error",
        "in_a_table",
        "a_parameter_in_the_audit",
        "in_a_file",
        "in_the_words_of_a_panic",
        "in_the_output_of_a_program",
    ] {
        let output = run(planted);
        assert_eq!(output.status.code(), Some(101), "{planted} went unnoticed");
        assert!(is_found(&written(&output)), "{planted} does not show");
    }
}

#[test]
fn what_may_come_out_fails_nothing() {
    let output = run("what_may_come_out");
    assert!(
        output.status.success() && !is_found(&written(&output)),
        "{}",
        String::from_utf8_lossy(&written(&output))
    );
}
