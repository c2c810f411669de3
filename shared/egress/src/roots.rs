//! The machine's own roots. To read them is most of the work of a function's start, so the one file that a machine
//! usually has is read the short way; whatever is unusual about it is left to the library.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use base64_simd::forgiving_decode_to_vec;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::{CertificateResult, load_native_certs};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----\n";
const END: &str = "\n-----END CERTIFICATE-----\n";
/// What begins and ends anything in PEM.
const BOUNDARY: &str = "-----";

/// From the machine's bundle where it has one: the folder beside it holds the same certificates again, each in a file of
/// its own.
pub(crate) fn native() -> CertificateResult {
    #[expect(clippy::disallowed_methods, reason = "the library's own variable, which it reads by itself too")]
    let folder = std::env::var_os("SSL_CERT_DIR");
    // Where a bundle is named, this is it.
    match bundled(folder.as_deref(), openssl_probe::probe().cert_file.as_deref()) {
        Some(certs) => {
            let mut found = CertificateResult::default();
            found.certs = certs;
            found
        }
        None => load_native_certs(),
    }
}

/// The bundle's certificates, where no folder is named and it has any.
fn bundled(folder: Option<&OsStr>, bundle: Option<&Path>) -> Option<Vec<CertificateDer<'static>>> {
    let bundle = bundle.filter(|_| folder.is_none())?;
    certificates(&fs::read_to_string(bundle).ok()?).filter(|found| !found.is_empty())
}

/// The certificates of a text that holds nothing but them and comments. The library decodes each character in constant
/// time, as keys need it; certificates are public.
fn certificates(bundle: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    let mut rest = bundle;
    while let Some((before, block)) = rest.split_once(BEGIN) {
        let (body, after) = block.split_once(END)?;
        let at_the_start_of_a_line = before.is_empty() || before.ends_with('\n');
        if !at_the_start_of_a_line || before.contains(BOUNDARY) {
            return None;
        }
        found.push(forgiving_decode_to_vec(body.as_bytes()).ok()?.into());
        rest = after;
    }
    (!rest.contains(BOUNDARY)).then_some(found)
}

#[cfg(test)]
mod tests {
    use rustls_native_certs::load_certs_from_paths;

    use super::*;

    fn pem() -> String {
        rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.pem().replace("\r\n", "\n")
    }

    #[test]
    fn the_bundle_is_all_that_is_read_unless_a_folder_is_named_or_it_is_empty() {
        let files = tempfile::tempdir().unwrap();
        let (full, empty) = (files.path().join("full"), files.path().join("empty"));
        fs::write(&full, pem()).unwrap();
        fs::write(&empty, "").unwrap();
        let folder = Some(files.path().as_os_str());
        for (folder, bundle, expected) in [
            (None, Some(&full), Some(1)),
            (None, Some(&empty), None),
            (None, None, None),
            (folder, Some(&full), None),
        ] {
            let found = bundled(folder, bundle.map(AsRef::as_ref));
            assert_eq!(found.map(|found| found.len()), expected, "{folder:?} {bundle:?}");
        }
    }

    #[test]
    fn what_is_read_the_short_way_is_what_the_library_reads() {
        let [one, two, three] = [pem(), pem(), pem()];
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, certificates) in [
            (format!("{one}{two}{three}"), 3),
            (format!("# A root\n{one}\n\n# Another root, élan\n\n{two}\n# The end\n"), 2),
            ("# No root\n".to_owned(), 0),
        ] {
            fs::write(file.path(), &text).unwrap();
            let mut found = super::certificates(&text).unwrap();
            found.sort_by(|one, other| one.cmp(other));
            assert_eq!(found, load_certs_from_paths(Some(file.path()), None).certs, "{text}");
            assert_eq!(found.len(), certificates, "{text}");
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_library() {
        let pem = pem();
        for text in [
            // Switched off, by its first line alone.
            format!("# {pem}"),
            // Something else stands beside it, or around it.
            format!("-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n{pem}"),
            format!("{pem}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
            format!("-----BEGIN PRIVATE KEY-----\n{pem}"),
            // It never ends, or not with its line.
            pem.replace("-----END CERTIFICATE-----", ""),
            pem.trim_end().to_owned(),
            pem.replace("-----END", " -----END"),
            // Other ends of lines, and what is no Base64.
            pem.replace('\n', "\r\n"),
            pem.replace("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n!"),
        ] {
            assert_eq!(certificates(&text), None, "{text}");
        }
    }
}
