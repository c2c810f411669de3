//! The Lambda function `agent-refresh`.

use std::sync::Arc;

use agent_refresh::{App, handle};
use boot::{Boot, Error};
use store::FirstRead;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment()?;
    boot.dynamo().prime(FirstRead::License).await;
    let app = Arc::new(App::new(&boot));
    boot.run(move |request| handle(Arc::clone(&app), request)).await
}
