//! Trying again, seen from the server: how often it was asked, and what for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egress::{Egress, EgressError, Request, Response, Retries, Sent, Tls, Verdict, by_status};
use jiff::Timestamp;
use model::clock::{Clock, Moment, SystemClock};
use model::deadline::Deadline;
use reqwest::{Method, StatusCode, header::RETRY_AFTER};
use telemetry::Metrics;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::{Script, Server, egress, guarded, ok, read_head, request, rules, within};

/// A server that gives each connection its next answer, and from then on the last one. An empty answer hangs up
/// after the request was read.
async fn answering(answers: &[&str]) -> Server {
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    let (answers, count) = (Arc::new(answers), Arc::new(AtomicUsize::new(0)));
    Server::start(move |mut stream| {
        let (answers, count) = (Arc::clone(&answers), Arc::clone(&count));
        async move {
            read_head(&mut stream).await;
            let index = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let _ = stream.write_all(answers[index].as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn status(line: &str, headers: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n{headers}Connection: close\r\n\r\n")
}

async fn send(server: &Server, retries: Retries<'_>) -> Sent {
    send_within(server, retries, 20_000).await
}

async fn send_within(server: &Server, retries: Retries<'_>, millis: u64) -> Sent {
    let url = server.url("127.0.0.1");
    let mut request = request(&url);
    if !retries.repeatable {
        request.method = Method::POST;
    }
    let client = egress("127.0.0.1", Script::default()).http(&url).unwrap();
    client.send_with_retries(&request, retries, within(millis)).await
}

fn outcome(sent: &Sent) -> (Option<u16>, u32) {
    (sent.answer.as_ref().ok().map(|response| response.status.as_u16()), sent.attempts)
}

#[tokio::test]
async fn each_repetition_is_counted_and_a_first_attempt_is_not() {
    let (bad, good) = (status("503 Service Unavailable", ""), ok("fine"));
    let written = Arc::<Mutex<Vec<u8>>>::default();
    let output = Arc::clone(&written);
    let metrics = Metrics::new("f", move |lines: &[u8]| output.lock().unwrap().extend(lines));
    let mut told = Vec::new();
    for answers in [&[&*good][..], &[&*bad, &*good], &[&*bad]] {
        let server = answering(answers).await;
        let url = server.url("127.0.0.1");
        let client = egress("127.0.0.1", Script::default()).counting(metrics.clone()).http(&url).unwrap();
        let sent = client.send_with_retries(&request(&url), Retries::repeatable(2), within(20_000)).await;
        metrics.emit(SystemClock.now());
        let text = String::from_utf8(std::mem::take(&mut *written.lock().unwrap())).unwrap();
        told.push((sent.attempts, text.contains("\"Retries\":1"), text.contains("\"Retries\":2")));
    }
    assert_eq!(told, [(1, false, false), (2, true, false), (3, false, true)]);
}

#[tokio::test]
async fn a_read_is_tried_again_up_to_its_limit_and_not_once_more() {
    for line in ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"]
    {
        let (bad, good) = (status(line, ""), ok("fine"));
        let server = answering(&[&bad, &bad, &good]).await;
        assert_eq!(outcome(&send(&server, Retries::repeatable(2)).await), (Some(200), 3), "{line}");
        assert_eq!(server.connections(), 3);

        let server = answering(&[&bad, &bad, &good]).await;
        let sent = send(&server, Retries::repeatable(1)).await;
        assert_eq!(sent.answer.unwrap().status.to_string(), line);
        assert_eq!((sent.attempts, server.connections()), (2, 2));
    }
}

#[tokio::test]
async fn no_retries_means_one_attempt() {
    let server = answering(&[&status("503 Service Unavailable", "")]).await;
    assert_eq!(outcome(&send(&server, Retries::repeatable(0)).await), (Some(503), 1));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_that_asking_again_does_not_change_is_taken() {
    for line in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "408 Request Timeout", "500 Oops"] {
        let server = answering(&[&status(line, "")]).await;
        assert_eq!(send(&server, Retries::repeatable(3)).await.attempts, 1, "{line}");
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_broken_connection_is_tried_again_for_a_read_and_never_for_a_write() {
    let server = answering(&["", &ok("fine")]).await;
    assert_eq!(outcome(&send(&server, Retries::repeatable(1)).await), (Some(200), 2));

    let server = answering(&["", &ok("fine")]).await;
    let sent = send(&server, Retries::once_taken(10)).await;
    assert!(matches!(sent.answer, Err(EgressError::Broken { .. })), "{:?}", sent.answer);
    assert_eq!((sent.attempts, server.connections()), (1, 1));
}

#[tokio::test]
async fn a_write_is_tried_again_only_where_it_was_not_taken() {
    let unavailable = |response: &Response| match response.status {
        StatusCode::SERVICE_UNAVAILABLE if response.headers.contains_key(RETRY_AFTER) => {
            Verdict::Untaken { wait: None }
        }
        _ => by_status(response),
    };
    let told = Retries::once_taken(3).judged(&unavailable);
    for (line, headers, retries, attempts) in [
        ("429 Too Many Requests", "", Retries::once_taken(3), 2),
        ("503 Service Unavailable", "Retry-After: 0\r\n", Retries::once_taken(3), 1),
        ("503 Service Unavailable", "Retry-After: 0\r\n", told, 2),
        ("503 Service Unavailable", "", told, 1),
        ("502 Bad Gateway", "Retry-After: 0\r\n", told, 1),
        ("504 Gateway Timeout", "Retry-After: 0\r\n", told, 1),
    ] {
        let server = answering(&[&status(line, headers), &ok("fine")]).await;
        assert_eq!(send(&server, retries).await.attempts, attempts, "{line} {headers:?}");
        assert_eq!(server.connections(), attempts as usize);
    }
}

#[tokio::test]
async fn what_never_left_this_machine_is_tried_again_even_for_a_write() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    // A server that hangs up in the handshake, and a name that does not resolve.
    let abrupt = Server::start(|stream| async move { drop(stream) }).await;
    let handshake = format!("https://127.0.0.1:{}/", abrupt.port);
    for (url, stage) in
        [(refused.as_str(), "connect"), (&handshake, "connect"), ("https://none.test/", "name_resolution")]
    {
        let client = egress("127.0.0.1", Script::default()).http(url).unwrap();
        let post = Request { method: Method::POST, ..request(url) };
        let sent = client.send_with_retries(&post, Retries::once_taken(2), within(20_000)).await;
        assert_eq!((sent.answer.unwrap_err().stage(), sent.attempts), (stage, 3), "{url}");
    }
    assert_eq!(abrupt.connections(), 3);
}

#[tokio::test]
async fn what_the_rules_refuse_is_asked_once_and_judged_at_every_attempt() {
    let server = answering(&[&status("503 Service Unavailable", "")]).await;
    // Good once, bad from then on: the second attempt is judged by what the name says then.
    let script = Script::default().name("rebind.test", &["127.0.0.1", "169.254.169.254"]);
    let url = server.url("rebind.test");
    let client = guarded(rules("rebind.test", None), script).http(&url).unwrap();
    let sent = client.send_with_retries(&request(&url), Retries::repeatable(5), within(20_000)).await;
    assert_eq!((sent.answer.unwrap_err().stage(), sent.attempts), ("egress", 2));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    for as_date in [true, false] {
        let now = SystemClock.now().wall;
        let due = Timestamp::from_second(now.as_second() + 2).unwrap();
        let asked = if as_date { httpdate::fmt_http_date(due.into()) } else { "2".to_owned() };
        let header = format!("Retry-After: {asked}\r\n");
        let server = answering(&[&status("429 Too Many Requests", &header), &ok("fine")]).await;
        let sent = send(&server, Retries::once_taken(3)).await;
        assert_eq!(outcome(&sent), (Some(200), 2), "{header}");
        assert!(SystemClock.now().wall >= due, "{header}");
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_ends_at_once_with_the_answer_that_is_there() {
    for header in ["Retry-After: 3600\r\n", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"] {
        let server = answering(&[&status("429 Too Many Requests", header)]).await;
        let start = SystemClock.now();
        let sent = send_within(&server, Retries::repeatable(10), 15_000).await;
        assert_eq!(sent.attempts, 1);
        let response = sent.answer.unwrap();
        assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(header.contains(response.headers["retry-after"].to_str().unwrap()));
        assert!(SystemClock.now().ticks.duration_since(start.ticks) < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn back_off_never_outlasts_the_deadline() {
    let server = answering(&[&status("503 Service Unavailable", "")]).await;
    let start = SystemClock.now();
    // Ten waits would take half a minute.
    let sent = send_within(&server, Retries::repeatable(10), 1_000).await;
    assert!(sent.attempts > 1 && sent.attempts < 11, "{}", sent.attempts);
    assert_eq!(outcome(&sent).0, Some(503));
    assert!(SystemClock.now().ticks.duration_since(start.ticks) < Duration::from_secs(10));
}

/// What a container that was frozen finds: connections that the other side has closed meanwhile. The server is a
/// thread of its own; while it hangs up, the client's whole runtime stands still.
#[test]
fn a_connection_that_died_while_the_client_was_frozen_costs_nothing_not_even_a_write() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (close, told) = std::sync::mpsc::channel::<()>();
    let (tell, closed) = std::sync::mpsc::channel::<()>();
    let server = std::thread::spawn(move || {
        for round in 0..10 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            assert!(stream.read(&mut buffer).unwrap() > 0);
            stream.write_all(ok("hi").as_bytes()).unwrap();
            told.recv().unwrap();
            if round % 2 == 0 {
                // A reset, as from a gateway that has forgotten the connection.
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            }
            drop(stream);
            tell.send(()).unwrap();
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = egress("127.0.0.1", Script::default()).http(&url).unwrap();
        for _ in 0..10 {
            let post = Request { method: Method::POST, ..request(&url) };
            let sent = client.send_with_retries(&post, Retries::once_taken(0), within(20_000)).await;
            assert_eq!(sent.answer.unwrap().body, "hi");
            close.send(()).unwrap();
            closed.recv().unwrap();
        }
    });
    server.join().unwrap();
}

#[tokio::test]
async fn a_repetition_goes_where_repetitions_are_told_apart_and_says_what_went_before() {
    let (busy, bad, good) =
        (status("429 Too Many Requests", ""), status("503 Service Unavailable", ""), ok("fine"));
    for (answers, taken_before) in [
        (&[&*good][..], false),
        (&[&*busy, &*good], false),
        (&[&*bad, &*good], true),
        (&["", &*busy, &*good], true),
    ] {
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (answers, log): (Vec<String>, _) =
            (answers.iter().map(|answer| (*answer).to_owned()).collect(), Arc::clone(&heads));
        let attempts = answers.len();
        let server = Server::start(move |mut stream| {
            let (answers, log) = (answers.clone(), Arc::clone(&log));
            async move {
                let head = read_head(&mut stream).await;
                let index = {
                    let mut log = log.lock().unwrap();
                    log.push(head.lines().next().unwrap_or_default().to_owned());
                    log.len() - 1
                };
                let _ = stream.write_all(answers[index].as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        })
        .await;
        let url = server.url("127.0.0.1");
        let client = egress("127.0.0.1", Script::default()).http(&url).unwrap();
        let again = Some(format!("{url}?again").parse().unwrap());
        let request = Request { again, ..request(&url) };
        let sent = client.send_with_retries(&request, Retries::repeatable(2), within(20_000)).await;
        assert_eq!((sent.answer.unwrap().status, sent.taken_before), (StatusCode::OK, taken_before));
        let mut expected = vec!["GET /?again HTTP/1.1"; attempts];
        expected[0] = "GET / HTTP/1.1";
        assert_eq!(*heads.lock().unwrap(), expected);
    }
}

/// A clock that stands still.
struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

#[tokio::test]
async fn a_wait_that_would_take_all_the_time_that_is_left_is_not_begun() {
    let server = answering(&[&status("429 Too Many Requests", "Retry-After: 10\r\n"), &ok("fine")]).await;
    let now = SystemClock.now();
    let (tls, names) = (Tls::new(None).unwrap(), Arc::new(Script::default()));
    let egress = Egress::new(rules("127.0.0.1", None), tls, names, Arc::new(Still(now)));
    let url = server.url("127.0.0.1");
    let deadline = Deadline::after(now, Duration::from_secs(10));
    let client = egress.http(&url).unwrap();
    let sent = client.send_with_retries(&request(&url), Retries::repeatable(3), deadline).await;
    assert_eq!(outcome(&sent), (Some(429), 1));
}
