//! emulate starts, answers, and ends with its handle.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use test_servers::Emulate;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of the server itself, on loopback")]
fn it_answers_and_ends_with_its_handle() {
    let Some(server) = Emulate::slack() else { return };
    let port = server.port;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let request = "POST /api/auth.test HTTP/1.0\r\nAuthorization: Bearer xoxb-emulate-all\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.contains(r#""ok":true"#), "{answer}");
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "it is gone");
}
