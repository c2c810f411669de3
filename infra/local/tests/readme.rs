//! The walk of the README, as a reader would paste it: every command runs and answers with the status that the
//! comment before it promises.
#![expect(clippy::unwrap_used, reason = "a test that can't be set up has failed")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use end_to_end::Walk;

#[test]
fn the_walk_of_the_readme_answers_as_it_says() {
    if !test_servers::available("curl") {
        return;
    }
    let walk = Walk::read();
    let folder = tempfile::tempdir().unwrap();
    let mut stack = start(folder.path());
    // Twice: the walk says that it can be repeated.
    let outputs = [(); 2].map(|()| walk.run(folder.path(), ""));
    stack.kill().unwrap();
    stack.wait().unwrap();
    for output in &outputs {
        walk.check(output);
    }
}

fn start(folder: &Path) -> Child {
    let mut stack = Command::new(env!("CARGO_BIN_EXE_local"))
        .args(["--portal-port", "0", "--agent-port", "0", "--aws-port", "0", "--demo-port", "0"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(stack.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "Ready."), "the stack did not start");
    stack
}
