//! Key files. A private key is PKCS#8 in PEM, which `openssl pkey` reads as well; a line before it names the key,
//! and PEM permits such lines. Files are replaced in one step: a reader sees the old or the new one, never a part.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use model::license::SigningKey;
use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

use crate::failure::Failure;

const LABEL: &str = "PRIVATE KEY";
const KEY_ID: &str = "kid: ";
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

/// The private file of a key.
pub(crate) fn to_pem(key: &SigningKey) -> Zeroizing<String> {
    let pem = Pem::new(LABEL, key.to_pkcs8());
    let pem = pem::encode_config(&pem, EncodeConfig::new().set_line_ending(LineEnding::LF));
    Zeroizing::new(format!("{KEY_ID}{}\n{pem}", key.key_id()))
}

/// Reads a private file, under another identifier where one is given.
pub(crate) fn read_private(path: &Path, key_id: Option<&str>) -> Result<SigningKey, Failure> {
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| Failure::file(path, error))?);
    let wrong = || {
        let why = "is not an Ed25519 private key in PKCS#8 PEM; `connectorctl keys generate` makes one";
        Failure::file(path, why)
    };
    let pem = pem::parse(text.as_bytes()).map_err(|_| wrong())?;
    let key = SigningKey::from_pkcs8(pem.into_contents()).map_err(|_| wrong())?;
    let named = text.lines().find_map(|line| line.strip_prefix(KEY_ID)).map(str::trim);
    Ok(match key_id.or(named) {
        Some(key_id) => key.with_key_id(key_id),
        None => key,
    })
}

/// Writes a private file, for its owner's eyes alone.
pub(crate) fn write_private(path: &Path, content: &str, replace: bool) -> Result<(), Failure> {
    write(path, content, PRIVATE, replace)
}

/// Writes a public file.
pub(crate) fn write_public(path: &Path, content: &str, replace: bool) -> Result<(), Failure> {
    write(path, content, PUBLIC, replace)
}

fn write(path: &Path, content: &str, mode: u32, replace: bool) -> Result<(), Failure> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| Failure::file(path, error);
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(|error| Failure::file(folder, error.kind()))?;
    file.write_all(content.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    let kept = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(drop).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => failed(error.error),
    })
}

/// A file that must not be replaced unasked.
pub(crate) fn exists(path: &Path) -> Failure {
    Failure::file(path, "exists already; give another name, or --force to replace it")
}

#[cfg(test)]
mod tests {
    use model::entropy::SystemEntropy;

    use super::*;

    #[test]
    fn a_key_is_read_back_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let key = SigningKey::generate(&SystemEntropy).with_key_id("2026-11");
        write_private(&path, &to_pem(&key), false).unwrap();
        let read = read_private(&path, None).ok().unwrap();
        assert_eq!((read.key_id(), read.to_pkcs8()), ("2026-11", key.to_pkcs8()));
        assert_eq!(read_private(&path, Some("other")).ok().unwrap().key_id(), "other");
    }

    #[test]
    fn what_is_no_key_is_refused_by_name_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let other = pem::encode(&Pem::new(LABEL, *b"CANARY"));
        for text in ["", "CANARY", "-----BEGIN PRIVATE KEY-----\nCANARY\n", other.as_str()] {
            fs::write(&path, text).unwrap();
            let error = read_private(&path, None).err().unwrap().to_string();
            assert!(error.contains("key.pem") && !error.contains("CANARY"), "{error}");
        }
    }
}
