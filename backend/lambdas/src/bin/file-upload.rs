//! The `file-upload` function.

use easy_crm_lambdas::{bootstrap, handlers::file_upload};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|request| file_upload::handle(&app, request))).await
}
