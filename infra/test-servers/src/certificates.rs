//! A CA of a test's own, and a certificate by it.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// PEM texts.
pub struct Certificates {
    /// What to trust.
    pub ca: String,
    /// The server's certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Certificates {
    /// A CA and a certificate by it for one name.
    pub fn generate(name: &str) -> Self {
        Self::for_names(&[name])
    }

    /// A CA and a certificate by it for several names.
    pub fn for_names(names: &[&str]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let key = KeyPair::generate().expect("a key");
        let server = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let server = server.expect("names");
        let certificate = server.signed_by(&key, &issuer).expect("a certificate");
        Self { ca: issuer.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }
}
