//! The smallest possible function, built like the others: the baseline for `scripts/budgets.sh`'s cold-start figures.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<serde_json::Value>| Ok::<_, Error>("hello"))).await
}
