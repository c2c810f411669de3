//! Getting in: who the server is, who we are, and which stage was not passed.

use connectors::{ConnectorError, Stage, Stages};
use egress::EgressError;
use model::clock::SystemClock;
use serde_json::json;
use test_servers::{
    Certificates,
    cassandra::{Cassandra, HOST},
};
use tokio::net::TcpListener;

use crate::setup::{OTHER_HOST, Setup, keyspace, soon, within, world};

fn sealed(server: &Cassandra, host: &str) -> Setup {
    Setup {
        url: format!("cassandra://{host}:{}/system", server.port),
        options: json!({"ca_pem": server.ca}),
        ..Setup::plain(server.port, "system")
    }
}

/// The stages that a test passed, and what stopped it.
async fn tested(setup: &Setup) -> (Vec<Stage>, Option<ConnectorError>) {
    let mut stages = Stages::new(&SystemClock);
    let outcome = match setup.connector() {
        Ok(connector) => connector.health(&mut stages, within(20_000)).await,
        Err(error) => Err(error),
    };
    let passed = stages.all().iter().map(|passed| passed.stage).collect();
    for passed in stages.all() {
        assert!(!passed.detail.is_empty() && !passed.detail.contains(&setup.password), "{}", passed.detail);
    }
    if let Err(error) = &outcome {
        assert!(
            !error.to_string().contains(&setup.password) && !error.to_string().contains(&setup.user),
            "{error}"
        );
    }
    (passed, outcome.err())
}

