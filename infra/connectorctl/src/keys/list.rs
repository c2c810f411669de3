//! `keys list`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::jwks::Jwks;
use crate::{failure::Failure, output::OutputFormat};

const AFTER: &str = "\
Examples:
    connectorctl keys list --public license-keys.json
    connectorctl keys list --public license-keys.json --output json";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// File of the public key set
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    #[command(flatten)]
    output: OutputFormat,
}

#[derive(Serialize)]
struct Row<'a> {
    kid: &'a str,
    x: &'a str,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let keys = Jwks::read(&arguments.public)?;
    let rows: Vec<Row<'_>> = keys.keys().map(|(kid, x)| Row { kid, x }).collect();
    let row = |row: &Row<'_>| [row.kid.to_owned(), row.x.to_owned()];
    arguments.output.list(&rows, ["KID", "PUBLIC KEY"], row, "no keys: with this set no license is valid")
}
