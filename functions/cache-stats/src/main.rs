//! The Lambda function `cache-stats`.

use std::sync::Arc;

use boot::{Boot, Error};
use cache_stats::{App, handle};
use store::FirstRead;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment()?;
    boot.dynamo().prime(FirstRead::License).await;
    let app = Arc::new(App::new(&boot));
    boot.run(move |request| handle(Arc::clone(&app), request)).await
}
