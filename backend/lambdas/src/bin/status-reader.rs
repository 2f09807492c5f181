//! The `status-reader` function.

use easy_crm_lambdas::{api_gateway, bootstrap, handlers::status_reader};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    api_gateway::run(|request| status_reader::handle(&app, request)).await
}
