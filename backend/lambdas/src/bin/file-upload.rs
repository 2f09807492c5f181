//! The `file-upload` function.

use easy_crm_lambdas::{api_gateway, bootstrap, handlers::file_upload};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    api_gateway::run(|request| file_upload::handle(&app, request)).await
}
