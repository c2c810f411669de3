//! What a server shows for itself in a TLS handshake: good, or wrong in one way.

use std::sync::{Arc, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::{Fault, HOST};

struct Issued {
    ca: String,
    good: TlsAcceptor,
    expired: TlsAcceptor,
    other_name: TlsAcceptor,
    unknown_issuer: TlsAcceptor,
}

fn issued() -> &'static Issued {
    static ISSUED: OnceLock<Issued> = OnceLock::new();
    ISSUED.get_or_init(|| {
        let (known, unknown) = (issuer("Known CA"), issuer("Unknown CA"));
        let mut old = named(HOST);
        old.not_after = date_time_ymd(2001, 1, 1);
        Issued {
            ca: known.pem(),
            good: acceptor(named(HOST), &known),
            expired: acceptor(old, &known),
            other_name: acceptor(named("other.test"), &known),
            unknown_issuer: acceptor(named(HOST), &unknown),
        }
    })
}

/// The PEM text of the CA that the good certificate is by.
pub(super) fn ca() -> &'static str {
    &issued().ca
}

/// What handshakes are answered with.
pub(super) fn by(fault: Option<Fault>) -> &'static TlsAcceptor {
    match fault {
        Some(Fault::Expired) => &issued().expired,
        Some(Fault::OtherName) => &issued().other_name,
        Some(Fault::UnknownIssuer) => &issued().unknown_issuer,
        _ => &issued().good,
    }
}

fn issuer(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA")
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).expect("a name")
}

fn acceptor(params: CertificateParams, issuer: &CertifiedIssuer<'static, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("they belong together");
    TlsAcceptor::from(Arc::new(config))
}
