//! The `lead-exporter` function.

use easy_crm_lambdas::bootstrap::{self, without_panic_message};
use easy_crm_lambdas::handlers::lead_exporter;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?;
    run(service_fn(|event: LambdaEvent<_>| {
        without_panic_message(lead_exporter::handle_event(&app, event.payload))
    }))
    .await
}
