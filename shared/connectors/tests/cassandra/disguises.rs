//! Writes that come as queries. Each is refused before it is sent; and what the server makes of each, asked past the
//! connector by a superuser whom nothing else would have stopped, shows that it was no idle refusal.

use test_servers::cassandra::{Cassandra, Cql};

use crate::lexing::passes;

/// What the server makes of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// Refuses it, or nothing that lasts.
    Nothing,
    /// Writes rows.
    Rows,
    /// Writes under a condition, or changes tables, roles or rights.
    More,
}

use Does::{More, Nothing, Rows};

const DISGUISES: &[(&str, Does)] = &[
    // Plain writes, with whatever is in front of them.
    ("INSERT INTO kd.t (k) VALUES (9)", Rows),
    ("INSERT INTO kd.t JSON '{\"k\": 9}'", Rows),
    ("INSERT INTO kd.t (k) VALUES (9) IF NOT EXISTS", More),
    ("UPDATE kd.t SET a = 'x' WHERE k = 9", Rows),
    ("UPDATE kd.t SET a = 'x' WHERE k = 1 IF a = 'one'", More),
    ("UPDATE kd.c SET n = n + 1 WHERE k = 9", Rows),
    ("DELETE FROM kd.t WHERE k = 1", Rows),
    ("DELETE FROM kd.t WHERE k = 1 IF EXISTS", More),
    ("TRUNCATE kd.t", More),
    ("TRUNCATE TABLE kd.t;", More),
    ("CREATE TABLE kd.u (k int PRIMARY KEY)", More),
    ("CREATE TYPE kd.y (a int)", More),
    ("CREATE KEYSPACE kx WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", More),
    ("CREATE INDEX ON kd.t (a)", More),
    ("ALTER TABLE kd.t ADD more int", More),
    ("DROP TABLE kd.c", More),
    ("CREATE ROLE lurker", More),
    ("GRANT SELECT ON kd.t TO nobody", More),
    ("UPDATE system_auth.roles SET is_superuser = true WHERE role = 'nobody'", More),
    // Comments and white space.
    ("/* SELECT */ DELETE FROM kd.t WHERE k = 1", Rows),
    ("-- SELECT\nDELETE FROM kd.t WHERE k = 1", Rows),
    ("// SELECT\nDELETE FROM kd.t WHERE k = 1", Rows),
    ("-- SELECT\rDELETE FROM kd.t WHERE k = 1", Rows),
    ("// SELECT * FROM kd.t WHERE k = 1\rDELETE/**/FROM/**/kd.t WHERE k = 1", Rows),
    ("/* SELECT /* */ DELETE FROM kd.t WHERE k = 1", Rows),
    ("/*/ SELECT */ DELETE FROM kd.t WHERE k = 1", Rows),
    ("/* -- */DELETE FROM kd.t WHERE k = 1", Rows),
    ("-- /*\nDELETE FROM kd.t WHERE k = 1 -- */\n", Rows),
    ("--\u{2028}SELECT\ndElEtE\tFROM kd.t WHERE k = 1", Rows),
    ("\r\n\t DELETE\rFROM\rkd.t\rWHERE\rk\r=\r1\r;\r;", Rows),
    ("\u{feff}DELETE FROM kd.t WHERE k = 1", Nothing),
    ("\u{a0}DELETE FROM kd.t WHERE k = 1", Nothing),
    ("\0DELETE FROM kd.t WHERE k = 1", Nothing),
    ("\u{b}DELETE FROM kd.t WHERE k = 1", Nothing),
    ("\u{200b}DELETE FROM kd.t WHERE k = 1", Nothing),
    ("DEL/**/ETE FROM kd.t WHERE k = 1", Nothing),
    // Batches.
    ("BEGIN BATCH DELETE FROM kd.t WHERE k = 1 APPLY BATCH", Rows),
    ("/**/begin/**/unlogged/**/batch/**/delete/**/from kd.t where k = 1;apply/**/batch", Rows),
    ("BEGIN COUNTER BATCH UPDATE kd.c SET n = n + 1 WHERE k = 9; APPLY BATCH", Rows),
    ("BEGIN BATCH INSERT INTO kd.t (k) VALUES (8)INSERT INTO kd.t (k) VALUES (9)APPLY BATCH", Rows),
    // A second statement, which the server never takes.
    ("SELECT a FROM kd.t; DELETE FROM kd.t WHERE k = 1", Nothing),
    ("SELECT a FROM kd.t DELETE FROM kd.t WHERE k = 1;;", Nothing),
    ("SELECT a FROM kd.t WHERE a = $$'$$; DELETE FROM kd.t WHERE k = 1 --'\n", Nothing),
    ("SELECT a FROM kd.t WHERE a = '\\'; DELETE FROM kd.t WHERE k = 1 --'\n", Nothing),
    // The session, which other calls share.
    ("USE kd", Nothing),
];

/// What the statements above name: other tests change the same server meanwhile.
const STATE: &[&str] = &[
    "SELECT * FROM kd.t",
    "SELECT * FROM kd.c",
    "SELECT * FROM system_schema.keyspaces WHERE keyspace_name IN ('kd', 'kx')",
    "SELECT * FROM system_schema.tables WHERE keyspace_name IN ('kd', 'kx')",
    "SELECT * FROM system_schema.columns WHERE keyspace_name = 'kd'",
    "SELECT * FROM system_schema.indexes WHERE keyspace_name = 'kd'",
    "SELECT * FROM system_schema.types WHERE keyspace_name = 'kd'",
    "SELECT role, is_superuser FROM system_auth.roles WHERE role IN ('lurker', 'nobody')",
    "SELECT * FROM system_auth.role_permissions WHERE role = 'nobody'",
];

/// Everything as it was: one row, and no counter.
fn prepare(server: &mut Cql) {
    for statement in [
        "DROP KEYSPACE IF EXISTS kx",
        "DROP KEYSPACE IF EXISTS kd",
        "DROP ROLE IF EXISTS lurker",
        "DROP ROLE IF EXISTS nobody",
        "CREATE ROLE nobody",
        "CREATE KEYSPACE kd WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
        "CREATE TABLE kd.t (k int PRIMARY KEY, a text)",
        "CREATE TABLE kd.c (k int PRIMARY KEY, n counter)",
    ] {
        server.run(statement);
    }
    restore(server);
}

fn restore(server: &mut Cql) {
    server.run("INSERT INTO kd.t (k, a) VALUES (1, 'one')");
    server.run("DELETE FROM kd.t WHERE k IN (8, 9)");
}

/// A table that is gone answers with an error.
fn state(server: &mut Cql) -> Vec<Result<Vec<u8>, String>> {
    STATE.iter().map(|query| server.answer(query)).collect()
}

#[test]
fn no_disguise_makes_a_write_pass_for_a_query() {
    let Some(mut server) = Cassandra::shared().map(Cassandra::admin) else { return };
    prepare(&mut server);
    let mut before = state(&mut server);
    for (statement, does) in DISGUISES {
        assert!(!passes(statement), "{statement:?}");
        drop(server.attempt(statement));
        assert_eq!(state(&mut server) != before, *does != Nothing, "{statement:?}");
        match does {
            Nothing => {}
            Rows => restore(&mut server),
            More => prepare(&mut server),
        }
        before = state(&mut server);
    }
    assert!(DISGUISES.iter().filter(|(_, does)| *does != Nothing).count() > 30);
}
