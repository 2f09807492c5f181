//! Thin adapters over the AWS SDK; apart from the wiring, the only code that uses it.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

pub mod batch_queue;
pub mod files;
pub mod items;
pub mod jobs;
pub mod leads;
pub mod model_answers;
pub mod secrets;
pub mod snapshots;
pub mod statuses;
pub mod tables;
pub mod views;

/// A failed AWS call. It holds only the operation and the error code: the SDK's own text can contain items.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {code}")]
pub struct AwsError {
    operation: &'static str,
    code: String,
    transient: bool,
}

impl AwsError {
    /// The outcome of a call that failed after the SDK's retries.
    pub fn new<E: ProvideErrorMetadata, R>(operation: &'static str, error: &SdkError<E, R>) -> Self {
        let (code, transient) = match error {
            SdkError::TimeoutError(_) => ("timeout".to_owned(), true),
            SdkError::DispatchFailure(_) => ("connection".to_owned(), true),
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown").to_owned();
                let transient = TRANSIENT_CODES.contains(&code.as_str());
                (code, transient)
            }
            SdkError::ConstructionFailure(_) => ("request could not be built".to_owned(), false),
            _ => ("response could not be read".to_owned(), true),
        };
        Self { operation, code, transient }
    }

    /// A response that is not as expected.
    #[must_use]
    pub fn malformed(operation: &'static str, what: impl Into<String>) -> Self {
        Self { operation, code: what.into(), transient: false }
    }

    /// Whether the same call can succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        self.transient
    }

    /// Whether the request was refused because of its content, so that every retry will fail.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.code.as_str(), "ValidationException" | "ItemCollectionSizeLimitExceededException")
    }

    /// The service's error code, or the kind of failure.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

/// Error codes of DynamoDB, S3 and SQS that mean "retry later".
const TRANSIENT_CODES: [&str; 12] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
    "InternalServerError",
    "ServiceUnavailable",
    "SlowDown",
    "InternalError",
    "RequestTimeout",
    "KmsThrottled",
    "OverLimit",
];

/// A backoff that doubles with each try, up to 2 s; half of it is random jitter.
pub(crate) fn jittered(tries: u32) -> Duration {
    let ceiling_ms = (20_u64 << tries.min(7)).min(2_000);
    Duration::from_millis(ceiling_ms / 2 + fastrand::u64(..=ceiling_ms / 2))
}
