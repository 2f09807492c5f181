//! How a function reaches AWS, from the environment variables Lambda sets for every function.

use super::{ConfigError, Secret};

/// Region, credentials and endpoint.
#[derive(Debug, Clone)]
pub struct AwsAccess {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `AWS_SESSION_TOKEN`: present if the credentials are a role's.
    pub session_token: Option<Secret>,
    /// `AWS_ENDPOINT_URL`: an AWS emulator, in tests.
    pub endpoint_url: Option<String>,
}

impl AwsAccess {
    /// Reads the variables set by Lambda.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(super::environment)
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name: &'static str| variable(name).ok_or(ConfigError::Missing(name));
        Ok(Self {
            region: required("AWS_REGION")?,
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: Secret::new(required("AWS_SECRET_ACCESS_KEY")?),
            session_token: variable("AWS_SESSION_TOKEN").map(Secret::new),
            endpoint_url: variable("AWS_ENDPOINT_URL"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_secrets_are_not_shown() {
        let all = |name: &str| Some(format!("value of {name}"));
        let access = AwsAccess::from_variables(all).unwrap();
        assert_eq!(access.region, "value of AWS_REGION");
        assert_eq!(access.session_token.as_ref().unwrap().expose(), "value of AWS_SESSION_TOKEN");
        let shown = format!("{access:?}");
        assert!(!shown.contains("value of AWS_SECRET") && !shown.contains("value of AWS_SESSION"), "{shown}");
        for missing in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let error = AwsAccess::from_variables(|name| all(name).filter(|_| name != missing)).unwrap_err();
            assert!(error.to_string().contains(missing), "{error}");
        }
        let least =
            |name: &str| all(name).filter(|_| name != "AWS_SESSION_TOKEN" && name != "AWS_ENDPOINT_URL");
        let access = AwsAccess::from_variables(least).unwrap();
        assert!(access.session_token.is_none() && access.endpoint_url.is_none());
    }
}
