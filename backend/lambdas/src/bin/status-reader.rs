//! The `status-reader` function.

use easy_crm_lambdas::{bootstrap, handlers::status_reader};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|request| status_reader::handle(&app, request))).await
}
