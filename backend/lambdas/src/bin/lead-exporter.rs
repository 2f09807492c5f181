//! The `lead-exporter` function.

use easy_crm_lambdas::{bootstrap, handlers::lead_exporter};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|event: LambdaEvent<_>| lead_exporter::handle_event(&app, event.payload))).await
}
