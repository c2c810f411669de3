//! Servers that prove a name, where the driver knows only an address. A cluster tells the addresses of its nodes, and
//! the driver dials them as such; the certificate of each is for the name that a person wrote down.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::error::{EgressError, SetupError};
use crate::http::Egress;
use crate::seal::server_name;

/// Verifies as ever, but for names of its own in the place of the address that was dialled.
#[derive(Debug)]
struct Named {
    names: Vec<ServerName<'static>>,
    inner: Arc<WebPkiServerVerifier>,
}

impl Egress {
    /// A TLS configuration for a driver that dials addresses: the server must prove one of these hosts' names. It
    /// shares no sessions with any other, because a resumed session skips verification.
    pub fn tls_config_for(&self, hosts: &[&str]) -> Result<Arc<ClientConfig>, EgressError> {
        let unfit = |host: &&str| EgressError::Tls {
            target: (*host).to_owned(),
            reason: "its name fits no certificate",
        };
        let names = hosts.iter().map(|host| server_name(host).ok_or_else(|| unfit(host)));
        let config = named(self.tls.roots(), names.collect::<Result<_, _>>()?);
        config.map_err(|_| EgressError::Tls { target: hosts.join(","), reason: "TLS can't be set up here" })
    }
}

pub(crate) fn named(
    roots: Arc<RootCertStore>,
    names: Vec<ServerName<'static>>,
) -> Result<Arc<ClientConfig>, SetupError> {
    let wrong = |error: String| SetupError::Tls(error);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
    let inner = inner.build().map_err(|error| wrong(error.to_string()))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Named { names, inner }))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut refused = Error::General("no name is expected".into());
        for name in &self.names {
            match self.inner.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
                Err(error) => refused = error,
                verified => return verified,
            }
        }
        Err(refused)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
