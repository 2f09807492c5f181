//! The one format of error responses, and the codes they may contain.

use serde::{Deserialize, Serialize};

/// Body of every response with a 4xx or 5xx status.
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
    /// A sentence for the user, saying what to do.
    pub message: String,
    /// The request field at fault, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The lead that is in the way, if any: it has the email address that another lead was to get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<String>,
    /// When it happened (RFC 3339, UTC).
    pub timestamp: String,
}

/// Codes of the API's error responses. Codes of failed uploads are [`crate::status::UploadErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// A field of the request is missing or wrong (400).
    InvalidRequest,
    /// The file name extension is not supported (400).
    UnsupportedFileType,
    /// The file has no bytes (400).
    EmptyFile,
    /// The file is over the size limit (413).
    FileTooLarge,
    /// The token is missing or invalid (401).
    Unauthorized,
    /// The token is valid, but the user may not do this (403).
    Forbidden,
    /// It does not exist, or is somebody else's (404).
    NotFound,
    /// The route does not support this method (405).
    MethodNotAllowed,
    /// The resource is in a state that does not allow this (409).
    Conflict,
    /// Too many requests; `Retry-After` says when to retry (429).
    RateLimited,
    /// Our fault; the user cannot fix it (500).
    InternalError,
    /// A service we depend on does not respond (503).
    ServiceUnavailable,
    /// A code this version does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The HTTP status for the code.
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
