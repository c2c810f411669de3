//! An upstream where calls meet: each is answered when so many have come. One container serves one call at a time, so
//! calls that met were served by as many containers.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Json, extract::Request, handler::HandlerWithoutStateExt};
use serde_json::json;
use tokio::{net::TcpListener, sync::Barrier};

/// The upstream.
pub(crate) struct Meeting {
    pub(crate) url: String,
    met: Arc<Mutex<Vec<Arrival>>>,
}

/// A call: its path, and the token that it brought.
pub(crate) type Arrival = (String, String);

impl Meeting {
    pub(crate) async fn of(calls: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (met, barrier) = (Arc::<Mutex<Vec<Arrival>>>::default(), Arc::new(Barrier::new(calls)));
        let log = Arc::clone(&met);
        let handler = move |request: Request| {
            let (log, barrier) = (Arc::clone(&log), Arc::clone(&barrier));
            async move {
                let token = request.headers().get("authorization").and_then(|value| value.to_str().ok());
                let arrival = (request.uri().path().to_owned(), token.unwrap_or_default().to_owned());
                log.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
                barrier.wait().await;
                Json(json!([]))
            }
        };
        tokio::spawn(async move { axum::serve(listener, handler.into_make_service()).await });
        Self { url, met }
    }

    /// Takes what came so far.
    pub(crate) fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.met.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
