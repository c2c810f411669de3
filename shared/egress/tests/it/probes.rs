//! A probe goes the way of a call, and says how far it got.

use egress::{EgressError, HttpClient, ProbeStage};
use rcgen::CertificateParams;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpListener;

use crate::support::{Script, Server, egress, ok, within};
use crate::tls::{ca, server, speaking, trusting};

async fn probe(client: &HttpClient) -> (Vec<ProbeStage>, Vec<String>, Option<EgressError>) {
    let (mut stages, mut seen, mut probe) = (Vec::new(), Vec::new(), client.probe(within(20_000)));
    loop {
        match probe.step().await {
            Ok(Some((stage, detail))) => {
                stages.push(stage);
                seen.push(detail);
            }
            Ok(None) => return (stages, seen, None),
            Err(error) => return (stages, seen, Some(error)),
        }
    }
}

#[tokio::test]
async fn every_stage_to_a_server_with_tls_is_told() {
    let ca = ca("Corp CA");
    for (version, told) in
        [(&TLS13, "TLS 1.3, db.test proved its name"), (&TLS12, "TLS 1.2, db.test proved its name")]
    {
        let params = CertificateParams::new(vec!["db.test".to_owned()]).unwrap();
        let server = speaking(&[version], params, Some(&ca)).await;
        let client = trusting(&ca).http(&format!("https://db.test:{}/", server.port)).unwrap();
        let (stages, seen, error) = probe(&client).await;
        assert_eq!(error, None);
        assert_eq!(
            stages,
            [ProbeStage::NameResolution, ProbeStage::Egress, ProbeStage::Connect, ProbeStage::Tls]
        );
        assert_eq!(seen[0], "db.test has 1 address");
        assert_eq!(seen[3], told);
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn plain_http_has_no_tls_stage() {
    let server = Server::answering(ok("")).await;
    for (host, expected) in
        [("127.0.0.1", "127.0.0.1 is an address"), ("two.test", "two.test has 2 addresses")]
    {
        let egress = egress("127.0.0.1,*.test", Script::default().name("two.test", &["127.0.0.1 ::1"]));
        let (stages, seen, error) = probe(&egress.http(&server.url(host)).unwrap()).await;
        assert_eq!((stages.len(), error), (3, None));
        assert_eq!(seen[0], expected);
    }
}

#[tokio::test]
async fn the_stage_that_is_not_passed_is_the_errors() {
    let (right, wrong) = (ca("Corp CA"), ca("Other CA"));
    let sealed = server(CertificateParams::new(vec!["db.test".to_owned()]).unwrap(), Some(&right)).await;
    let plain = Server::start(|stream| async move { drop(stream) }).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let https = |host: &str, port: u16| format!("https://{host}:{port}/");
    for (url, passed, stage) in [
        (https("none.test", 1), 0, "name_resolution"),
        (https("metadata.test", 1), 1, "egress"),
        (https("db.test", closed), 2, "connect"),
        (https("db.test", plain.port), 3, "connect"),
        (https("db.test", sealed.port), 3, "tls"),
        (https("other.test", sealed.port), 3, "tls"),
    ] {
        let script = Script::default()
            .name("db.test", &["127.0.0.1"])
            .name("other.test", &["127.0.0.1"])
            .name("metadata.test", &["127.0.0.1 169.254.169.254"]);
        let trust = if url.contains("other") { &right } else { &wrong };
        let client = egress("127.0.0.1", script).trusting(&trust.pem()).unwrap().http(&url).unwrap();
        let (stages, _, error) = probe(&client).await;
        let error = error.expect(&url);
        assert_eq!((stages.len(), error.stage()), (passed, stage), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_probe_ends_with_its_deadline() {
    let server = Server::start(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let egress = egress("127.0.0.1", Script::default());
    let client = egress.http(&format!("https://127.0.0.1:{}/", server.port)).unwrap();
    let mut probe = client.probe(within(300));
    let error = loop {
        match probe.step().await {
            Ok(passed) => assert!(passed.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.stage(), "deadline");
}
