//! DynamoDB Local, as a test finds it.

use std::{fs, net::TcpStream};

use test_servers::dynamodb_local::DynamoDbLocal;

#[expect(clippy::disallowed_methods, reason = "the server's own port, on loopback")]
fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The addresses that something listens on at a port, as the kernel writes them.
fn listening(port: u16) -> Vec<String> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let socket = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let (address, at) = fields.next()?.split_once(':')?;
        // 0A: listening.
        (at == format!("{port:04X}") && fields.nth(1)? == "0A").then(|| address.to_owned())
    };
    tables.iter().flat_map(|table| table.lines()).filter_map(socket).collect()
}

#[test]
fn a_server_is_on_loopback_alone_and_ends_when_it_is_dropped() {
    let (Some(server), Some(other)) = (DynamoDbLocal::start(), DynamoDbLocal::start()) else { return };
    let (port, another) = (server.port, other.port);
    assert!(answers(port) && answers(another));
    // 127.0.0.1, as IPv6 has it too.
    let addresses = listening(port);
    assert!(!addresses.is_empty());
    assert!(addresses.iter().all(|address| address.ends_with("0100007F")), "{addresses:?}");
    drop(server);
    assert!(!answers(port) && answers(another));
}
