//! The `lead-writer` function.

use easy_crm_lambdas::{api_gateway, bootstrap, handlers::lead_writer};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    api_gateway::run(|request| lead_writer::handle(&app, request)).await
}
