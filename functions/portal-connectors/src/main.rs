//! The Lambda function `portal-connectors`.

use std::sync::Arc;

use boot::{Boot, Error};
use portal_connectors::{App, handle};
use store::FirstRead;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment()?;
    boot.dynamo().prime(FirstRead::Session).await;
    let app = Arc::new(App::new(&boot));
    boot.run(move |request| handle(Arc::clone(&app), request)).await
}
