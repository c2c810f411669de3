//! The public keys that a license is checked by: a file, or what the functions of a deployment read.

use std::{fs, path::PathBuf};

use clap::Args;
use model::license::LicenseKeys;

use crate::failure::Failure;

#[derive(Args)]
pub(crate) struct PublicKeys {
    /// File of the public key set to check the signature by [default: LICENSE_PUBLIC_KEYS, else unchecked]
    #[arg(long, value_name = "FILE")]
    public: Option<PathBuf>,
    /// The public key set itself
    #[arg(long, value_name = "JWKS", env = "LICENSE_PUBLIC_KEYS", hide = true)]
    public_keys: Option<String>,
}

impl PublicKeys {
    /// The keys, if any are at hand.
    pub(crate) fn read(&self) -> Result<Option<LicenseKeys>, Failure> {
        if let Some(path) = &self.public {
            let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
            return LicenseKeys::from_jwks(&text).map(Some).map_err(|error| Failure::file(path, error));
        }
        let text = self.public_keys.as_deref().filter(|text| !text.trim().is_empty());
        let keys = text.map(LicenseKeys::from_jwks).transpose();
        keys.map_err(|error| Failure::failed(format!("LICENSE_PUBLIC_KEYS {error}")))
    }
}
