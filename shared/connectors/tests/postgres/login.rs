//! Getting in: who the server is, who we are, and which stage was not passed.

use connectors::{ConnectorError, Stage, Stages};
use egress::EgressError;
use model::clock::SystemClock;
use serde_json::json;
use test_servers::{
    Certificates,
    postgres::{HOST, Postgres},
};

use crate::setup::{OTHER_HOST, Setup, admin, database, soon};

fn sealed(server: &Postgres, host: &str) -> Setup {
    Setup {
        url: format!("postgres://{host}:{}/postgres", server.port),
        options: json!({"ca_pem": server.ca}),
        ..Setup::plain(server.port, "postgres")
    }
}

/// The stages that a test passed, and what stopped it.
async fn tested(setup: &Setup) -> (Vec<Stage>, Option<ConnectorError>) {
    let mut stages = Stages::new(&SystemClock);
    let outcome = match setup.connector() {
        Ok(connector) => connector.health(&mut stages, soon()).await,
        Err(error) => Err(error),
    };
    let passed = stages.all().iter().map(|passed| passed.stage).collect();
    for passed in stages.all() {
        assert!(!passed.detail.is_empty() && !passed.detail.contains(&setup.password), "{}", passed.detail);
    }
    (passed, outcome.err())
}

#[tokio::test]
async fn a_verified_session_passes_every_stage() {
    let server = crate::server!();
    for mode in ["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=verify-full"] {
        let mut setup = sealed(server, HOST);
        setup.url.push_str(mode);
        let (passed, error) = tested(&setup).await;
        assert_eq!(passed, Stage::ALL[4..], "{error:?}");
        assert_eq!(error, None);
        let sealed =
            setup.db().row("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", json!({})).await;
        assert_eq!(sealed, r#"{"ssl":true}"#);
    }
    let (passed, error) = tested(&Setup::plain(server.port, "postgres")).await;
    let without_tls: Vec<Stage> =
        Stage::ALL[4..].iter().copied().filter(|stage| *stage != Stage::Tls).collect();
    assert_eq!((passed, error), (without_tls, None));
}

#[tokio::test]
async fn a_server_that_can_not_prove_who_it_is_is_refused() {
    let server = crate::server!();
    let other = Certificates::generate(HOST).ca;
    let wrong_name = sealed(server, OTHER_HOST);
    let unknown = Setup { options: json!({"ca_pem": other}), ..sealed(server, HOST) };
    let untrusted = Setup { options: json!({}), ..sealed(server, HOST) };
    let numbers = sealed(server, "127.0.0.1");
    for (setup, reason) in [
        (wrong_name, "is for another name"),
        (numbers, "is for another name"),
        (unknown, "a CA that is not trusted here"),
        (untrusted, "a CA that is not trusted here"),
    ] {
        let (passed, error) = tested(&setup).await;
        assert_eq!(passed, [Stage::NameResolution, Stage::Egress, Stage::Connect]);
        let error = error.unwrap();
        assert_eq!(error.stage(), Stage::Tls);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_no_credentials() {
    crate::server!();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 8];
        stream.read_exact(&mut bytes).await.unwrap();
        stream.write_all(b"N").await.unwrap();
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest).await);
        rest
    });
    let setup = Setup { url: format!("postgres://{HOST}:{port}/postgres"), ..Setup::plain(port, "postgres") };
    let (_, error) = tested(&setup).await;
    let error = error.unwrap();
    assert_eq!(error.stage(), Stage::Tls, "{error}");
    assert!(error.to_string().contains("TLS"), "{error}");
    assert_eq!(seen.await.unwrap(), b"");
}

#[tokio::test]
async fn credentials_that_the_server_refuses_are_told_apart() {
    let server = crate::server!();
    let wrong = Setup { password: "CANARY-4711".into(), ..Setup::plain(server.port, "postgres") };
    let unknown = Setup { user: "nobody-known".into(), ..Setup::plain(server.port, "postgres") };
    for setup in [wrong, unknown] {
        let (passed, error) = tested(&setup).await;
        assert_eq!(passed.last(), Some(&Stage::Connect));
        let error = error.unwrap();
        assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error}");
        assert!(error.to_string().contains("SQLSTATE 28P01"), "{error}");
        assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
    }
}

#[tokio::test]
async fn a_missing_database_is_a_matter_of_the_record() {
    let server = crate::server!();
    let (_, error) = tested(&Setup::plain(server.port, "no%2Dsuch")).await;
    let error = error.unwrap();
    assert_eq!(error.stage(), Stage::Configuration);
    assert!(error.to_string().contains("no database \"no-such\""), "{error}");
}

#[tokio::test]
async fn nobody_there_and_no_name_are_told_apart() {
    crate::server!();
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let (passed, error) = tested(&Setup::plain(closed, "postgres")).await;
    assert_eq!(passed, [Stage::NameResolution, Stage::Egress]);
    assert_eq!(error.unwrap().stage(), Stage::Connect);
    let nowhere = Setup { url: "postgres://nowhere.example/x".into(), ..Setup::plain(1, "x") };
    assert_eq!(tested(&nowhere).await.1.unwrap().stage(), Stage::NameResolution);
    let metadata = Setup { url: "postgres://169.254.169.254/x".into(), ..Setup::plain(1, "x") };
    let error = tested(&metadata).await.1.unwrap();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Refused { .. })), "{error:?}");
}

#[tokio::test]
async fn a_role_without_rights_is_refused_in_the_servers_words() {
    let server = crate::server!();
    let name = database(server).await;
    let admin = admin(server, &name).await;
    admin
        .batch_execute(
            "CREATE ROLE clerk LOGIN PASSWORD 'clerk-4711' CONNECTION LIMIT 1; CREATE TABLE t (n int)",
        )
        .await
        .unwrap();
    let setup =
        Setup { user: "clerk".into(), password: "clerk-4711".into(), ..Setup::plain(server.port, &name) };
    let db = setup.db();
    let error = db.query("SELECT * FROM t").await.unwrap_err().text();
    assert!(error.contains("SQLSTATE 42501") && error.contains("permission denied"), "{error}");
    let crowded = setup.connector().unwrap();
    let error = crowded.health(&mut Stages::new(&SystemClock), soon()).await.unwrap_err();
    assert!(matches!(error, ConnectorError::RateLimited { .. }), "{error:?}");
}

#[tokio::test]
async fn secrets_and_records_that_lack_something_say_what() {
    let setup = Setup::plain(1, "x");
    let record = setup.record();
    let error = |secret: &str| {
        let credentials = connectors::Credentials::parse(secret).unwrap();
        connectors::connect(&record, Some(credentials), &setup.egress()).err().unwrap().to_string()
    };
    assert!(error(r#"{"username": "a"}"#).contains("password"));
    assert!(error(r#"{"password": "a"}"#).contains("username"));
    let plain = Setup { url: "postgres://db.example.com/x?sslmode=disable".into(), ..Setup::plain(1, "x") };
    let error = plain.connector().err().unwrap();
    assert_eq!(error.stage(), Stage::Configuration);
    assert!(error.to_string().contains("EGRESS_ALLOW"), "{error}");
    let none = connectors::connect(&record, None, &setup.egress()).err().unwrap();
    assert_eq!(none.stage(), Stage::Secret);
}
