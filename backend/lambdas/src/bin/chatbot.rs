//! The `chatbot` function.

use easy_crm_lambdas::{bootstrap, handlers::chatbot};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|request| chatbot::handle(&app, request))).await
}
