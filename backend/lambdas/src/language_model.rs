//! What the functions ask of a language model, whichever it is.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

/// A question to a model: instructions and the material they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What to do, and in which form to answer.
    pub instructions: String,
    /// What to do it with; never whole rows unless the data policy allows it.
    pub material: String,
}

/// Why there is no answer. No variant holds anything of the question or the answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The deployment has no model: the rules alone decide.
    #[error("no language model is configured")]
    NotConfigured,
    /// The service refused the request for what it is: a wrong key, no balance, a wrong setting.
    #[error("the language model refused the request with HTTP status {0}")]
    Refused(u16),
    /// The model did not answer in time, or said that it is busy.
    #[error("the language model is not available: {0}")]
    Unavailable(&'static str),
    /// The answer is empty, cut off or not JSON.
    #[error("the language model's answer cannot be used: {0}")]
    UnusableAnswer(&'static str),
}

/// An answer on its way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<serde_json::Value, ModelError>> + Send + 'a>>;

/// A model that answers in JSON. Its answers are checked by who asks; none is ever trusted.
pub trait LanguageModel: Send + Sync + 'static {
    /// Asks, again where that may help, and gives up at the deadline.
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
