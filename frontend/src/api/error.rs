//! What can go wrong with a request, and the message the user sees.

use easy_crm_shared::error::{ErrorCode, ErrorResponse};

use crate::browser;

/// Why a request has no usable response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// No response: no network, server down, or timeout.
    Unreachable,
    /// The user has to sign in again.
    SessionExpired,
    /// The server refused.
    Refused(Refusal),
    /// A job ended without a result; the server's message.
    Failed(String),
    /// This version of the page cannot parse the response.
    Unreadable,
}

/// A refusal as the server worded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// Machine-readable code; `Unknown` if the response is not the API's own.
    pub(crate) code: ErrorCode,
    /// A message for the user.
    pub(crate) message: String,
    /// The conflicting lead, if there is one.
    pub(crate) lead_id: Option<String>,
    /// Seconds to wait before the next try.
    pub(crate) retry_after_seconds: Option<u32>,
}

impl ApiError {
    /// Parses a response with a 4xx or 5xx status.
    pub(crate) fn from_answer(status: u16, retry_after: Option<&str>, body: &str) -> Self {
        let retry_after_seconds = retry_after.and_then(|seconds| seconds.trim().parse().ok());
        let (code, message, lead_id) = match serde_json::from_str::<ErrorResponse>(body) {
            Ok(ErrorResponse { error }) if !error.message.is_empty() => {
                (error.code, error.message, error.lead_id)
            }
            _ => (ErrorCode::Unknown, Self::plain_message(status), None),
        };
        Self::Refused(Refusal { status, code, message, lead_id, retry_after_seconds })
    }

    /// The message for a status whose body has none, e.g. a proxy's response.
    fn plain_message(status: u16) -> String {
        match status {
            403 => "You are not allowed to do this.".to_owned(),
            404 => "This no longer exists.".to_owned(),
            413 => "This file is too large.".to_owned(),
            429 => "Too many requests. Please wait a moment and try again.".to_owned(),
            502..=504 => "The server is not available right now. Please try again in a moment.".to_owned(),
            _ => format!("The server could not handle this request (status {status}). Please try again."),
        }
    }

    /// The message for the user.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Unreachable if !browser::is_online() => {
                "You are offline. Try again when you are connected to the internet.".to_owned()
            }
            Self::Unreachable => {
                "Easy CRM cannot be reached. Check your connection and try again.".to_owned()
            }
            Self::SessionExpired => "Your session has expired. Please sign in again.".to_owned(),
            Self::Refused(refusal) => refusal.message.clone(),
            Self::Failed(message) => message.clone(),
            Self::Unreadable => {
                "The server sent a response this page cannot read. Reload the page to get the latest version."
                    .to_owned()
            }
        }
    }

    /// Whether the server refused with this HTTP status.
    pub(crate) fn is_status(&self, status: u16) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == status)
    }

    /// The id of the conflicting lead.
    pub(crate) fn lead_in_the_way(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.lead_id.clone(),
            _ => None,
        }
    }

    /// Whether the lead has been changed since it was read.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_status(409) && self.lead_in_the_way().is_none()
    }

    /// Seconds the server asked to wait.
    pub(crate) fn retry_after_seconds(&self) -> Option<u32> {
        match self {
            Self::Refused(refusal) => refusal.retry_after_seconds,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_are_used_when_there_are_any() {
        let body =
            r#"{"error":{"code":"RATE_LIMITED","message":"Slow down.","timestamp":"2026-01-01T00:00:00Z"}}"#;
        let error = ApiError::from_answer(429, Some(" 7 "), body);
        assert_eq!(error.message(), "Slow down.");
        assert_eq!(error.retry_after_seconds(), Some(7));
        assert!(error.is_status(429));
    }

    #[test]
    fn a_proxys_answer_still_makes_a_sentence() {
        for (status, body) in [(502, "<html>Bad gateway</html>"), (404, ""), (500, r#"{"message":"x"}"#)] {
            let error = ApiError::from_answer(status, None, body);
            assert!(error.message().ends_with('.'), "{}", error.message());
            assert!(!error.message().contains('<'));
        }
    }
}
