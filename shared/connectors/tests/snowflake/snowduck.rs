//! Against a server of the same API that others wrote. It checks no credentials and makes every column text; what it
//! is asked asynchronously runs until it is cancelled.

use connectors::{Limit, Stages};
use model::clock::SystemClock;
use serde_json::{Value, json};
use test_servers::Snowduck;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::setup::{Made, ask, connect, texts};

/// Skips the test where the server can't be had.
macro_rules! server {
    () => {
        match Snowduck::shared() {
            Some(server) => server.port,
            None => return,
        }
    };
}

fn connected(port: u16) -> Made {
    let url = format!("http://127.0.0.1:{port}");
    connect(&url, &std::sync::Arc::default(), &json!({})).unwrap_or_else(|error| panic!("{error}"))
}

/// A table of a test's own.
async fn table(made: &Made, name: &str, columns: &str) {
    let created = made.execute(ask(&format!("create or replace table {name} ({columns})"))).await.unwrap();
    assert!(created.message.to_lowercase().contains("successfully created"), "{}", created.message);
    assert_eq!(created.rows_affected, 0);
}

#[tokio::test]
async fn values_are_bound_and_never_become_part_of_the_text() {
    let made = connected(server!());
    table(&made, "bound", "id int, name varchar").await;
    let hostile = r#"{"id": 7, "name": "x'); drop table bound; --"}"#;
    let done = made.execute(ask("insert into bound values (:id, :name)").with(hostile)).await.unwrap();
    assert_eq!((done.rows_affected, done.message.as_str()), (1, "INSERT: 1 row inserted"));
    let found = made.query(ask("select name from bound where id = ?").with(r#"{"1": 7}"#)).await.unwrap();
    assert_eq!(found, [r#"{"NAME":"x'); drop table bound; --"}"#]);
    let nulls =
        made.query(ask("select :a as a, :b as b, :c as c").with(r#"{"a": null, "b": 1.5, "c": true}"#));
    assert_eq!(nulls.await.unwrap(), [r#"{"A":null,"B":"1.5","C":"True"}"#]);
    let updated = made.execute(ask("update bound set name = ? where id = ?").with(r#"{"1": "y", "2": 7}"#));
    assert_eq!(updated.await.unwrap().rows_affected, 1);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_exact_across_calls_and_partitions() {
    const ROWS: u64 = 100_000;
    let made = connected(server!());
    table(&made, "numbers", "n bigint, square bigint").await;
    let fill = format!(
        "insert into numbers select n, n * n from (select seq4()::bigint as n from table(generator(rowcount => {ROWS})))"
    );
    assert_eq!(made.execute(ask(&fill)).await.unwrap().rows_affected, ROWS);
    let (mut next, mut sum, mut squares, mut calls) = (0_u64, 0_u64, 0_u64, 0);
    loop {
        // Each result has up to ten partitions of 10,000 rows, of which two are read: the second one shows that more
        // rows are there.
        let statement = "select n, square from numbers where n >= :next order by n";
        let rows = made.rows(ask(statement).with(&json!({ "next": next }).to_string())).await.unwrap();
        for row in texts(&rows) {
            let row: Value = serde_json::from_str(&row).unwrap();
            let number = |name: &str| row[name].as_str().unwrap().parse::<u64>().unwrap();
            assert_eq!(number("N"), next, "in order, and none is left out");
            sum += number("N");
            squares += number("SQUARE");
            next += 1;
        }
        calls += 1;
        if rows.exceeded().is_none() {
            break;
        }
        assert_eq!((rows.items().len(), rows.exceeded()), (10_000, Some(Limit::Rows)));
    }
    let source =
        made.query(ask("select count(*) as c, sum(n) as s, sum(square) as q from numbers")).await.unwrap();
    let expected = format!(r#"{{"C":"{next}","S":"{sum}","Q":"{squares}"}}"#);
    assert_eq!((source, next, calls), (vec![expected], ROWS, 10));
    assert_eq!(sum, ROWS * (ROWS - 1) / 2);
}

#[tokio::test]
async fn an_error_of_the_server_is_told_in_its_own_words() {
    let made = connected(server!());
    for (statement, expected) in [
        ("select * from missing_table", "missing_table"),
        ("select 1 +", "(status 422, code 001003)"),
        ("select no_such_function(1)", "no_such_function"),
    ] {
        let error = made.query(ask(statement)).await.unwrap_err().to_string().to_lowercase();
        assert!(error.contains("the upstream refused the request") && error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn the_live_test_passes_every_stage() {
    let made = connected(server!());
    let mut stages = Stages::new(&SystemClock);
    made.connector.health(&mut stages, made.deadline(20_000)).await.unwrap();
    let last = &stages.all().last().unwrap().detail;
    assert!(stages.all().len() == 5 && last.starts_with("Snowflake "), "{last}");
}

#[tokio::test]
async fn a_statement_that_runs_is_polled_and_cancelled_there_when_the_deadline_ends() {
    let port = server!();
    let made = connected(asynchronous(port).await);
    let statement = "select 4711 as left_running";
    made.query(ask(statement).within(1_500)).await.unwrap_err();
    let mut history = String::new();
    for _ in 0..1_000 {
        history = get(port, "/api/v2/query-history?limit=1000").await;
        if history.contains(r#""status":"cancelled","sqlText":"select 4711 as left_running""#) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it was not cancelled: {history}");
}

/// A way to the server on which every submission asks to be run asynchronously.
async fn asynchronous(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(passed(client, port));
        }
    });
    own
}

#[expect(clippy::disallowed_methods, reason = "a way between two sockets of this test")]
async fn passed(client: TcpStream, port: u16) {
    let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let ((mut asks, mut answered), (mut answers, mut asked)) = (client.into_split(), server.into_split());
    tokio::spawn(async move { tokio::io::copy(&mut answers, &mut answered).await });
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length) = asks.read(&mut bytes).await {
        if length == 0 || asked.write_all(&rewritten(&bytes[..length])).await.is_err() {
            break;
        }
    }
}

fn rewritten(part: &[u8]) -> Vec<u8> {
    const PLAIN: &[u8] = b"/api/v2/statements?requestId=";
    const ASYNC: &[u8] = b"/api/v2/statements?async=true&requestId=";
    match part.windows(PLAIN.len()).position(|window| window == PLAIN) {
        Some(at) => [&part[..at], ASYNC, &part[at + PLAIN.len()..]].concat(),
        None => part.to_vec(),
    }
}

#[expect(clippy::disallowed_methods, reason = "what the test itself asks of the server")]
async fn get(port: u16, target: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}
