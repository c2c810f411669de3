//! TLS, always verified. One configuration serves the whole process: roots are parsed once, sessions are
//! resumed across clients. The provider is named here because other crates may bring a second one, and
//! rustls panics when it has to choose.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::CertificateResult;

use crate::error::SetupError;
use crate::roots;

/// What is trusted, and the configuration made of it. Clones share both.
#[derive(Clone, Debug)]
pub struct Tls(Arc<Trust>);

#[derive(Debug)]
struct Trust {
    roots: Arc<RootCertStore>,
    config: Arc<ClientConfig>,
    /// This trust and one more CA each, by the CA's PEM, for as long as a client uses it. A thousand connectors
    /// behind one private CA would otherwise hold the machine's roots a thousand times.
    extended: Mutex<HashMap<Box<str>, Weak<Trust>>>,
}

impl Tls {
    /// Trusts the machine's own roots and, beside them, the certificates of a PEM bundle.
    pub fn new(ca_pem: Option<&str>) -> Result<Self, SetupError> {
        Self::beside(roots::native(), ca_pem)
    }

    fn beside(native: CertificateResult, ca_pem: Option<&str>) -> Result<Self, SetupError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(native.certs);
        if roots.is_empty() && ca_pem.is_none() {
            // Not fatal: a deployment may use plain HTTP inside its network, and every handshake says why.
            tracing::warn!(
                errors = native.errors.len(),
                "no root certificates: every TLS upstream will fail"
            );
        }
        match ca_pem {
            Some(pem) => Self::with_ca(roots, pem),
            None => Self::with_roots(roots),
        }
    }

    /// The same trust plus one more CA. Its sessions are its own and those of who trusts the very same: a resumed
    /// session skips verification, so sharing them would lend this CA's word to clients that do not trust it.
    pub fn trusting(&self, ca_pem: &str) -> Result<Self, SetupError> {
        let extended = || self.0.extended.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trust) = extended().get(ca_pem).and_then(Weak::upgrade) {
            return Ok(Self(trust));
        }
        // Outside the lock: of two that are made at once, the later one is shared from then on.
        let made = Self::with_ca(RootCertStore::clone(&self.0.roots), ca_pem)?;
        let mut extended = extended();
        extended.retain(|_, trust| trust.strong_count() > 0);
        extended.insert(ca_pem.into(), Arc::downgrade(&made.0));
        Ok(made)
    }

    /// The shared configuration, for drivers that make their own TLS sessions over a judged connection.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0.config)
    }

    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.0.roots)
    }

    fn with_ca(mut roots: RootCertStore, pem: &str) -> Result<Self, SetupError> {
        let mut added = 0_usize;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let invalid = |what: &str| SetupError::CaPem(format!("certificate {} {what}", added + 1));
            let certificate = certificate.map_err(|_| invalid("is not well-formed PEM"))?;
            roots.add(certificate).map_err(|_| invalid("is not a valid X.509 certificate"))?;
            added += 1;
        }
        if added == 0 {
            return Err(SetupError::CaPem("it holds no PEM certificate".to_owned()));
        }
        Self::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Result<Self, SetupError> {
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| SetupError::Tls(error.to_string()))?
            .with_root_certificates(Arc::clone(&roots))
            .with_no_client_auth();
        Ok(Self(Arc::new(Trust { roots, config: Arc::new(config), extended: Mutex::default() })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_roots_still_has_a_configuration() {
        assert!(Tls::with_roots(RootCertStore::empty()).is_ok());
    }

    #[test]
    fn what_the_machine_trusts_is_trusted_and_what_is_added_beside_it() {
        let certificate = || rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert;
        let native = || {
            let mut native = CertificateResult::default();
            native.certs = vec![certificate().der().clone(), vec![0].into()];
            native
        };
        let added = certificate().pem();
        for (ca_pem, roots) in [(None, 1), (Some(added.as_str()), 2)] {
            assert_eq!(Tls::beside(native(), ca_pem).unwrap().0.roots.len(), roots);
        }
    }

    #[test]
    fn a_bad_ca_says_what_is_wrong_with_it() {
        let tls = Tls::with_roots(RootCertStore::empty()).unwrap();
        for (pem, expected) in [
            ("", "holds no PEM certificate"),
            ("not a certificate", "holds no PEM certificate"),
            (
                "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
                "certificate 1 is not well-formed",
            ),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "certificate 1 is not well-formed"),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "certificate 1 is not a valid X.509",
            ),
        ] {
            let error = tls.trusting(pem).unwrap_err();
            assert!(error.to_string().contains(expected), "{pem}: {error}");
        }
    }

    #[test]
    fn the_added_ca_stays_out_of_the_original() {
        let certificate = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap();
        let tls = Tls::with_roots(RootCertStore::empty()).unwrap();
        let extended = tls.trusting(&certificate.cert.pem()).unwrap();
        assert_eq!((tls.0.roots.len(), extended.0.roots.len()), (0, 1));
    }

    #[test]
    fn who_trusts_the_same_ca_shares_its_trust_and_nobody_else_does() {
        let pem = || rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.pem();
        let (tls, one, other) = (Tls::with_roots(RootCertStore::empty()).unwrap(), pem(), pem());
        let first = tls.trusting(&one).unwrap();
        assert!(Arc::ptr_eq(&first.config(), &tls.trusting(&one).unwrap().config()));
        let second = tls.trusting(&other).unwrap();
        assert!(!Arc::ptr_eq(&first.config(), &second.config()));
        assert!(!Arc::ptr_eq(&first.config(), &tls.config()));
        // Nor does another's CA end the sharing.
        assert!(Arc::ptr_eq(&first.config(), &tls.trusting(&one).unwrap().config()));
        // Both CAs are trusted only where both were added.
        let both = first.trusting(&other).unwrap();
        assert!(!Arc::ptr_eq(&both.config(), &second.config()));
        assert_eq!([&first, &second, &both].map(|tls| tls.0.roots.len()), [1, 1, 2]);
    }

    #[test]
    fn a_trust_that_nobody_uses_any_more_is_forgotten() {
        let pem = || rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.pem();
        let tls = Tls::with_roots(RootCertStore::empty()).unwrap();
        for _ in 0..3 {
            drop(tls.trusting(&pem()).unwrap());
        }
        let kept = tls.trusting(&pem()).unwrap();
        assert_eq!(tls.0.extended.lock().unwrap().len(), 1);
        drop(kept);
    }
}
