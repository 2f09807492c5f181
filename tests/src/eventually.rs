//! Waits for asynchronous effects in a system or a page.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a test waits. Longer than anything takes on a busy machine: a test that reaches it has failed.
const DEADLINE: Duration = Duration::from_secs(120);
/// Poll interval.
const POLL: Duration = Duration::from_millis(50);

/// Polls until `look` returns a value, and returns it. `what` is named in the error if that never happens.
///
/// # Errors
/// When there is no value in time, or looking fails.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if began.elapsed() > DEADLINE {
            bail!("timed out after {} s: {what}", DEADLINE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
