//! The smallest function there is, built like the others: what `scripts/budgets.sh` compares cold starts with.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<serde_json::Value>| Ok::<_, Error>("hello"))).await
}
