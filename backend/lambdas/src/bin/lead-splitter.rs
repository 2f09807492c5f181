//! The `lead-splitter` function.

use easy_crm_lambdas::bootstrap::{self, without_panic_message};
use easy_crm_lambdas::handlers::lead_splitter;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (app, aws) = bootstrap::app_and_aws().await?;
    let app = app.with_batch_queue(aws_sdk_sqs::Client::new(&aws)).with_language_model();
    run(service_fn(|event: LambdaEvent<_>| without_panic_message(lead_splitter::invoke(&app, event.payload))))
        .await
}
