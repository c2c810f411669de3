//! `keys`: the pairs that licenses are signed by. The private half stays with whoever issues licenses; the public
//! halves are `LICENSE_PUBLIC_KEYS` of the functions, so that no function can issue a license.

pub(crate) mod file;
mod generate;
pub(crate) mod jwks;
mod list;
mod remove;

use clap::Subcommand;

use crate::{context::Context, failure::Failure};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes an Ed25519 key pair: a private file, and the public key set for LICENSE_PUBLIC_KEYS
    Generate(generate::Arguments),
    /// Lists the keys of a public key set
    List(list::Arguments),
    /// Takes a key out of a public key set: the licenses that it signed end with the next deployment
    Remove(remove::Arguments),
}

pub(crate) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Generate(arguments) => generate::run(context, &arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Remove(arguments) => remove::run(&arguments),
    }
}

/// Reads the identifier of a key.
pub(crate) fn key_id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    // One that begins with `-` would read as a flag.
    if text.len() <= 64 && text.chars().all(fits) && !text.is_empty() && !text.starts_with('-') {
        Ok(text.to_owned())
    } else {
        Err("use 1 to 64 of the characters A-Z a-z 0-9 . _ - and begin with another than -".to_owned())
    }
}
