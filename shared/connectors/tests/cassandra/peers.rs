//! A cluster tells of nodes that nobody wrote down. Each is judged before a socket opens, and one that is down does not
//! stop the others.

use std::time::Duration;

use connectors::Stages;
use model::clock::SystemClock;
use serde_json::json;
use test_servers::cassandra::{Cassandra, HOST};

use crate::setup::{Db, Setup, soon, unused};

/// How many of this machine's sockets are connected to an address and port, by the kernel's own table.
fn sockets(address: [u8; 4], port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let [a, b, c, d] = address;
    let wanted = format!("{d:02X}{c:02X}{b:02X}{a:02X}:{port:04X}");
    table
        .lines()
        .skip(1)
        .filter(|line| {
            let mut fields = line.split_whitespace().skip(2);
            // 01: established.
            fields.next() == Some(&wanted) && fields.next() == Some("01")
        })
        .count()
}

const SECOND: [u8; 4] = [127, 0, 0, 2];

/// A keyspace on both nodes.
fn replicated(cluster: &Cassandra) -> String {
    let (name, mut admin) = (unused(), cluster.admin());
    admin.run(&format!(
        "CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 2}}"
    ));
    admin.run(&format!("CREATE TABLE {name}.t (k int PRIMARY KEY)"));
    // A node that has not heard of the table yet fails what it is asked for it.
    cluster.admin_at(2).eventually(&format!("SELECT k FROM {name}.t"));
    name
}

fn at_one(cluster: &Cassandra, name: &str, allow: &'static str) -> Setup {
    let options = json!({"tls": false, "consistency": "ONE"});
    Setup { options, allow, ..Setup::plain(cluster.port, name) }
}

const PEERS: &str = "SELECT peer FROM system.peers_v2";

/// Until the first node knows of the second, which takes logins a moment before.
async fn introduced(cluster: &Cassandra, name: &str) {
    let first = at_one(cluster, name, "127.0.0.1").db();
    for _ in 0..600 {
        if first.query(PEERS).await.unwrap().items().len() == 1 {
            return first.connector.close().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the first node has not heard of the second");
}

/// Until no socket to the second node is left.
async fn gone(cluster: &Cassandra) {
    for _ in 0..100 {
        if sockets(SECOND, cluster.port) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} sockets are left", sockets(SECOND, cluster.port));
}

async fn calls(db: &Db, statement: &str, count: usize) {
    for _ in 0..count {
        db.query_with(statement, json!({}), None, soon()).await.unwrap();
    }
}

#[tokio::test]
async fn peers_are_judged_and_one_that_dies_leaves_the_other_to_serve() {
    let Some(mut cluster) = Cassandra::cluster() else { return };
    let name = replicated(&cluster);
    introduced(&cluster, &name).await;
    // Only the first node is listed: the second is known, and no socket opens to it.
    let alone = at_one(&cluster, &name, "127.0.0.1").db();
    calls(&alone, "SELECT * FROM t", 50).await;
    let peers = alone.query(PEERS).await.unwrap();
    assert_eq!(peers.items().len(), 1);
    alone.connector.health(&mut Stages::new(&SystemClock), soon()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(sockets(SECOND, cluster.port), 0);
    // The second one's certificate is for the name that the record has, not for the address that the first tells.
    let options = json!({"ca_pem": cluster.ca, "consistency": "ONE"});
    let url = format!("cassandra://{HOST}:{}/{name}", cluster.port);
    let sealed = Setup { url, options, ..Setup::plain(cluster.port, &name) }.db();
    calls(&sealed, "SELECT * FROM t", 50).await;
    assert!(sockets(SECOND, cluster.port) > 0);
    let served = sealed.query(PEERS).await.unwrap();
    assert_eq!(served.items().len(), 1);
    sealed.connector.close().await;
    gone(&cluster).await;
    // Both are listed: both are used.
    let both = at_one(&cluster, &name, "127.0.0.0/8").db();
    calls(&both, "SELECT * FROM t", 50).await;
    assert!(sockets(SECOND, cluster.port) > 0);
    // The one that was never dialled has no part in what follows; the other's session loses the second node.
    cluster.stop_node(2);
    for k in 0..20 {
        let statement = format!("INSERT INTO t (k) VALUES ({k})");
        both.execute(&statement).await.unwrap();
        calls(&both, "SELECT * FROM t", 1).await;
    }
    // It comes back, and the first one goes: the second is found though no record names it.
    cluster.start_node(2);
    for _ in 0..600 {
        if sockets(SECOND, cluster.port) > 0 {
            break;
        }
        both.query("SELECT * FROM t").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(sockets(SECOND, cluster.port) > 0);
    cluster.stop_node(1);
    let mut served = 0;
    for _ in 0..30 {
        // A node that has not found out that the other is down asks it in vain, once.
        served += usize::from(both.query("SELECT * FROM t").await.is_ok());
    }
    assert!(served >= 29, "{served}");
}
