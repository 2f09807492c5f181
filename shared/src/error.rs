//! The one shape of an error answer, and the codes it may carry.

use serde::{Deserialize, Serialize};

/// Body of every answer with a 4xx or 5xx status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Machine-readable code.
    pub code: ErrorCode,
    /// A sentence for the user that says what to do.
    pub message: String,
    /// The request field at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The lead that stands in the way, where there is one: it has the e-mail address that another lead was to get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<String>,
    /// When it happened (RFC 3339, UTC).
    pub timestamp: String,
}

/// Codes of error answers of the API. Codes of failed uploads are [`crate::status::UploadErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// A field of the request is missing or wrong (400).
    InvalidRequest,
    /// The file name's ending is not supported (400).
    UnsupportedFileType,
    /// The file has no bytes (400).
    EmptyFile,
    /// The file is over the size limit (413).
    FileTooLarge,
    /// No or no valid token (401).
    Unauthorized,
    /// The token is valid but the user may not do this (403).
    Forbidden,
    /// No such thing, or it is somebody else's (404).
    NotFound,
    /// The route does not take this method (405).
    MethodNotAllowed,
    /// The thing is in a state that does not allow this (409).
    Conflict,
    /// Too many requests; `Retry-After` says when to come back (429).
    RateLimited,
    /// Our fault; nothing the user can change (500).
    InternalError,
    /// A service we depend on does not answer (503).
    ServiceUnavailable,
    /// A code this version does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The HTTP status the code goes with.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::UnsupportedFileType | Self::EmptyFile => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::FileTooLarge => 413,
            Self::RateLimited => 429,
            Self::InternalError | Self::Unknown => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
