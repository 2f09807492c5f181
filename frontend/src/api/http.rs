//! Sending an HTTP request with a timeout, and parsing the JSON body of its response.

use futures::future::{Either, select};
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use std::pin::pin;

use super::error::ApiError;
use crate::browser;

/// Timeout of a request. The API's own limit is 29 s.
const TIMEOUT_MS: u32 = 35_000;

/// A successful response.
pub(super) struct Answer {
    pub(super) text: String,
    /// Its entity tag (RFC 9110, 8.8.3).
    pub(super) tag: Option<String>,
    /// Not modified (304): the caller has this response already; there is no text.
    pub(super) is_known: bool,
}

/// Sends a request and returns the successful response; a 4xx or 5xx is an error.
pub(super) async fn send(request: Request) -> Result<Answer, ApiError> {
    let answer = pin!(async {
        let response = request.send().await.map_err(|_| ApiError::Unreachable)?;
        let text = response.text().await.map_err(|_| ApiError::Unreachable)?;
        Ok((response, text))
    });
    let limit = pin!(browser::sleep_ms(TIMEOUT_MS));
    let (response, text): (Response, String) = match select(answer, limit).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(_) => return Err(ApiError::Unreachable),
    };
    let is_known = response.status() == 304;
    if response.ok() || is_known {
        return Ok(Answer { text, tag: response.headers().get("ETag"), is_known });
    }
    let retry_after = response.headers().get("Retry-After");
    Err(ApiError::from_answer(response.status(), retry_after.as_deref(), &text))
}

/// Builds a request without a body.
pub(super) fn without_body(builder: RequestBuilder) -> Result<Request, ApiError> {
    builder.build().map_err(|_| ApiError::Unreachable)
}

/// Parses JSON.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|_| ApiError::Unreadable)
}
