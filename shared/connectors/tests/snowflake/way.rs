//! The way to the account: TLS whose certificate is verified, and connections that die while nobody looks.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use connectors::{Stage, Stages};
use model::clock::SystemClock;
use serde_json::json;
use test_servers::Certificates;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

use crate::reply::Reply;
use crate::setup::{ask, connect};
use crate::stub::Stub;

/// A way to the stand-in that can be cut.
struct Relay {
    port: u16,
    open: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Relay {
    async fn to(address: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open: Arc<Mutex<Vec<JoinHandle<()>>>> = Arc::default();
        let opened = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let tls = tls.clone();
                let passing = tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            // Otherwise it did not like the certificate.
                            if let Ok(client) = tls.accept(client).await {
                                passed(client, address).await;
                            }
                        }
                        None => passed(client, address).await,
                    }
                });
                opened.lock().unwrap().push(passing);
            }
        });
        Self { port, open }
    }

    /// Ends every connection that is open.
    fn cut(&self) -> usize {
        let open: Vec<_> = self.open.lock().unwrap().drain(..).collect();
        open.iter().for_each(JoinHandle::abort);
        open.len()
    }
}

#[expect(clippy::disallowed_methods, reason = "a way between two sockets of this test")]
async fn passed(mut client: impl AsyncRead + AsyncWrite + Unpin, address: SocketAddr) {
    let mut server = TcpStream::connect(address).await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

fn acceptor(certificates: &Certificates) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificates.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(certificates.key.as_bytes()).unwrap(),
        );
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

#[tokio::test]
async fn the_accounts_certificate_is_verified_by_the_authority_of_the_record() {
    let columns = [("VERSION", "TEXT", None)];
    let stub = Stub::answering(vec![Reply::result(&columns, &json!([["9.30.1"]]))]).await;
    let certificates = Certificates::generate("localhost");
    let relay = Relay::to(stub.address, Some(acceptor(&certificates))).await;
    for (host, ca, passed) in [
        ("localhost", Some(&certificates.ca), 6),
        // The certificate is for another name; nobody vouches for it.
        ("127.0.0.1", Some(&certificates.ca), 3),
        ("localhost", None, 3),
    ] {
        let options = ca.map_or_else(|| json!({}), |ca| json!({ "ca_pem": ca }));
        // Without a scheme, as accounts are written.
        let url = format!("{host}:{}", relay.port);
        let made = connect(&url, &stub.clock, &json!({"options": options})).unwrap_or_else(|e| panic!("{e}"));
        let mut stages = Stages::new(&SystemClock);
        let result = made.connector.health(&mut stages, made.deadline(20_000)).await;
        assert_eq!(stages.all().len(), passed, "{host}: {result:?}");
        match result {
            Ok(()) => assert_eq!(passed, 6),
            Err(error) => assert_eq!(error.stage(), Stage::Tls),
        }
    }
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn connections_that_died_between_two_calls_cost_one_retry_and_no_error() {
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    let relay = Relay::to(stub.address, None).await;
    let url = format!("http://127.0.0.1:{}", relay.port);
    let made = connect(&url, &stub.clock, &json!({"max_retries": 1})).unwrap_or_else(|e| panic!("{e}"));
    for ahead in [0, 1, 3_600] {
        made.clock.put(ahead);
        made.query(ask("select 1")).await.unwrap();
        made.execute(ask("insert into t values (1)")).await.unwrap();
        assert!(relay.cut() > 0);
    }
    // Nothing was asked twice: what died had taken no request.
    assert_eq!(stub.seen().len(), 6);
}

#[tokio::test]
async fn a_write_whose_token_can_not_be_had_was_certainly_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            drop(client);
        }
    });
    let stub = Stub::answering(vec![Reply::one("1")]).await;
    let secret = json!({"client_id": "i", "client_secret": "s", "token_url": url});
    let made =
        connect(&stub.url(), &stub.clock, &json!({ "secret": secret })).unwrap_or_else(|e| panic!("{e}"));
    let error = made.execute(ask("insert into t values (1)")).await.unwrap_err();
    assert!(!matches!(error, connectors::ConnectorError::OutcomeUnknown(_)), "{error:?}");
    assert!(stub.seen().is_empty());
}
