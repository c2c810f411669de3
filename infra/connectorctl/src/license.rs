//! `license`: keys of the agent API. A license is signed and not stored; only a revoked one has an item in a table.

mod inspect;
mod issue;
mod public;
mod revoke;
mod revoked;
mod text;

use clap::Subcommand;

use crate::{context::Context, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Issues a license and prints its key
    Issue(issue::Arguments),
    /// Shows what a license key says, and whether it would be accepted
    Inspect(inspect::Arguments),
    /// Revokes a license: from the next call on it is refused everywhere
    Revoke(revoke::Arguments),
    /// Lists the revoked licenses
    Revoked(revoked::Arguments),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Issue(arguments) => issue::run(context, &arguments),
        Command::Inspect(arguments) => inspect::run(context, &arguments).await,
        Command::Revoke(arguments) => revoke::run(context, &arguments).await,
        Command::Revoked(arguments) => revoked::run(context, &arguments).await,
    }
}