#[tokio::test]
async fn a_verified_session_passes_every_stage_and_serves() {
    let server = crate::server!();
    let (passed, error) = tested(&sealed(server, HOST)).await;
    assert_eq!((passed.as_slice(), error), (&Stage::ALL[4..], None));
    let db = sealed(server, HOST).db();
    let row = db.row("SELECT release_version FROM system.local", json!({})).await;
    assert_eq!(row, r#"{"release_version":"5.0.6"}"#);
    let ssl = db.query(
        "SELECT username, ssl_enabled FROM system_views.clients WHERE ssl_enabled = true ALLOW FILTERING",
    );
    assert!(!ssl.await.unwrap().items().is_empty());
    let (passed, error) = tested(&Setup::plain(server.port, "system")).await;
    let without_tls: Vec<Stage> =
        Stage::ALL[4..].iter().copied().filter(|stage| *stage != Stage::Tls).collect();
    assert_eq!((passed, error), (without_tls, None));
}

#[tokio::test]
async fn a_server_that_can_not_prove_who_it_is_is_refused() {
    let server = crate::server!();
    let other = Certificates::generate(HOST).ca;
    let wrong_name = sealed(server, OTHER_HOST);
    let an_address = sealed(server, "127.0.0.1");
    let unknown = Setup { options: json!({"ca_pem": other}), ..sealed(server, HOST) };
    let no_ca = Setup { options: json!({}), ..sealed(server, HOST) };
    for (setup, why) in [
        (wrong_name, "another name"),
        (an_address, "another name"),
        (unknown, "not trusted here"),
        (no_ca, "not trusted here"),
    ] {
        let (passed, error) = tested(&setup).await;
        assert_eq!(passed, Stage::ALL[4..7]);
        let error = error.unwrap();
        assert_eq!(error.stage(), Stage::Tls);
        assert!(error.to_string().contains(why), "{error}");
        // The driver itself verifies as the test does.
        let error = setup.db().query("SELECT * FROM system.local").await.unwrap_err().error();
        assert!(matches!(&error, ConnectorError::Egress(EgressError::Tls { .. })), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[tokio::test]
async fn one_of_several_hosts_may_be_unknown_and_any_of_their_names_proves_a_node() {
    let server = crate::server!();
    let url = format!("cassandra://nowhere.test:{0},{HOST}:{0}/system", server.port);
    let (passed, error) = tested(&Setup { url, ..sealed(server, HOST) }).await;
    assert_eq!((passed.as_slice(), error), (&Stage::ALL[4..], None));
}

#[tokio::test]
async fn each_way_of_not_getting_in_names_its_stage() {
    let server = crate::server!();
    let port = server.port;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let at = |url: String| Setup { url, ..Setup::plain(port, "system") };
    for (setup, stage, why) in [
        (sealed(server, "nowhere.test"), Stage::NameResolution, "does not resolve"),
        (Setup { allow: "*.test", ..sealed(server, "127.0.0.1") }, Stage::Egress, "EGRESS_ALLOW"),
        (sealed(server, "169.254.169.254"), Stage::Egress, "metadata"),
        (at(format!("cassandra://127.0.0.1:{closed}/system")), Stage::Connect, "refused"),
        (Setup { password: "wrong-4711".into(), ..sealed(server, HOST) }, Stage::Authenticate, "0x0100"),
        (Setup { user: "nobody".into(), ..sealed(server, HOST) }, Stage::Authenticate, "0x0100"),
        (at(format!("cassandra://127.0.0.1:{port}/no_such_keyspace")), Stage::Configuration, "no keyspace"),
        (at(format!("cassandra://127.0.0.1:{port}/SYSTEM")), Stage::Configuration, "no keyspace"),
    ] {
        let (_, error) = tested(&setup).await;
        let error = error.unwrap();
        assert_eq!(error.stage(), stage, "{error}");
        assert!(error.to_string().contains(why), "{error}");
        // A call says the same as a test.
        let called = setup.db().query("SELECT key FROM system.local").await.unwrap_err().error();
        assert_eq!(called.stage(), stage, "{called}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_something_else_or_nothing_is_told_apart() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let (_, error) = tested(&Setup { max_retries: 0, ..Setup::plain(port, "system") }).await;
    assert!(matches!(error, Some(ConnectorError::Egress(EgressError::Broken { .. }))), "{error:?}");
    let tls = Setup {
        url: format!("cassandra://{HOST}:{port}/system"),
        options: json!({}),
        ..Setup::plain(port, "system")
    };
    let (_, error) = tested(&tls).await;
    assert_eq!(error.unwrap().stage(), Stage::Tls);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let setup = Setup::plain(port, "system");
    let mut stages = Stages::new(&SystemClock);
    let error = setup.connector().unwrap().health(&mut stages, within(1_500)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Egress(EgressError::Deadline { .. })), "{error:?}");
}

#[tokio::test]
async fn a_role_without_rights_is_known_and_forbidden() {
    let server = crate::server!();
    let (_, mut admin, name) = world(server);
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    admin.run("CREATE ROLE clerk WITH PASSWORD = 'clerk-4711' AND LOGIN = true");
    admin.run("CREATE ROLE ghost WITH PASSWORD = 'ghost-4711' AND LOGIN = false");
    let clerk =
        Setup { user: "clerk".into(), password: "clerk-4711".into(), ..Setup::plain(server.port, &name) };
    assert_eq!(tested(&clerk).await.1, None);
    let db = clerk.db();
    for error in [
        db.query("SELECT * FROM t").await.unwrap_err().error(),
        db.execute("INSERT INTO t (k) VALUES (1)").await.unwrap_err().error(),
        db.execute("CREATE TABLE u (k int PRIMARY KEY)").await.unwrap_err().error(),
    ] {
        assert!(matches!(error, ConnectorError::Forbidden(_)), "{error:?}");
        assert!(error.to_string().contains("0x2100"), "{error}");
    }
    admin.run(&format!("GRANT SELECT ON {name}.t TO clerk"));
    assert!(db.query("SELECT * FROM t").await.unwrap().items().is_empty());
    // One that may not even log in.
    let ghost =
        Setup { user: "ghost".into(), password: "ghost-4711".into(), ..Setup::plain(server.port, &name) };
    let error = tested(&ghost).await.1.unwrap();
    assert!(matches!(error, ConnectorError::CredentialsRefused(_)), "{error:?}");
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
    let plain = Setup { url: "cassandra://127.0.0.1,db.example.com/x".into(), ..Setup::plain(1, "x") };
    let error = plain.connector().err().unwrap();
    assert_eq!(error.stage(), Stage::Configuration);
    assert!(error.to_string().contains("EGRESS_ALLOW"), "{error}");
    let none = connectors::connect(&record, None, &setup.egress()).err().unwrap();
    assert_eq!(none.stage(), Stage::Secret);
}

#[tokio::test]
async fn a_wrong_local_data_centre_still_serves_and_a_right_one_does() {
    let server = crate::server!();
    let (name, _) = keyspace(server);
    for dc in [test_servers::cassandra::DATA_CENTRE, "elsewhere"] {
        let options = json!({"tls": false, "local_dc": dc, "consistency": "LOCAL_ONE"});
        let db = Setup { options, ..Setup::plain(server.port, &name) }.db();
        let rows = db.query_with("SELECT key FROM system.local", json!({}), None, soon()).await;
        assert_eq!(rows.unwrap().items().len(), 1, "{dc}");
    }
}
