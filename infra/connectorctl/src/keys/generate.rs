//! `keys generate`

use std::path::PathBuf;

use clap::Args;
use model::license::SigningKey;

use super::{file, jwks::Jwks, key_id};
use crate::{context::Context, failure::Failure, output};

const AFTER: &str = "\
Examples:
  A deployment's first key:
    connectorctl keys generate --private issuer.pem --public license-keys.json
  A second one beside it, to change over to:
    connectorctl keys generate --kid 2027 --private issuer-2027.pem --public license-keys.json --append

The private file is for its owner alone (mode 600): who has it can issue licenses. The public file is one line of
JSON, the value of LICENSE_PUBLIC_KEYS. The README tells how to change keys without an interruption.";

#[derive(Args)]
#[command(after_help = AFTER)]
pub(crate) struct Arguments {
    /// Identifier that licenses name the key by, 1 to 64 characters [default: made from the key]
    #[arg(long, value_name = "ID", value_parser = key_id)]
    kid: Option<String>,
    /// File of the private key; never replaced without --force
    #[arg(long, value_name = "FILE")]
    private: PathBuf,
    /// File of the public key set
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    /// Add the key to the public key set that the file holds
    #[arg(long)]
    append: bool,
    /// Replace files that exist; what the old private key signed can then no longer be issued anew
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { kid, private, public, append, force } = arguments;
    if private == public {
        return Err(Failure::usage("--private and --public name the same file"));
    }
    let key = new_key(context, kid.as_deref());
    // Everything that can be refused is, before the first file is written.
    for (path, replaced) in [(private, *force), (public, *force || *append)] {
        if !replaced && path.symlink_metadata().is_ok() {
            return Err(file::exists(path));
        }
    }
    let mut keys = if *append { Jwks::read(public)? } else { Jwks::empty() };
    if keys.holds(key.key_id()) {
        let why = format!("holds a key {} already; give another --kid", key.key_id());
        return Err(Failure::file(public, why));
    }
    keys.add(Jwks::parse(&key.public_jwks().to_string()).map_err(Failure::failed)?);

    file::write_private(private, &file::to_pem(&key), *force)?;
    file::write_public(public, &format!("{}\n", keys.to_line()), *force || *append)?;
    output::tell(&format!(
        "key {}: private in {} (keep it secret), public in {} (deploy it as LICENSE_PUBLIC_KEYS)",
        key.key_id(),
        private.display(),
        public.display()
    ));
    Ok(())
}

/// A key under the identifier given, or under its own: then one that no command takes for a flag.
fn new_key(context: &Context, kid: Option<&str>) -> SigningKey {
    loop {
        let key = SigningKey::generate(context.entropy.as_ref());
        match kid {
            Some(kid) => return key.with_key_id(kid),
            None if key_id(key.key_id()).is_ok() => return key,
            None => {}
        }
    }
}
