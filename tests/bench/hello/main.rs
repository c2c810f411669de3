//! A function that says hello: the same runtime and the same profile as the others, and nothing of ours. What it takes
//! to start is Lambda's and the library's; what the others take beyond it is ours.

use std::convert::Infallible;

use lambda_http::{Error, Request, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_http::run_concurrent(service_fn(|_: Request| async { Ok::<_, Infallible>("hello") })).await
}
