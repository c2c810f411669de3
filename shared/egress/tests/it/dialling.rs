//! Raw TCP: what a driver gets, and what it is told when it gets nothing.

use std::net::SocketAddr;
use std::time::Duration;

use egress::EgressError;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Script, Server, egress, exchange_raw, ok, within};

#[tokio::test]
async fn a_dialled_socket_sends_at_once_and_notices_when_the_other_side_is_gone() {
    let server = Server::answering(ok("")).await;
    let egress = egress("127.0.0.1", Script::default());
    let judged = egress.addresses("127.0.0.1", server.port, within(20_000)).await.unwrap();
    let stream = egress.dial("db", &judged, within(20_000)).await.unwrap();
    assert!(stream.nodelay().unwrap());
    let socket = SockRef::from(&stream);
    assert!(socket.keepalive().unwrap());
    // Asked often enough that no NAT gateway forgets the connection, and known to be gone within a minute or so.
    assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(30));
    assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(10));
}

#[tokio::test]
async fn an_ipv6_address_may_stand_in_brackets_or_not() {
    let server = Server::answering(ok("hi")).await;
    let egress = egress("::1", Script::default());
    for host in ["[::1]", "::1"] {
        assert!(exchange_raw(&egress, host, server.port).await.unwrap().ends_with("hi"), "{host}");
    }
}

#[tokio::test]
async fn a_dead_address_costs_the_next_one_nothing() {
    // Only the second address of the name has a listener.
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let egress = egress("two.test", Script::default().name("two.test", &["127.0.0.1 127.0.0.2"]));
    let judged = egress.addresses("two.test", port, within(20_000)).await.unwrap();
    let stream = egress.dial("two.test", &judged, within(20_000)).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
}

/// An address that answers nothing: its listener's queue is full, so that the system drops what else comes.
struct Silent {
    listener: Socket,
    _filler: TcpStream,
}

impl Silent {
    async fn start(address: SocketAddr) -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&address.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the connection that fills the queue")]
        let filler = TcpStream::connect(address).await.unwrap();
        Self { listener, _filler: filler }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().as_socket().unwrap().port()
    }
}

#[tokio::test]
async fn a_silent_address_leaves_the_next_one_its_share_of_the_time() {
    let silent = Silent::start(SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let good = TcpListener::bind(("127.0.0.2", silent.port())).await.unwrap();
    let egress = egress("two.test", Script::default().name("two.test", &["127.0.0.1 127.0.0.2"]));
    let judged = egress.addresses("two.test", silent.port(), within(20_000)).await.unwrap();
    let stream = egress.dial("two.test", &judged, within(3_000)).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), good.local_addr().unwrap());
}

#[tokio::test]
async fn the_last_address_has_all_the_time_that_is_left() {
    let silent = Silent::start(SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let _other = Silent::start(SocketAddr::from(([127, 0, 0, 2], silent.port()))).await;
    let egress = egress("two.test", Script::default().name("two.test", &["127.0.0.1 127.0.0.2"]));
    let judged = egress.addresses("two.test", silent.port(), within(20_000)).await.unwrap();
    // Were it given up earlier, this would be a failure to connect.
    assert_eq!(egress.dial("two.test", &judged, within(1_000)).await.unwrap_err().stage(), "deadline");
}

#[tokio::test]
async fn failures_name_their_stage_and_the_target() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let script = || Script::default().name("db.test", &["127.0.0.1"]);
    let egress = egress("db.test", script());

    let error = exchange_raw(&egress, "db.test", port).await.unwrap_err();
    let target = "db.test".to_owned();
    assert_eq!(error, EgressError::Connect { target, reason: "the connection was refused" });

    let error = exchange_raw(&egress, "none.test", port).await.unwrap_err();
    assert_eq!(
        (error.stage(), error.to_string().as_str()),
        ("name_resolution", "the name none.test does not resolve")
    );

    let judged = egress.addresses("db.test", port, within(20_000)).await.unwrap();
    assert_eq!(egress.dial("db.test", &judged, within(0)).await.unwrap_err().stage(), "deadline");
    assert_eq!(egress.addresses("db.test", port, within(0)).await.unwrap_err().stage(), "deadline");
}
