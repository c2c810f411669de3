//! The operator's command: what a deployment needs beside its APIs, and what no API may do.
//!
//! What is asked for goes to standard output and nothing else does, so that `$(…)` and pipes hold exactly it; what
//! a person should know besides goes to standard error.
#![expect(clippy::doc_markdown, reason = "the comments on the flags are help texts, read in a terminal")]

mod audit;
mod cli;
mod connector;
mod context;
mod failure;
mod keys;
mod license;
mod output;
mod session;
mod when;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{Cli, Group},
    context::Context,
    failure::Failure,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Wrong usage ends here with status 2; help and version with 0.
    let cli = Cli::parse();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::tell(&format!("error: {failure}"));
            failure.exit_code()
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let context = Context::new();
    match cli.group {
        Group::Keys(keys) => keys::run(&context, keys),
        Group::License(license) => license::run(&context, license).await,
        Group::Session(session) => session::run(&context, session).await,
        Group::Audit(audit) => audit::run(&context, audit).await,
        Group::Connector(connector) => connector::run(&context, connector).await,
    }
}
