//! A server that can do what a handler can't: hang up instead of answering.

use axum::{body::Body, http::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The caller hears nothing of its request.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends here")]
pub struct HungUp;

/// What is heard of a request.
pub type Heard = Result<Response<Body>, HungUp>;

/// Serves HTTP for as long as the runtime.
pub async fn serve<F, A>(listener: TcpListener, answer: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Heard> + Send + 'static,
{
    loop {
        // What was taken away again before it was accepted, or a moment without file descriptors.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let answer = answer.clone();
        tokio::spawn(async move {
            // An error says that one of the two has hung up.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
        });
    }
}
