//! The walk of the README, as a reader would paste it: every command runs and answers with the status that the
//! comment before it promises.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that can't be set up has failed")]

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

#[test]
fn the_walk_of_the_readme_answers_as_it_says() {
    if !available("curl") {
        return;
    }
    let walk = walk();
    let promised: Vec<&str> = walk.lines().filter_map(status_comment).collect();
    assert!(promised.len() > 20, "the walk has lost its statuses");

    let folder = tempfile::tempdir().unwrap();
    let mut stack = start(folder.path());
    // The statuses are printed behind the answers; the operator's command is built once, not run through cargo.
    let script = format!(
        "set -eu\ncurl() {{ command curl -sS -w '\\nSTATUS %{{http_code}}\\n' \"$@\"; }}\n{}",
        walk.replace("cargo run -q -p connectorctl --", &format!("'{}'", connectorctl().display()))
    );
    // Twice: the walk says that it can be repeated.
    let outputs =
        [(); 2].map(|()| Command::new("sh").arg("-c").arg(&script).current_dir(folder.path()).output());
    stack.kill().unwrap();
    stack.wait().unwrap();
    for output in outputs {
        check(&output.unwrap(), &promised);
    }
}

fn check(output: &Output, promised: &[&str]) {
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let answered: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("STATUS ")).collect();
    assert_eq!(answered, promised, "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // What a status alone does not show: how the live tests ended, what was written, and that it was audited.
    for part in [
        "The stage secret failed",
        "\"health_status\":\"healthy\"",
        "Call back on Monday",
        "succeeded: POST 201",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

/// The shell blocks under the heading of the walk.
fn walk() -> String {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let section = readme.split("## A five-minute walk").nth(1).unwrap().split("\n## ").next().unwrap();
    section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

/// `# 201` or `# 201: why` gives `201`.
fn status_comment(line: &str) -> Option<&str> {
    let code = line.strip_prefix("# ")?.get(..3)?;
    code.chars().all(|c| c.is_ascii_digit()).then_some(code)
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

/// The operator's command: as this build of the workspace made it, or made now.
fn connectorctl() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_local")).with_file_name("connectorctl");
    if !path.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "-q", "-p", "connectorctl"]).status().unwrap();
        assert!(built.success(), "connectorctl can't be built");
    }
    path
}

/// Whether a program is there; without it the test skips, and says so, unless all services are required.
#[expect(clippy::disallowed_methods, reason = "the one switch of the tests")]
fn available(program: &str) -> bool {
    let found =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || std::env::var_os("REQUIRE_SERVICES").is_none(), "{program} is required and not here");
    if !found {
        eprintln!("skipped: {program} is not here");
    }
    found
}
