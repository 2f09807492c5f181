//! What can go wrong with a request, and the sentence the user reads about it.

use easy_crm_shared::error::{ErrorCode, ErrorResponse};

/// Why a request has no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// No answer came: no network, server down, or too slow.
    Unreachable,
    /// The user has to sign in again.
    SessionExpired,
    /// The server said no.
    Refused(Refusal),
    /// A job ended without a result; the server's sentence about it.
    Failed(String),
    /// An answer came that this version of the page cannot read.
    Unreadable,
}

/// A refusal as the server worded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// Machine-readable code; `Unknown` where the answer was not the API's own.
    pub(crate) code: ErrorCode,
    /// A sentence for the user.
    pub(crate) message: String,
    /// The lead that stands in the way, where there is one.
    pub(crate) lead_id: Option<String>,
    /// Seconds to wait before asking again.
    pub(crate) retry_after_seconds: Option<u32>,
}

impl ApiError {
    /// Reads an answer with a 4xx or 5xx status.
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

    /// What to say about a status whose body says nothing, e.g. one a proxy answered.
    fn plain_message(status: u16) -> String {
        match status {
            403 => "You are not allowed to do this.".to_owned(),
            404 => "This does not exist any more.".to_owned(),
            413 => "This file is too large.".to_owned(),
            429 => "Too many requests. Please wait a moment and try again.".to_owned(),
            502..=504 => "The server is not available right now. Please try again in a moment.".to_owned(),
            _ => format!("The server could not answer this (status {status}). Please try again."),
        }
    }

    /// The sentence for the user.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Unreachable => {
                "Easy CRM cannot be reached. Check your connection and try again.".to_owned()
            }
            Self::SessionExpired => "Your session has expired. Please sign in again.".to_owned(),
            Self::Refused(refusal) => refusal.message.clone(),
            Self::Failed(message) => message.clone(),
            Self::Unreadable => {
                "The server sent an answer this page cannot read. Reload the page to get its newest version."
                    .to_owned()
            }
        }
    }

    /// Is this the refusal with that HTTP status?
    pub(crate) fn is_status(&self, status: u16) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == status)
    }

    /// The lead that stands in the way.
    pub(crate) fn lead_in_the_way(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.lead_id.clone(),
            _ => None,
        }
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
