//! The interface to a language model, whichever it is.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

/// A question to a model: instructions and the material they refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What to do, and in which format to answer.
    pub instructions: String,
    /// The data to work on; never whole rows unless the data policy allows it.
    pub material: String,
}

/// Why there is no answer. No variant contains anything from the question or the answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The deployment has no model: the rules alone decide.
    #[error("no language model is configured")]
    NotConfigured,
    /// The service rejected the request itself: a wrong key, no balance, a wrong setting.
    #[error("the language model refused the request with HTTP status {0}")]
    Refused(u16),
    /// The model did not answer in time, or reported that it is busy.
    #[error("the language model is not available: {0}")]
    Unavailable(&'static str),
    /// The answer is empty, truncated or not JSON.
    #[error("the language model's answer cannot be used: {0}")]
    UnusableAnswer(&'static str),
}

/// A pending answer.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<serde_json::Value, ModelError>> + Send + 'a>>;

/// A model that answers in JSON. Callers validate its answers; none is ever trusted.
pub trait LanguageModel: Send + Sync + 'static {
    /// Asks, retrying where that may help, until the deadline.
    fn answer<'a>(&'a self, prompt: &'a Prompt, deadline: Instant) -> Answer<'a>;
}

/// No model at all: every question is left to the rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModel;

impl LanguageModel for NoModel {
    fn answer<'a>(&'a self, _prompt: &'a Prompt, _deadline: Instant) -> Answer<'a> {
        Box::pin(std::future::ready(Err(ModelError::NotConfigured)))
    }
}
