//! The Lambda function `portal-test`.

use std::sync::Arc;

use boot::{Boot, Error};
use portal_test::{App, handle};
use store::FirstRead;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment()?;
    boot.dynamo().prime(FirstRead::Session).await;
    let app = Arc::new(App::new(&boot).inspect_err(boot::stopped)?);
    boot.run(move |request| handle(Arc::clone(&app), request)).await
}
