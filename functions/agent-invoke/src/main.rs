//! The Lambda function `agent-invoke`.

use std::sync::Arc;

use agent_invoke::{App, handle};
use boot::{Boot, Error};
use store::FirstRead;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let boot = Boot::from_environment()?;
    boot.dynamo().prime(FirstRead::License).await;
    let app = Arc::new(App::new(&boot).inspect_err(boot::stopped)?);
    boot.run(move |request| handle(Arc::clone(&app), request)).await
}
