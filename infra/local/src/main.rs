//! `cargo run`: the whole system on this machine, until Ctrl-C.
#![expect(clippy::doc_markdown, reason = "the comments on the flags are help texts, read in a terminal")]

use std::{io::Write, path::PathBuf, process::ExitCode};

use boot::Settings;
use clap::Parser;
use local::{Config, Stack, welcome};
use model::rules::DeploymentMode;
use tokio::signal::unix::{SignalKind, signal};

/// The connector platform on this machine: portal API, agent API, DynamoDB and Secrets Manager in one process,
/// with two tenants and a demo upstream. Needs no Docker, no JVM and no AWS account.
///
/// The settings of a deployment (EGRESS_ALLOW, AXONFLOW_CONFIG_FILE, MCP_*, ...) are read from the environment, and
/// axonflow.yaml from this folder; the README explains them. LOG_LEVEL sets how much is logged (error, warn, info,
/// debug, trace).
#[derive(Parser)]
#[command(name = "local", version)]
struct Flags {
    /// Port of the portal API; 0 takes a free one
    #[arg(long, default_value_t = 9000)]
    portal_port: u16,
    /// Port of the agent API; 0 takes a free one
    #[arg(long, default_value_t = 9001)]
    agent_port: u16,
    /// Port of DynamoDB and Secrets Manager; 0 takes a free one
    #[arg(long, default_value_t = 9002)]
    aws_port: u16,
    /// Port of the demo upstream; 0 takes a free one
    #[arg(long, default_value_t = 9003)]
    demo_port: u16,
    /// Folder of everything that outlives the process; one process at a time
    #[arg(long, default_value = ".local")]
    data_dir: PathBuf,
    /// Who sees what: saas (a tenant its own) or invpc (platform-wide); without it DEPLOYMENT_MODE, else saas
    #[arg(long, value_parser = mode)]
    mode: Option<DeploymentMode>,
    /// Containers of the agent's function behind its one URL, each with a cache of its own, as Lambda runs several;
    /// calls are dealt to them in turn
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    containers: u8,
}

fn mode(word: &str) -> Result<DeploymentMode, String> {
    DeploymentMode::parse(word).ok_or_else(|| "use saas or invpc".to_owned())
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => return refuse_flags(&error),
    };
    boot::logging::text();
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn std::error::Error>> {
    // Before the welcome: whoever has read it may end the process in the same moment.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mode = flags.mode.map_or_else(|| Settings::from_environment().map(|settings| settings.mode), Ok)?;
    let stack = Stack::start(Config {
        portal_port: flags.portal_port,
        agent_port: flags.agent_port,
        aws_port: flags.aws_port,
        demo_port: flags.demo_port,
        data_dir: flags.data_dir,
        mode,
        containers: flags.containers,
    })
    .await?;
    print(&welcome(&stack));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stack.stop().await;
    Ok(())
}

/// Help and version are answers; anything else wrong with the flags is one line and exit 1.
fn refuse_flags(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        print(&error.render().to_string());
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    fail(&format!("{first} (--help lists the flags)"))
}

/// Whoever closed the pipe does not want to read it; the stack runs on.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line for each thing that is wrong: a configuration file can have several.
#[expect(clippy::print_stderr, reason = "the lines that say why nothing was started")]
fn fail(why: &str) -> ExitCode {
    why.lines().for_each(|line| eprintln!("error: {line}"));
    ExitCode::FAILURE
}
