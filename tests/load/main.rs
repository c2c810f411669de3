//! Load on the real stack over HTTP, in two uses: what a hanging tenant costs the others, and an hour of mixed load with
//! faults, of which nothing may be wrong.
#![expect(clippy::expect_used, reason = "a run that can't be set up has failed")]

mod arrival;
mod audit;
mod book;
mod caller;
mod connector;
mod dice;
mod editor;
mod hanging;
mod kinds;
mod log;
mod memory;
mod process;
mod report;
mod run;
mod sight;
mod sky;
mod soak;
mod stack;
mod timeline;
mod upstream;
mod weather;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use hanging::Hanging;
use soak::Soak;

/// Load on the local stack over HTTP: tables, secrets, gateways and several containers, in processes of their own.
#[derive(Parser)]
#[command(name = "load", version)]
struct Flags {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Mixed load with faults on: no wrong answer, no lost write, no growth of memory
    Soak(Soak),
    /// What a tenant whose upstream never answers costs the others
    Hanging(Hanging),
    /// The tables and the secrets, as a process of the stack
    #[command(hide = true)]
    Aws { tenants: Vec<String> },
    /// The functions, as a process of the stack
    #[command(hide = true)]
    Functions { endpoint: String, containers: u8 },
}

#[tokio::main]
async fn main() -> ExitCode {
    let right = match Flags::parse().role {
        Role::Soak(soak) => soak.run().await,
        Role::Hanging(hanging) => hanging.run().await,
        Role::Aws { tenants } => {
            stack::aws(&tenants).await;
            true
        }
        Role::Functions { endpoint, containers } => {
            stack::functions(&endpoint, containers).await;
            true
        }
    };
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
