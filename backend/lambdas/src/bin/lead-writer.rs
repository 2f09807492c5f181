//! The `lead-writer` function.

use easy_crm_lambdas::{bootstrap, handlers::lead_writer};
use lambda_http::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|request| lead_writer::handle(&app, request))).await
}
