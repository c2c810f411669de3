//! `keys remove`

use std::path::PathBuf;

use clap::Args;

use super::{file, jwks::Jwks};
use crate::{failure::Failure, output};

const AFTER: &str = "\
Examples:
    connectorctl keys remove 2026 --public license-keys.json

Deploy the file as LICENSE_PUBLIC_KEYS afterwards. The last key stays unless --force is given: without any key no
license is valid.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Identifier of the key, as `keys list` shows it
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    kid: String,
    /// File of the public key set
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    /// Remove the last key as well
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { kid, public, force } = arguments;
    let mut keys = Jwks::read(public)?;
    if !keys.remove(kid) {
        let known: Vec<&str> = keys.keys().map(|(kid, _)| kid).collect();
        return Err(Failure::file(public, format!("holds no key {kid}; it holds {}", known.join(", "))));
    }
    if keys.keys().next().is_none() && !force {
        let why = format!("{kid} is its last key, and without one no license is valid; --force removes it");
        return Err(Failure::file(public, why));
    }
    file::write_public(public, &format!("{}\n", keys.to_line()), true)?;
    output::tell(&format!("key {kid} removed; deploy {} as LICENSE_PUBLIC_KEYS", public.display()));
    Ok(())
}
