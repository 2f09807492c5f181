//! Secrets Manager: values that must not be in a function's configuration are fetched once, when the function starts.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;

use super::AwsError;
use crate::config::{FetchedSecrets, Secret};

/// Fetches secrets, given as pairs of variable and ARN, all at once. Makes no call if there are none to fetch.
///
/// # Errors
/// When a call fails after the SDK's retries, or a secret contains no text.
pub async fn fetch(
    aws: &SdkConfig,
    secrets: Vec<(&'static str, String)>,
) -> Result<FetchedSecrets, AwsError> {
    const GET: &str = "Secrets Manager GetSecretValue";
    if secrets.is_empty() {
        return Ok(FetchedSecrets::new());
    }
    let client = Client::new(aws);
    let fetched = secrets.into_iter().map(async |(variable, arn)| {
        let answer = client
            .get_secret_value()
            .secret_id(arn)
            .send()
            .await
            .map_err(|error| AwsError::new(GET, &error))?;
        let text = answer.secret_string.ok_or_else(|| AwsError::malformed(GET, "secret without text"))?;
        Ok((variable, Secret::new(text)))
    });
    Ok(futures::future::try_join_all(fetched).await?.into_iter().collect())
}
