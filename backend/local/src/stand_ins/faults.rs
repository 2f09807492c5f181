//! Faults that can be injected into AWS calls, to test how the functions handle them.

/// A function's call to a service.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// `DynamoDB`, `S3` or `SQS`.
    pub service: &'a str,
    /// The operation, e.g. `PutItem`.
    pub operation: &'a str,
    /// The request's JSON; empty for S3.
    pub body: &'a [u8],
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is executed and answered normally.
    None,
    /// It gets this response, executed or not.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        body: String,
        /// Whether it is executed first.
        carried_out: bool,
    },
    /// The connection breaks.
    Break {
        /// Whether it is executed first.
        carried_out: bool,
    },
    /// There is never a response.
    Hang {
        /// Whether it is executed first.
        carried_out: bool,
    },
}

/// Decides about every call.
pub trait Faults: Send + Sync {
    /// What happens to this call.
    fn of(&self, call: Call<'_>) -> Fault;
}
