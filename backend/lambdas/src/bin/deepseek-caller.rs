//! The `deepseek-caller` function.

use easy_crm_lambdas::bootstrap::{self, without_panic_message};
use easy_crm_lambdas::{deadline::Deadline, handlers::deepseek_caller};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = bootstrap::app().await?.with_language_model();
    run(service_fn(|event: LambdaEvent<_>| {
        without_panic_message(deepseek_caller::handle(
            &app,
            event.payload,
            Deadline::from_context(&event.context),
        ))
    }))
    .await
}
