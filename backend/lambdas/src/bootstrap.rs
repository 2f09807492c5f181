//! What every bin does before its first event: logging, settings, clients.

use std::sync::Arc;

use aws_config::BehaviorVersion;
use lambda_http::Error;
use tracing_subscriber::EnvFilter;

use crate::app::{App, Clients};
use crate::clock::SystemClock;
use crate::config::Config;

/// Starts logging and builds the application from the environment.
///
/// # Errors
/// When a setting is missing or wrong.
pub async fn app() -> Result<App, Error> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_current_span(false).without_time().init();
    let config = Config::from_env()?;
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let aws = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client).load().await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&aws),
        s3: aws_sdk_s3::Client::new(&aws),
        sqs: aws_sdk_sqs::Client::new(&aws),
    };
    Ok(App::new(config, clients, Arc::new(SystemClock)))
}
