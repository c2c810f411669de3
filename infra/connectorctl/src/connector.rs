//! `connector`: what the portal API shows. It goes through the API and not through the table, so that an operator
//! sees what the session's user sees, masked as for everybody.

mod list;
mod portal;
mod show;

use clap::Subcommand;

use crate::{context::Context, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists connectors
    List(list::Arguments),
    /// Shows one connector
    Show(show::Arguments),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list::run(context, &arguments).await,
        Command::Show(arguments) => show::run(context, &arguments).await,
    }
}
