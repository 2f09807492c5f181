//! Settings of the language model.

use std::time::Duration;

use super::{ConfigError, Secret};

const DEFAULT_BASE_URL: &str = "https://api.deepseek.com";
const DEFAULT_MODEL: &str = "deepseek-v4-flash";

/// Which language model there is, and what it may see of an uploaded file.
#[derive(Debug, Clone, Default)]
pub struct ModelConfig {
    /// `AI_DATA_POLICY`.
    pub policy: DataPolicy,
    /// The model; absent without `DEEPSEEK_API_KEY`.
    pub deepseek: Option<DeepSeekConfig>,
    /// How long the functions wait for the model.
    pub deadlines: Deadlines,
}

/// What a language model may see of an uploaded file. Defaults to `masked` if there is a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataPolicy {
    /// Nothing.
    #[default]
    Off,
    /// Headers, and the shapes of values.
    Masked,
    /// Also the cells of rows that no column plan fits.
    Rows,
}

/// How DeepSeek is reached.
#[derive(Debug, Clone)]
pub struct DeepSeekConfig {
    /// `DEEPSEEK_API_KEY`; never logged.
    pub api_key: Secret,
    /// `DEEPSEEK_BASE_URL`, without a trailing slash.
    pub base_url: String,
    /// `DEEPSEEK_MODEL`.
    pub model: String,
    /// How long one try may take.
    pub try_timeout: Duration,
    /// Pause before the second try, without jitter; it doubles.
    pub retry_pause: Duration,
    /// How long nobody asks after the service was unavailable.
    pub rest: Duration,
}

/// How long the functions wait for the model in all. Well below the time after which their events are redelivered.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// All questions about the columns of one file (`lead-splitter`: 15 minutes).
    pub columns: Duration,
    /// All questions about the rows of one batch. An invocation of `deepseek-caller` (3 minutes) processes ten batches,
    /// four at a time.
    pub rows: Duration,
    /// All tries of one chat question; an API request ends after 29 seconds.
    pub chat: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            columns: Duration::from_secs(60),
            rows: Duration::from_secs(40),
            chat: Duration::from_secs(14),
        }
    }
}

impl DeepSeekConfig {
    /// The default settings with a key.
    #[must_use]
    pub fn new(api_key: Secret) -> Self {
        Self {
            api_key,
            base_url: DEFAULT_BASE_URL.to_owned(),
            model: DEFAULT_MODEL.to_owned(),
            try_timeout: Duration::from_secs(25),
            retry_pause: Duration::from_millis(500),
            rest: Duration::from_secs(30),
        }
    }
}

impl ModelConfig {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// When a value cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(super::environment)
    }

    /// Reads the settings. An empty variable counts as not set.
    ///
    /// # Errors
    /// When a value cannot be used.
    pub(super) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let variable =
            |name| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let deepseek = variable("DEEPSEEK_API_KEY").map(|key| DeepSeekConfig::new(Secret::new(key)));
        let mut config = Self { deepseek, ..Self::default() };
        let policy = variable("AI_DATA_POLICY").map(|name| policy(&name)).transpose()?;
        let base_url = variable("DEEPSEEK_BASE_URL").map(|url| base_url(&url)).transpose()?;
        if let Some(deepseek) = &mut config.deepseek {
            // Without a key there is no model, whatever the policy allows.
            config.policy = policy.unwrap_or(DataPolicy::Masked);
            if let Some(base_url) = base_url {
                deepseek.base_url = base_url;
            }
            if let Some(model) = variable("DEEPSEEK_MODEL") {
                deepseek.model = model;
            }
            if http::HeaderValue::from_str(deepseek.api_key.expose()).is_err() {
                return Err(ConfigError::Invalid {
                    name: "DEEPSEEK_API_KEY",
                    problem: "it contains a character that is not allowed in a key".to_owned(),
                });
            }
        }
        Ok(config)
    }
}

fn policy(name: &str) -> Result<DataPolicy, ConfigError> {
    match name {
        "off" => Ok(DataPolicy::Off),
        "masked" => Ok(DataPolicy::Masked),
        "rows" => Ok(DataPolicy::Rows),
        _ => Err(ConfigError::Invalid {
            name: "AI_DATA_POLICY",
            problem: "give off, masked or rows".to_owned(),
        }),
    }
}

/// The address without a trailing slash. Keys and personal data travel only encrypted, except in tests.
fn base_url(url: &str) -> Result<String, ConfigError> {
    let wrong =
        |problem: &str| ConfigError::Invalid { name: "DEEPSEEK_BASE_URL", problem: problem.to_owned() };
    let uri: http::Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
    let host = uri.host().ok_or_else(|| wrong("it has no host"))?;
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => {}
        _ => return Err(wrong("it must begin with https://")),
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ModelConfig, ConfigError> {
        ModelConfig::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_policy_follows_the_key() {
        let check = |variables: &[(&str, &str)], expected| {
            assert_eq!(read(variables).unwrap().policy, expected, "{variables:?}");
        };
        let key = ("DEEPSEEK_API_KEY", "k");
        check(&[], DataPolicy::Off);
        check(&[("AI_DATA_POLICY", "rows")], DataPolicy::Off);
        check(&[key], DataPolicy::Masked);
        check(&[key, ("AI_DATA_POLICY", "")], DataPolicy::Masked);
        check(&[key, ("AI_DATA_POLICY", "off")], DataPolicy::Off);
        check(&[key, ("AI_DATA_POLICY", "rows")], DataPolicy::Rows);
    }

    #[test]
    fn settings_have_defaults_and_are_taken() {
        let usual = read(&[("DEEPSEEK_API_KEY", "k")]).unwrap().deepseek.unwrap();
        assert_eq!((usual.base_url.as_str(), usual.model.as_str()), (DEFAULT_BASE_URL, DEFAULT_MODEL));
        let own = read(&[
            ("DEEPSEEK_API_KEY", " k "),
            ("DEEPSEEK_BASE_URL", "https://model.example/v1/"),
            ("DEEPSEEK_MODEL", "m"),
        ]);
        let own = own.unwrap().deepseek.unwrap();
        assert_eq!((own.base_url.as_str(), own.model.as_str()), ("https://model.example/v1", "m"));
        assert_eq!(own.api_key.expose(), "k");
        assert!(!format!("{own:?}").contains("\"k\""));
    }

    #[test]
    fn wrong_values_are_start_errors_that_do_not_repeat_a_key() {
        let check = |variables: &[(&str, &str)], name: &str| {
            let error = read(variables).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        };
        check(&[("AI_DATA_POLICY", "all")], "AI_DATA_POLICY");
        check(&[("DEEPSEEK_BASE_URL", "http://model.example")], "DEEPSEEK_BASE_URL");
        check(&[("DEEPSEEK_BASE_URL", "model")], "DEEPSEEK_BASE_URL");
        let error = read(&[("DEEPSEEK_API_KEY", "se\ncret")]).unwrap_err().to_string();
        assert!(error.contains("DEEPSEEK_API_KEY") && !error.contains("cret"), "{error}");
    }
}
