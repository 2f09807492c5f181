//! What can go wrong with a call to AWS, for those who want to see what the functions make of it.

/// A call of a function to a service.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// `DynamoDB`, `S3` or `SQS`.
    pub service: &'a str,
    /// The operation, e.g. `PutItem`.
    pub operation: &'a str,
    /// The request's JSON; empty for S3.
    pub body: &'a [u8],
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out and answered.
    None,
    /// It is answered with this, carried out or not.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        body: String,
        /// Is it carried out before?
        carried_out: bool,
    },
    /// The connection breaks.
    Break {
        /// Is it carried out before?
        carried_out: bool,
    },
    /// No answer ever comes.
    Hang {
        /// Is it carried out before?
        carried_out: bool,
    },
}

/// Decides about every call.
pub trait Faults: Send + Sync {
    /// What becomes of this call.
    fn of(&self, call: Call<'_>) -> Fault;
}
