//! DeepSeek behind [`LanguageModel`]: `POST {base}/chat/completions`, JSON out.
//!
//! Two retries with exponential backoff and jitter, `Retry-After` honoured, all within the caller's deadline; an
//! unavailable service is left alone for a while. The HTTP client is the one the AWS SDK uses, so there is one TLS
//! stack. No part of a question, an answer or the key is ever logged.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use crate::config::DeepSeekConfig;
use crate::http_client;
use crate::language_model::{Answer, LanguageModel, ModelError, Prompt};

mod wire;

/// Tries of one question.
const TRIES: u32 = 3;
/// Largest response body in bytes, keep-alive lines included.
const MAX_RESPONSE_BYTES: usize = 1_000_000;

/// The client. Connections are kept for further questions.
#[derive(Debug)]
pub struct DeepSeek {
    config: DeepSeekConfig,
    // Created on first use: certificates have to be read, and most starts ask nothing.
    connector: OnceLock<Connector>,
    /// Until when nobody asks, because the service was unavailable a moment ago.
    resting: Mutex<Option<Instant>>,
}

/// The outcome of one try.
enum Try {
    Answered(Value),
    /// A retry may help, but not before this pause.
    Again(ModelError, Option<Duration>),
    Over(ModelError),
}

impl DeepSeek {
    /// A client with these settings.
    #[must_use]
    pub const fn new(config: DeepSeekConfig) -> Self {
        Self { config, connector: OnceLock::new(), resting: Mutex::new(None) }
    }

    /// Asks, unless the service was unavailable a moment ago: a large file should not wait for it at every batch.
    async fn ask_unless_resting(&self, prompt: &Prompt, deadline: Instant) -> Result<Value, ModelError> {
        let until = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_some_and(|until| Instant::now() < until) {
            return Err(ModelError::Unavailable("it failed a moment ago"));
        }
        let answer = self.ask(prompt, deadline).await;
        if matches!(answer, Err(ModelError::Refused(_) | ModelError::Unavailable(_))) {
            let until = Instant::now() + self.config.rest;
            *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
        answer
    }

    async fn ask(&self, prompt: &Prompt, deadline: Instant) -> Result<Value, ModelError> {
        let body = wire::request(&self.config.model, prompt);
        let mut tries = 0;
        loop {
            tries += 1;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ModelError::Unavailable("no time left"));
            }
            let one = tokio::time::timeout(left.min(self.config.try_timeout), self.try_once(&body));
            let (error, pause) = match one.await {
                Ok(Try::Answered(answer)) => return Ok(answer),
                Ok(Try::Over(error)) => return Err(error),
                Ok(Try::Again(error, pause)) => (error, pause),
                Err(_) => (ModelError::Unavailable("timeout"), None),
            };
            let pause = pause.unwrap_or_else(|| self.pause(tries));
            if tries == TRIES || pause >= deadline.saturating_duration_since(Instant::now()) {
                return Err(error);
            }
            tracing::info!(tries, %error, "language model is asked again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Exponential backoff: half of the pause is fixed, half random.
    fn pause(&self, tries: u32) -> Duration {
        let ceiling = self.config.retry_pause.saturating_mul(1 << tries.min(8));
        ceiling / 2 + ceiling.mul_f64(fastrand::f64()) / 2
    }

    async fn try_once(&self, body: &str) -> Try {
        let Some(request) = self.request(body) else {
            return Try::Over(ModelError::Unavailable("request could not be built"));
        };
        let connector = self.connector.get_or_init(http_client::connector);
        let Ok(mut response) = connector.call(request).await else {
            return Try::Again(ModelError::Unavailable("connection"), None);
        };
        let status = response.status().as_u16();
        if status != 200 {
            let pause = response.headers().get("retry-after").and_then(wire::retry_after);
            return match status {
                408 | 429 | 500..=599 => Try::Again(ModelError::Unavailable("busy"), pause),
                _ => Try::Over(ModelError::Refused(status)),
            };
        }
        let Ok(body) = Limited::new(response.take_body(), MAX_RESPONSE_BYTES).collect().await else {
            return Try::Again(ModelError::Unavailable("response broke off"), None);
        };
        match wire::answer(&body.to_bytes()) {
            Ok(answer) => Try::Answered(answer),
            Err(error) => Try::Again(error, None),
        }
    }

    fn request(&self, body: &str) -> Option<HttpRequest> {
        let request = http::Request::post(format!("{}/chat/completions", self.config.base_url))
            .header("authorization", format!("Bearer {}", self.config.api_key.expose()))
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(SdkBody::from(body))
            .ok()?;
        HttpRequest::try_from(request).ok()
    }
}

impl LanguageModel for DeepSeek {
    fn answer<'a>(&'a self, prompt: &'a Prompt, deadline: Instant) -> Answer<'a> {
        Box::pin(self.ask_unless_resting(prompt, deadline))
    }
}
