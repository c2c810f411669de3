//! TLS is verified, always, and says what was wrong.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use egress::{Egress, EgressError, Retries};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ConfigBuilder, DEFAULT_VERSIONS, RootCertStore, ServerConfig, SupportedProtocolVersion, WantsVerifier,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::support::{Script, Server, egress, exchange, get, ok, request, within};

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn ca(name: &str) -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// A TLS server on this machine that answers each connection once and closes it.
pub(crate) async fn server(params: CertificateParams, issuer: Option<&Issuer>) -> Server {
    speaking(DEFAULT_VERSIONS, params, issuer).await
}

/// The same, by these versions of TLS alone.
pub(crate) async fn speaking(
    versions: &[&'static SupportedProtocolVersion],
    params: CertificateParams,
    issuer: Option<&Issuer>,
) -> Server {
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config =
        builder(versions).with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key);
    serving(config.unwrap()).await
}

fn builder(versions: &[&'static SupportedProtocolVersion]) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
}

async fn serving(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            // The handshake fails where the client refuses the certificate.
            if let Ok(stream) = acceptor.accept(stream).await {
                exchange(
                    stream,
                    ok("sealed").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes(),
                )
                .await;
            }
        }
    })
    .await
}

pub(crate) fn trusting(ca: &Issuer) -> Egress {
    let script = Script::default().name("db.test", &["127.0.0.1"]).name("other.test", &["127.0.0.1"]);
    egress("127.0.0.1", script).trusting(&ca.pem()).unwrap()
}

async fn reason(egress: &Egress, server: &Server, host: &str) -> String {
    let error = get(egress, &format!("https://{host}:{}/secret", server.port)).await.unwrap_err();
    assert_eq!(error.stage(), "tls", "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_private_ca_is_trusted_once_it_is_added() {
    let (right, same_name) = (ca("Corp CA"), ca("Corp CA"));
    let server = server(params("db.test"), Some(&right)).await;
    let url = format!("https://db.test:{}/", server.port);
    assert_eq!(get(&trusting(&right), &url).await.unwrap().body, "sealed");
    for wrong in [same_name, ca("Other CA")] {
        let reason = reason(&trusting(&wrong), &server, "db.test").await;
        assert!(reason.ends_with("issued by a CA that is not trusted here"), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_for_an_address_is_good_for_it() {
    let ca = ca("Corp CA");
    let server = server(params("127.0.0.1"), Some(&ca)).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    assert_eq!(get(&trusting(&ca), &url).await.unwrap().body, "sealed");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let ca = ca("Corp CA");
    let server = server(params("db.test"), Some(&ca)).await;
    for host in ["other.test", "127.0.0.1"] {
        let reason = reason(&trusting(&ca), &server, host).await;
        assert!(reason.ends_with("its certificate is for another name"), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_outside_its_time_is_refused() {
    let ca = ca("Corp CA");
    let mut expired = params("db.test");
    expired.not_after = date_time_ymd(2001, 1, 1);
    let reason_expired = reason(&trusting(&ca), &server(expired, Some(&ca)).await, "db.test").await;
    assert!(reason_expired.ends_with("its certificate has expired"), "{reason_expired}");
    let mut future = params("db.test");
    future.not_before = date_time_ymd(4000, 1, 1);
    let reason_future = reason(&trusting(&ca), &server(future, Some(&ca)).await, "db.test").await;
    assert!(reason_future.ends_with("its certificate is not valid yet"), "{reason_future}");
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let server = server(params("db.test"), None).await;
    let reason = reason(&trusting(&ca("Corp CA")), &server, "db.test").await;
    assert!(reason.ends_with("issued by a CA that is not trusted here"), "{reason}");
}

#[tokio::test]
async fn a_port_without_tls_is_told_apart() {
    let server = Server::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let reason = reason(&trusting(&ca("Corp CA")), &server, "db.test").await;
    assert!(reason.ends_with("it does not speak TLS on this port"), "{reason}");
}

#[tokio::test]
async fn an_unlisted_private_address_is_refused_the_second_time_too() {
    let ca = ca("Corp CA");
    let server = server(params("rebind.test"), Some(&ca)).await;
    let script = Script::default().name("rebind.test", &["127.0.0.1", "127.0.0.2"]);
    let url = format!("https://rebind.test:{}/", server.port);
    let client = egress("127.0.0.1", script).trusting(&ca.pem()).unwrap().http(&url).unwrap();
    assert_eq!(client.send(request(&url), within(20_000)).await.unwrap().body, "sealed");
    assert_eq!(client.send(request(&url), within(20_000)).await.unwrap_err().stage(), "egress");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_refuses_after_the_session_stood() {
    let ca = ca("Corp CA");
    let key = KeyPair::generate().unwrap();
    let certificate = params("db.test").signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let config = builder(DEFAULT_VERSIONS).with_client_cert_verifier(verifier);
    let server = serving(config.with_single_cert(vec![certificate.der().clone()], key).unwrap()).await;

    // By then the request may have been on its way, so that a write is not repeated.
    let url = format!("https://db.test:{}/", server.port);
    let client = trusting(&ca).http(&url).unwrap();
    let sent = client.send_with_retries(&request(&url), Retries::once_taken(5), within(20_000)).await;
    let error = sent.answer.unwrap_err();
    assert!(matches!(error, EgressError::Broken { .. }), "{error:?}");
    assert_eq!((sent.attempts, server.connections()), (1, 1));
}

/// The handshake of a driver that dials an address and knows names.
async fn by_address(egress: &Egress, server: &Server, names: &[&str]) -> io::Result<()> {
    let config = egress.tls_config_for(names).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a driver dials by itself")]
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let address = ServerName::IpAddress(IpAddr::from([127, 0, 0, 1]).into());
    TlsConnector::from(config).connect(address, stream).await.map(drop)
}

#[tokio::test]
async fn a_node_that_is_dialled_by_address_proves_one_of_the_names() {
    let (right, wrong) = (ca("Corp CA"), ca("Corp CA"));
    let server = server(params("db.test"), Some(&right)).await;
    for names in [&["db.test"][..], &["other.test", "db.test"]] {
        by_address(&trusting(&right), &server, names).await.unwrap();
    }
    for (ca, names, why) in [
        (&right, &["other.test"][..], "for another name"),
        (&right, &["127.0.0.1"], "for another name"),
        (&right, &[], "the handshake failed"),
        (&wrong, &["db.test"], "not trusted here"),
    ] {
        let error = by_address(&trusting(ca), &server, names).await.unwrap_err();
        let error = EgressError::of_dialling("db".into(), &error);
        assert!(error.stage() == "tls" && error.to_string().contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_dialled_connection_is_sealed_for_the_hosts_name() {
    let ca = ca("Corp CA");
    let server = server(params("db.test"), Some(&ca)).await;
    let egress = trusting(&ca);
    let judged = egress.addresses("db.test", server.port, within(20_000)).await.unwrap();
    for (host, good) in [("db.test", true), ("other.test", false), ("127.0.0.1", false), ("no name", false)] {
        let stream = egress.dial("db", &judged, within(20_000)).await.unwrap();
        let sealed = egress.seal("db", host, stream, within(20_000)).await;
        assert_eq!(sealed.as_ref().err().map(EgressError::stage), (!good).then_some("tls"), "{host}");
    }
    let stream = egress.dial("db", &judged, within(20_000)).await.unwrap();
    let late = egress.seal("db", "db.test", stream, within(0)).await.err().unwrap();
    assert_eq!(late.stage(), "deadline");
}
