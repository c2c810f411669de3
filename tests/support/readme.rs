//! The walk of the README, for whoever runs it: as it stands, against any deployment.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The shell blocks under the heading of the walk.
#[derive(Clone)]
pub struct Walk {
    text: String,
}

impl Walk {
    /// As the README has it.
    pub fn read() -> Self {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
        let readme = std::fs::read_to_string(readme).expect("the README");
        let section = readme.split("## A five-minute walk").nth(1).expect("the walk");
        let section = section.split("\n## ").next().unwrap_or_default();
        let blocks = section.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
        let walk = Self { text: blocks.collect() };
        assert!(walk.promised().len() > 20, "the walk has lost its statuses");
        walk
    }

    /// The same with another text in place of each occurrence of one, which must be there.
    #[must_use]
    pub fn replace(self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "the walk has lost {from}");
        Self { text: self.text.replace(from, to) }
    }

    /// Runs it in a folder that has a `.local`. The statuses are printed behind the answers; the operator's command
    /// is built once, not run through cargo. `flags` go to every `curl`.
    pub fn run(&self, folder: &Path, flags: &str) -> Output {
        let ctl = format!("'{}'", connectorctl().display());
        let walk = self.text.replace("cargo run -q -p connectorctl --", &ctl);
        let script = format!(
            "set -eu\ncurl() {{ command curl -sS {flags} -w '\\nSTATUS %{{http_code}}\\n' \"$@\"; }}\n{walk}"
        );
        Command::new("sh").arg("-c").arg(script).current_dir(folder).output().expect("a shell")
    }

    /// Expects that every command answered as the comment before it promises.
    pub fn check(&self, output: &Output) {
        let (printed, told) = (text(&output.stdout), text(&output.stderr));
        let answered: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("STATUS ")).collect();
        assert_eq!(answered, self.promised(), "{printed}\n{told}");
        assert!(output.status.success(), "{told}");
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

    fn promised(&self) -> Vec<&str> {
        self.text.lines().filter_map(status_comment).collect()
    }
}

/// The operator's command: as this build of the workspace made it, or made now.
pub fn connectorctl() -> PathBuf {
    // Tests lie in `deps`, beside which programs lie.
    let test = std::env::current_exe().expect("a test's own path");
    let path = test.ancestors().nth(2).expect("the folder of a profile").join("connectorctl");
    if !path.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "-q", "-p", "connectorctl"]).status();
        assert!(built.is_ok_and(|status| status.success()), "connectorctl can't be built");
    }
    path
}

/// `# 201` or `# 201: why` gives `201`.
fn status_comment(line: &str) -> Option<&str> {
    let code = line.strip_prefix("# ")?.get(..3)?;
    code.chars().all(|c| c.is_ascii_digit()).then_some(code)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
