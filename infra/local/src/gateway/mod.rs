//! An HTTP API of Amazon API Gateway on this machine: HTTP/1.1 in, the event of payload format 2.0 to a
//! function, its answer back as HTTP.
//!
//! The functions are handed the same JSON that a deployment hands them, through the same types, so that
//! what only a gateway does (cookies in an array, decoded paths, base64 bodies, limits, its own errors) is
//! met here first. Where Amazon's documentation is silent, the modules follow events captured from it.

mod arrival;
mod body;
mod event;
mod function;
mod handler;
mod head;
mod identity;
mod path;
mod reply;
mod route;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request},
    handler::HandlerWithoutStateExt as _,
    response::Response,
};
use model::{clock::Clock, entropy::Entropy};
use tokio::net::TcpListener;

use self::{arrival::Arrival, identity::Identity, path::RequestPath, reply::Refusal, route::Table};
pub use self::{
    function::{Function, InvokeError, RoundRobin},
    handler::Handler,
    route::Route,
};

/// How long the gateway waits for a function, and for a request's body to arrive.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// One HTTP API: its routes and the function behind `$default`.
pub struct Gateway {
    table: Table,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Gateway {
    /// An API with `routes`; what none of them matches goes to `default`.
    pub fn new(
        routes: Vec<Route>,
        default: Arc<dyn Function>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { table: Table::new(routes, default), clock, entropy }
    }

    /// Accepts connections until `shutdown` completes, then lets the requests in hand finish.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let gateway = Arc::new(self);
        let port = listener.local_addr()?.port();
        let answer = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.answer(Arrival { peer: peer.ip(), port }, request).await }
        };
        axum::serve(listener, answer.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(shutdown)
            .await
    }

    /// Answers one request: with the function's response, or with one of the gateway's own.
    async fn answer(&self, arrival: Arrival, request: Request) -> Response {
        let identity = Identity::draw(self.clock.now(), &*self.entropy);
        let mut response =
            self.forward(arrival, request, &identity).await.unwrap_or_else(Refusal::into_response);
        response.headers_mut().insert("apigw-requestid", identity.header());
        response
    }

    async fn forward(
        &self,
        arrival: Arrival,
        request: Request,
        identity: &Identity,
    ) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        head::within_limit(&parts)?;
        let host = head::host(&parts.headers)?;
        let path = RequestPath::decode(parts.uri.path())?;
        let target = self.table.find(&parts.method, &path);
        let body = tokio::time::timeout(INTEGRATION_TIMEOUT, body::read(body))
            .await
            .map_err(|_elapsed| Refusal::RequestTimeout)??;

        let event = event::encode(&parts, &body, &host, &path, &target, arrival, identity)?;
        let invocation = target.function.invoke(event, &identity.invocation_id);
        match tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await {
            Ok(Ok(answer)) => reply::to_http(answer, &identity.request_id),
            Ok(Err(error)) => {
                tracing::error!(request_id = identity.request_id, %error, "function failed");
                Err(Refusal::Internal)
            }
            Err(_elapsed) => Err(Refusal::Unavailable),
        }
    }
}
