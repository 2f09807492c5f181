//! What every bin does before its first event: logging, settings, clients.

use std::sync::Arc;

use aws_config::BehaviorVersion;
use lambda_http::Error;
use tracing_subscriber::EnvFilter;

use crate::app::{App, Clients};
use crate::aws::secrets;
use crate::clock::SystemClock;
use crate::config::{self, Config};

/// Log targets that write whole requests, events or items at their finer levels, held at a level that does not.
const CAPPED_TARGETS: [&str; 7] = [
    "lambda_runtime=info",
    "lambda_http=info",
    "aws_smithy_runtime=info",
    "aws_smithy_runtime_api=info",
    "aws_sdk_dynamodb=info",
    "aws_sdk_s3=info",
    "hyper=info",
];

/// The log filter of `RUST_LOG` (default `info`), which no setting can make write lead values or tokens.
#[must_use]
pub fn log_filter() -> EnvFilter {
    capped(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
}

/// A log filter, held where more would be too much.
#[must_use]
pub fn capped(filter: EnvFilter) -> EnvFilter {
    CAPPED_TARGETS
        .into_iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive)
}

/// Makes panics log where they happened and not what they say, which can be a cell's text.
pub fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Starts logging and builds the application from the environment.
///
/// # Errors
/// When a setting is missing or wrong.
pub async fn app() -> Result<App, Error> {
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(log_filter())
        .with_current_span(false)
        .without_time()
        .init();
    hide_panic_messages();
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let aws = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).load().await;
    let config = Config::from_env(&secrets::fetch(&aws, config::secrets_to_fetch()).await?)?;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&aws),
        s3: aws_sdk_s3::Client::new(&aws),
        sqs: aws_sdk_sqs::Client::new(&aws),
    };
    Ok(App::new(config, clients, Arc::new(SystemClock)))
}
