//! Connections that fail, each told apart, in words that hold nothing of the request.

use egress::EgressError;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::support::{Script, Server, egress, get, read_head};

async fn fails(server: &Server) -> EgressError {
    let url = format!("{}secret?token=1", server.url("127.0.0.1"));
    let error = get(&egress("127.0.0.1", Script::default()), &url).await.unwrap_err();
    assert!(!error.to_string().contains("secret") && !error.to_string().contains("token"), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    error
}

#[tokio::test]
async fn a_refused_port_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret", listener.local_addr().unwrap());
    drop(listener);
    let error = get(&egress("127.0.0.1", Script::default()), &url).await.unwrap_err();
    assert_eq!(error.stage(), "connect");
    assert!(error.to_string().ends_with("cannot be reached: the connection was refused"), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_reset_is_a_broken_answer() {
    let server = Server::start(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await.unwrap();
        stream.set_zero_linger().unwrap();
    })
    .await;
    let error = fails(&server).await;
    assert_eq!(error.stage(), "response");
    assert!(error.to_string().ends_with("the connection broke"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_broken() {
    for answer in ["", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
        let error = fails(&Server::answering(answer).await).await;
        assert!(matches!(error, EgressError::Broken { .. }), "{answer:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_decompress_is_broken() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!";
    let error = fails(&Server::answering(answer).await).await;
    assert!(error.to_string().ends_with("its body cannot be decompressed"), "{error}");
}
