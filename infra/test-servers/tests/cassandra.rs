//! Apache Cassandra, as a test finds it.

use test_servers::cassandra::{Cassandra, Cql, PASSWORD, USER};

fn login(address: &str, server: &Cassandra, user: &str, password: &str) -> Result<Cql, String> {
    Cql::connect(address, server.port, user, password)
}

#[test]
fn a_server_asks_for_a_login_knows_rights_and_ends_when_it_is_dropped() {
    let Some(server) = Cassandra::start() else { return };
    let mut admin = server.admin();
    admin.run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    admin.run("CREATE TABLE ks.t (n int PRIMARY KEY)");
    admin.run("CREATE ROLE clerk WITH PASSWORD = 'clerk-4711' AND LOGIN = true");
    assert!(login("127.0.0.1", &server, USER, "wrong").is_err());
    let mut clerk = login("127.0.0.1", &server, "clerk", "clerk-4711").unwrap();
    assert!(clerk.attempt("SELECT * FROM ks.t").unwrap_err().contains("SELECT permission"));
    admin.run("GRANT SELECT ON ks.t TO clerk");
    clerk.attempt("SELECT * FROM ks.t").unwrap();
    let port = server.port;
    drop(server);
    assert!(Cql::connect("127.0.0.1", port, USER, PASSWORD).is_err());
}

#[test]
fn a_node_of_two_can_die_and_come_back() {
    let Some(mut cluster) = Cassandra::cluster() else { return };
    let mut admin = cluster.admin();
    admin.run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}");
    admin.run("CREATE TABLE ks.t (n int PRIMARY KEY)");
    let login = |cluster: &Cassandra, address| login(address, cluster, USER, PASSWORD);
    login(&cluster, "127.0.0.2").unwrap().eventually("SELECT * FROM ks.t");
    cluster.stop_node(2);
    assert!(login(&cluster, "127.0.0.2").is_err());
    login(&cluster, "127.0.0.1").unwrap().eventually("INSERT INTO ks.t (n) VALUES (1)");
    cluster.start_node(2);
    login(&cluster, "127.0.0.2").unwrap().eventually("SELECT * FROM ks.t");
    cluster.stop_node(1);
    assert!(login(&cluster, "127.0.0.1").is_err());
    // Until the second has found out that the first is down, a login may wait for its answer in vain.
    let mut session = (0..100).find_map(|_| login(&cluster, "127.0.0.2").ok()).expect("a session");
    session.eventually("SELECT * FROM ks.t");
}
