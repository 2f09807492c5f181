//! The one place that maps failures to API responses.

use easy_crm_domain::identity::LeadId;
use easy_crm_shared::error::{ErrorBody, ErrorCode, ErrorResponse};
use easy_crm_shared::query::QueryError;
use jiff::Timestamp;

use crate::aws::AwsError;
use crate::lead_list::ListError;

/// A failure of an API request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The request cannot be served as it is; the message says what to do (4xx).
    #[error("{code:?}: {message}")]
    Client {
        /// What is wrong, as a code; it determines the HTTP status.
        code: ErrorCode,
        /// What is wrong and what to do.
        message: String,
        /// The field at fault.
        field: Option<String>,
    },
    /// Another lead has the email address (409).
    #[error("another lead has this address")]
    EmailTaken {
        /// The other lead.
        lead_id: LeadId,
    },
    /// The user sends too many requests (429).
    #[error("too many requests")]
    TooMany {
        /// When to retry.
        retry_after_seconds: u64,
    },
    /// An AWS call failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Something that should be impossible happened.
    #[error("internal: {0}")]
    Internal(String),
}

impl ApiError {
    /// A field of the request is missing or wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Client { code: ErrorCode::InvalidRequest, message: message.into(), field: Some(field.into()) }
    }

    /// The request is invalid in another way.
    pub fn client(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Client { code, message: message.into(), field: None }
    }

    /// There is no such thing, or it is somebody else's.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::client(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// The response's body. Failures the user cannot fix are described only in general terms.
    #[must_use]
    pub fn body(&self, now: Timestamp) -> ErrorResponse {
        let mut lead_id = None;
        let (code, message, field) = match self {
            Self::Client { code, message, field } => (*code, message.clone(), field.clone()),
            Self::EmailTaken { lead_id: other } => {
                lead_id = Some(other.to_string());
                let message =
                    "Another lead has this email address. Change that lead, or give another address.";
                (ErrorCode::Conflict, message.to_owned(), Some("email".to_owned()))
            }
            Self::TooMany { retry_after_seconds } => (
                ErrorCode::RateLimited,
                format!(
                    "Too many requests in a minute. Please wait {retry_after_seconds} seconds."
                ),
                None,
            ),
            Self::Aws(error) if error.is_transient() => (
                ErrorCode::ServiceUnavailable,
                "A service we depend on is busy. Please try again in a moment.".to_owned(),
                None,
            ),
            Self::Aws(_) | Self::Internal(_) => (
                ErrorCode::InternalError,
                "Something went wrong on our side. Please try again; if the problem persists, tell your administrator."
                    .to_owned(),
                None,
            ),
        };
        ErrorResponse { error: ErrorBody { code, message, field, lead_id, timestamp: now.to_string() } }
    }
}

impl From<ListError> for ApiError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Aws(error) => Self::Aws(error),
            ListError::BrokenOff | ListError::Snapshot(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        Self::field(error.field.clone(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internals_stay_inside() {
        let body = ApiError::Internal("secret table name".into()).body(Timestamp::UNIX_EPOCH);
        assert_eq!(body.error.code.http_status(), 500);
        assert!(!body.error.message.contains("secret"));
        assert_eq!(body.error.timestamp, "1970-01-01T00:00:00Z");
    }
}
