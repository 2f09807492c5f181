//! What every binary does before its first event: logging, settings, clients.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use futures::FutureExt as _;
use lambda_http::Error;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::App;
use crate::aws::secrets;
use crate::clock::SystemClock;
use crate::config::{self, AwsAccess, Config};
use crate::http_client;

/// How long one attempt of a call may take, including the upload of a part to S3.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// Attempts of a call before it fails.
const ATTEMPTS: u32 = 3;

/// Prefixes of log targets that write whole requests, events or items at their finer levels; they are capped above
/// those.
const CAPPED_TARGETS: [&str; 5] = ["lambda_runtime", "lambda_http", "aws_", "hyper", "h2"];

/// The log filter of `RUST_LOG` (default `info`); no setting can make it log lead values or tokens. It handles targets
/// and levels only: the filter that also handles spans and fields would add a regex engine to every function.
#[must_use]
pub fn log_filter() -> Targets {
    let asked = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let asked = asked.and_then(|text| text.parse().ok());
    capped(asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)))
}

/// A log filter, capped for targets that would log too much.
#[must_use]
pub fn capped(asked: Targets) -> Targets {
    let default = asked.default_level().unwrap_or(LevelFilter::OFF);
    let cap = |target: String, level: LevelFilter| {
        let is_capped = CAPPED_TARGETS.iter().any(|capped| target.starts_with(capped));
        let level = if is_capped { level.min(LevelFilter::INFO) } else { level };
        (target, level)
    };
    let by_default = CAPPED_TARGETS.map(|target| cap(target.to_owned(), default));
    let asked = asked.into_iter().map(|(target, level)| cap(target, level));
    Targets::new().with_default(default).with_targets(by_default).with_targets(asked)
}

/// Makes panics log their location but not their message, which can be a cell's text.
pub fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Runs a function's work. If it panics, the error does not contain the panic message, which Lambda would pass on.
///
/// # Errors
/// Those of the work, and one for a panic.
pub async fn without_panic_message<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Boxed: the handlers' futures are nested too deeply for the compiler to lay out otherwise.
    let done = AssertUnwindSafe(Box::pin(work)).catch_unwind().await;
    done.unwrap_or_else(|_| Err("the function panicked; its log says where".into()))
}

/// Starts logging and builds the application from the environment.
///
/// # Errors
/// When a setting is missing or wrong.
pub async fn app() -> Result<App, Error> {
    Ok(app_and_aws().await?.0)
}

/// Like [`app`]; also returns the clients' shared configuration, for clients that only some functions have.
///
/// # Errors
/// When a setting is missing or wrong.
pub async fn app_and_aws() -> Result<(App, SdkConfig), Error> {
    tracing_subscriber::registry()
        .with(log_filter())
        .with(fmt::layer().json().with_current_span(false).without_time())
        .init();
    hide_panic_messages();
    let aws = sdk_config(AwsAccess::from_env()?);
    let config = Config::from_env(&secrets::fetch(&aws, config::secrets_to_fetch()).await?)?;
    let (dynamodb, s3) = (aws_sdk_dynamodb::Client::new(&aws), aws_sdk_s3::Client::new(&aws));
    Ok((App::basic(config, dynamodb, s3, Arc::new(SystemClock)), aws))
}

/// The SDK clients' shared configuration. Lambda provides credentials and region in the environment, so nothing else is
/// searched: the chain of files, metadata services and STS needs a client of its own and makes a function larger.
fn sdk_config(access: AwsAccess) -> SdkConfig {
    let AwsAccess { region, access_key_id, secret_access_key, session_token, endpoint_url } = access;
    let credentials = Credentials::new(
        access_key_id,
        secret_access_key.expose(),
        session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "environment",
    );
    let time_outs = TimeoutConfig::builder()
        .connect_timeout(http_client::CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client::for_aws())
        .timeout_config(time_outs)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    builder.set_endpoint_url(endpoint_url);
    builder.build()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[tokio::test]
    async fn a_panic_keeps_its_words_to_itself() {
        let panics = async |name: &str| -> Result<(), Error> { panic!("no {name}") };
        let said = without_panic_message(panics("ada@x.example")).await.unwrap_err().to_string();
        assert!(said.contains("panicked") && !said.contains("ada"), "{said}");
        assert!(without_panic_message(async { Ok::<_, Error>(7) }).await.is_ok_and(|value| value == 7));
    }

    #[track_caller]
    fn check(asked: &str, target: &str, most: LevelFilter) {
        let filter = capped(asked.parse().unwrap());
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        for level in levels {
            assert_eq!(filter.would_enable(target, &level), level <= most, "{asked:?}: {level} of {target}");
        }
    }

    #[test]
    fn no_setting_makes_the_sdk_write_requests() {
        check("info", "easy_crm_lambdas::row_writer", LevelFilter::INFO);
        check("debug", "easy_crm_lambdas::row_writer", LevelFilter::DEBUG);
        check("trace", "aws_smithy_runtime::client::orchestrator", LevelFilter::INFO);
        check("info,aws_sdk_s3::operation=trace", "aws_sdk_s3::operation::put_object", LevelFilter::INFO);
        check("hyper=debug", "hyper::proto", LevelFilter::INFO);
        check("error", "hyper_util::client", LevelFilter::ERROR);
        check("warn,easy_crm_lambdas=debug", "easy_crm_lambdas::http", LevelFilter::DEBUG);
    }
}
