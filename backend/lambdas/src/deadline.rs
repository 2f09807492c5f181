//! How long an invocation may still work, so that it stops in time to report its results.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Reserved for reporting: an invocation that is cut off reports nothing, and all its messages are redelivered.
const TO_REPORT: Duration = Duration::from_secs(3);

/// When an invocation is cut off.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline this far from now.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The deadline of a Lambda invocation.
    #[must_use]
    pub fn from_context(context: &lambda_runtime::Context) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::after(Duration::from_millis(context.deadline).saturating_sub(now))
    }

    /// When to stop working.
    #[must_use]
    pub fn stop_at(self) -> Instant {
        self.0.checked_sub(TO_REPORT).unwrap_or(self.0)
    }
}
