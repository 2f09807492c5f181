//! The `chatbot` function.

use easy_crm_lambdas::{api_gateway, bootstrap, handlers::chatbot};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?.with_language_model();
    api_gateway::run(|request| chatbot::handle(&app, request)).await
}
