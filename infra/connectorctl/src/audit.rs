//! `audit`: the record of who did what, read and never written here.

mod list;

use clap::Subcommand;

use crate::{context::Context, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists entries, newest first
    List(list::Arguments),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list::run(context, &arguments).await,
    }
}
