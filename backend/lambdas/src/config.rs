//! Settings, read once from the environment by the bins, or given by the local server.

use easy_crm_shared::upload::DEFAULT_MAX_FILE_SIZE;

use crate::rate_limit::RateLimits;

mod model;

pub use model::{DataPolicy, Deadlines, DeepSeekConfig, ModelConfig};

/// Most rows in a batch that needs no language model, where the deployment does not say: by measurement, calls for
/// counting are then a hundredth of those for storing.
pub const DEFAULT_BATCH_ROWS: usize = 200;

/// What a function has to know about its deployment.
#[derive(Debug, Clone)]
pub struct Config {
    /// `LEADS_TABLE`: DynamoDB table of the leads.
    pub leads_table: String,
    /// `STATUS_TABLE`: DynamoDB table of the status records.
    pub status_table: String,
    /// `APP_STATE_TABLE`: DynamoDB table of batch markers and other small state.
    pub app_state_table: String,
    /// `FILES_BUCKET`: S3 bucket of the uploads.
    pub files_bucket: String,
    /// `BATCH_QUEUE_URL`: SQS queue of the batches.
    pub batch_queue_url: String,
    /// `ENVIRONMENT`: dev, staging, prod or local.
    pub environment: String,
    /// `DEPLOYMENT_SECRET`: keys derived ids and audit hashes; never logged.
    pub deployment_secret: Secret,
    /// `MAX_FILE_SIZE`: largest accepted file in bytes.
    pub max_file_size: u64,
    /// `BATCH_ROWS`: most rows in a batch.
    pub batch_rows: usize,
    /// Requests a user may make in a minute.
    pub rate_limits: RateLimits,
    /// The language model, and what it may see.
    pub model: ModelConfig,
}

/// A value that must not be printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The variable is not set.
    #[error("environment variable {0} is not set")]
    Missing(&'static str),
    /// The variable's value cannot be used.
    #[error("environment variable {name} has a wrong value: {problem}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Config {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// When a variable is missing or its value cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            leads_table: required("LEADS_TABLE")?,
            status_table: required("STATUS_TABLE")?,
            app_state_table: required("APP_STATE_TABLE")?,
            files_bucket: required("FILES_BUCKET")?,
            batch_queue_url: required("BATCH_QUEUE_URL")?,
            environment: required("ENVIRONMENT")?,
            deployment_secret: Secret::new(required("DEPLOYMENT_SECRET")?),
            max_file_size: number("MAX_FILE_SIZE", "bytes")?.unwrap_or(DEFAULT_MAX_FILE_SIZE),
            batch_rows: number("BATCH_ROWS", "rows")?.unwrap_or(DEFAULT_BATCH_ROWS),
            rate_limits: RateLimits::default(),
            model: ModelConfig::from_env()?,
        })
    }
}

/// A number that may be left out.
fn number<N>(name: &'static str, of: &str) -> Result<Option<N>, ConfigError>
where
    N: std::str::FromStr<Err: std::fmt::Display>,
{
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    let problem = |error| ConfigError::Invalid { name, problem: format!("{error}; give a number of {of}") };
    text.parse().map(Some).map_err(problem)
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name))
}
