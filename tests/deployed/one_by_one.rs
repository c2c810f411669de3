//! `infra/deploy`: each function by itself, with `cargo lambda deploy`.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use test_servers::{
    lacking,
    ministack::{ACCESS_KEY, REGION, SECRET_KEY},
};

use crate::stack::{Deployment, FUNCTIONS, workspace};

#[tokio::test]
async fn each_function_is_made_and_given_new_code_by_itself_and_keeps_its_variables() {
    let Some(path) = path_with_cargo_lambda() else { return };
    let Some(deployed) = Deployment::shared().await else { return };
    let variables = tempfile::NamedTempFile::new().unwrap();
    for function in FUNCTIONS {
        let logical: String = function.split('-').map(capital).collect();
        let of_stack = deployed.configuration(&logical).await;
        // What the stack gives it, and a value with what a shell would split.
        let mut given = of_stack["Environment"]["Variables"].as_object().unwrap().clone();
        given.insert("MCP_NOTES_OPTIONS_JSON".to_owned(), r#"{"a": "b, c", "d": 1}"#.into());
        given.retain(|_, value| value != "");
        let lines = given.iter().map(|(name, value)| format!("{name}='{}'\n", value.as_str().unwrap()));
        fs::write(variables.path(), lines.collect::<String>()).unwrap();

        let role = of_stack["Role"].as_str().unwrap();
        let file = variables.path().to_str().unwrap();
        let first = ["--role-arn", role, "--env-file", file, "--", "--memory", "256", "--timeout", "15"];
        deploy(deployed, &path, function, &first);
        let made = configuration(deployed, function).await;
        assert_eq!(made["Environment"]["Variables"].as_object().unwrap(), &given);
        assert_eq!((&made["MemorySize"], &made["Role"]), (&256.into(), &role.into()));

        deploy(deployed, &path, function, &[]);
        let again = configuration(deployed, function).await;
        for member in ["Environment", "MemorySize", "Timeout", "Role", "CodeSha256", "Runtime"] {
            assert_eq!(again[member], made[member], "{member}");
        }
        assert_eq!(again["Runtime"], "provided.al2023");
        let event = fs::read(workspace().join("events").join(event(function))).unwrap();
        let answer = deployed.aws.invoke(function, event).await;
        // The event's session or license is of another deployment.
        assert_eq!(answer["statusCode"], 401, "{answer}");
    }
}

#[test]
fn what_it_is_told_wrong_is_refused_before_anything_is_built() {
    // A machine without `cargo lambda`.
    let path = tempfile::tempdir().unwrap();
    for program in ["bash", "cat", "dirname"] {
        symlink(Path::new("/usr/bin").join(program), path.path().join(program)).unwrap();
    }
    let path = path.path();
    for (arguments, status, said) in [
        (["--function", "nothing"].as_slice(), 2, "there is no function nothing"),
        (&["--arch", "sparc"], 2, "--arch is arm64 or x86_64"),
        (&["--role-arn"], 2, "--role-arn needs a value"),
        (&["--what"], 2, "--what is no flag"),
        (&[], 1, "cargo lambda is not installed"),
    ] {
        let output = script(path, arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), told.contains(said)),
            (Some(status), true),
            "{arguments:?}: {told}"
        );
    }
    let help = script(path, &["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--endpoint-url"));
}

fn deploy(deployed: &Deployment, path: &Path, function: &str, further: &[&str]) {
    let endpoint = deployed.server.endpoint();
    let own = ["--no-build", "--function", function, "--endpoint-url", &endpoint];
    let output = script(path, &[own.as_slice(), further].concat());
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{function}: {}", String::from_utf8_lossy(&told));
}

fn script(path: &Path, arguments: &[&str]) -> Output {
    let mut script = Command::new(workspace().join("infra/deploy"));
    script.args(arguments).env("PATH", path).env_remove("AWS_PROFILE");
    script.envs([
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ]);
    script.output().unwrap()
}

async fn configuration(deployed: &Deployment, function: &str) -> serde_json::Value {
    let path = format!("/2015-03-31/functions/{function}/configuration");
    deployed.aws.get("lambda", &path).await.expect(200).json()
}

fn event(function: &str) -> &'static str {
    match function {
        "portal-connectors" => "portal-connectors-list.json",
        "portal-test" => "portal-test-simulated.json",
        "agent-invoke" => "agent-invoke-list.json",
        "agent-refresh" => "agent-refresh-tenant.json",
        _ => "cache-stats.json",
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// The path, with the folder of `cargo-lambda` where that is installed under the workspace's target.
#[expect(clippy::disallowed_methods, reason = "a developer says where the program is")]
fn path_with_cargo_lambda() -> Option<PathBuf> {
    let own = workspace().join("target/cargo-lambda/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).chain([own]).collect();
    if !folders.iter().any(|folder| folder.join("cargo-lambda").is_file()) {
        lacking(
            "cargo-lambda (python3 -m venv target/cargo-lambda && target/cargo-lambda/bin/pip install cargo-lambda ziglang)",
        );
        return None;
    }
    env::join_paths(folders).ok().map(PathBuf::from)
}
