//! The current time, injected so that tests can set it.

use std::sync::Arc;

use jiff::Timestamp;

/// Where handlers get the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that handlers share.
pub type SharedClock = Arc<dyn Clock>;
