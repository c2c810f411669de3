//! The Lambda function `portal-connectors`.

use std::sync::Arc;

use boot::{Boot, Error};
use lambda_http::service_fn;
use portal_connectors::{App, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment().await?;
    let store = boot.dynamo();
    store.prime().await;
    let app = Arc::new(App {
        connectors: Arc::new(store.clone()),
        sessions: Arc::new(store),
        rules: boot.settings.portal_rules(),
        allowed_origins: boot.settings.allowed_origins,
        clock: boot.clock,
        entropy: boot.entropy,
    });
    boot::run(service_fn(move |request| handle(Arc::clone(&app), request))).await
}
