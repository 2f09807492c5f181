//! Settings, read once from the environment by the binaries, or passed in by the local server.

use std::collections::HashMap;

use easy_crm_shared::export::MAX_DIRECT_ROWS;
use easy_crm_shared::upload::{DEFAULT_MAX_FILE_SIZE, UpdatePolicy};
use strum::IntoEnumIterator as _;

use crate::rate_limit::RateLimits;

mod aws_access;
mod model;

pub use aws_access::AwsAccess;
pub use model::{DataPolicy, Deadlines, DeepSeekConfig, ModelConfig};

/// Default maximum number of rows in a batch that needs no language model. As measured, a batch of this size needs a
/// hundredth as many calls for counting as for storing.
pub const DEFAULT_BATCH_ROWS: usize = 200;

/// What a function needs to know about its deployment.
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
    /// `DEPLOYMENT_SECRET`: keys derived ids and audit hashes; never logged. On AWS it is in Secrets Manager.
    pub deployment_secret: Secret,
    /// `MAX_FILE_SIZE`: largest accepted file in bytes.
    pub max_file_size: u64,
    /// `UPDATE_POLICY`: what the rows of an upload that does not say so do to leads that exist.
    pub update_policy: UpdatePolicy,
    /// `BATCH_ROWS`: maximum number of rows in a batch.
    pub batch_rows: usize,
    /// Maximum number of rows exported within a request; larger exports run as jobs.
    pub direct_export_rows: u64,
    /// Requests a user may make per minute.
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
    #[error("environment variable {name} has an invalid value: {problem}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// Variables whose value may be in Secrets Manager instead of the environment: `X_ARN` says where.
const SECRETS: [&str; 2] = ["DEPLOYMENT_SECRET", "DEEPSEEK_API_KEY"];

/// Fetched secrets, by variable.
pub type FetchedSecrets = HashMap<&'static str, Secret>;

/// The secrets to fetch before the settings can be read: variable and ARN of each. Variables that are set directly need
/// none.
#[must_use]
pub fn secrets_to_fetch() -> Vec<(&'static str, String)> {
    to_fetch(environment)
}

fn to_fetch(variable: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    SECRETS
        .into_iter()
        .filter(|name| variable(name).is_none())
        .filter_map(|name| Some((name, variable(&format!("{name}_ARN"))?)))
        .collect()
}

impl Config {
    /// Reads the settings from the environment, and those missing there from the fetched secrets.
    ///
    /// # Errors
    /// When a variable is missing or its value cannot be used.
    pub fn from_env(secrets: &FetchedSecrets) -> Result<Self, ConfigError> {
        Self::from_variables(|name| {
            environment(name).or_else(|| secrets.get(name).map(|secret| secret.expose().to_owned()))
        })
    }

    /// Reads the settings from any source of variables.
    ///
    /// # Errors
    /// When a variable is missing or its value cannot be used.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name: &'static str| variable(name).ok_or(ConfigError::Missing(name));
        Ok(Self {
            leads_table: required("LEADS_TABLE")?,
            status_table: required("STATUS_TABLE")?,
            app_state_table: required("APP_STATE_TABLE")?,
            files_bucket: required("FILES_BUCKET")?,
            batch_queue_url: required("BATCH_QUEUE_URL")?,
            environment: required("ENVIRONMENT")?,
            deployment_secret: Secret::new(required("DEPLOYMENT_SECRET")?),
            max_file_size: number(&variable, "MAX_FILE_SIZE", "bytes")?.unwrap_or(DEFAULT_MAX_FILE_SIZE),
            update_policy: update_policy(&variable)?,
            batch_rows: number(&variable, "BATCH_ROWS", "rows")?.unwrap_or(DEFAULT_BATCH_ROWS),
            direct_export_rows: MAX_DIRECT_ROWS,
            rate_limits: RateLimits::default(),
            model: ModelConfig::from_variables(variable)?,
        })
    }
}

fn update_policy(variable: impl Fn(&str) -> Option<String>) -> Result<UpdatePolicy, ConfigError> {
    const NAME: &str = "UPDATE_POLICY";
    let Some(text) = variable(NAME) else { return Ok(UpdatePolicy::default()) };
    text.parse().map_err(|_| {
        let known = UpdatePolicy::iter().map(UpdatePolicy::name).collect::<Vec<_>>().join(", ");
        ConfigError::Invalid { name: NAME, problem: format!("{text:?} is not one of {known}") }
    })
}

/// An optional number.
fn number<N>(
    variable: impl Fn(&str) -> Option<String>,
    name: &'static str,
    of: &str,
) -> Result<Option<N>, ConfigError>
where
    N: std::str::FromStr<Err: std::fmt::Display>,
{
    let Some(text) = variable(name) else { return Ok(None) };
    let problem = |error| ConfigError::Invalid { name, problem: format!("{error}; give a number of {of}") };
    text.parse().map(Some).map_err(problem)
}

/// An environment variable; an empty one counts as not set.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [(&str, &str); 7] = [
        ("LEADS_TABLE", "l"),
        ("STATUS_TABLE", "s"),
        ("APP_STATE_TABLE", "a"),
        ("FILES_BUCKET", "f"),
        ("BATCH_QUEUE_URL", "q"),
        ("ENVIRONMENT", "dev"),
        ("DEPLOYMENT_SECRET", "d"),
    ];

    fn find(variables: &[(&str, &str)], name: &str) -> Option<String> {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn every_needed_variable_is_asked_for_by_name() {
        assert!(Config::from_variables(|name| find(&NEEDED, name)).is_ok());
        for (missing, _) in NEEDED {
            let error =
                Config::from_variables(|name| find(&NEEDED, name).filter(|_| name != missing)).unwrap_err();
            assert!(error.to_string().contains(missing), "{error}");
        }
    }

    #[test]
    fn a_secret_is_fetched_when_only_its_arn_is_there() {
        let check = |variables: &[(&str, &str)], expected: &[(&str, &str)]| {
            let fetched = to_fetch(|name| find(variables, name));
            let fetched: Vec<_> = fetched.iter().map(|(name, arn)| (*name, arn.as_str())).collect();
            assert_eq!(fetched, expected, "{variables:?}");
        };
        check(&[], &[]);
        check(&[("DEPLOYMENT_SECRET_ARN", "arn:1")], &[("DEPLOYMENT_SECRET", "arn:1")]);
        check(&[("DEPLOYMENT_SECRET", "x"), ("DEPLOYMENT_SECRET_ARN", "arn:1")], &[]);
        check(&[("DEEPSEEK_API_KEY_ARN", "arn:2")], &[("DEEPSEEK_API_KEY", "arn:2")]);
    }

    #[test]
    fn wrong_values_say_what_is_wrong() {
        let wrong =
            |name: &str| find(&NEEDED, name).or_else(|| (name == "MAX_FILE_SIZE").then(|| "much".to_owned()));
        let error = Config::from_variables(wrong).unwrap_err().to_string();
        assert!(error.contains("MAX_FILE_SIZE"), "{error}");
    }
}
