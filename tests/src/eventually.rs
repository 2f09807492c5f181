//! Waiting for what a system or a page does on its own.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a test waits. Longer than anything takes on a busy machine: a test that gets here has failed.
const DEADLINE: Duration = Duration::from_secs(120);
/// Time between two looks.
const POLL: Duration = Duration::from_millis(50);

/// Looks again and again until there is something to see, and returns it. `what` is named when it never comes.
///
/// # Errors
/// When it does not come in time, or looking fails.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if began.elapsed() > DEADLINE {
            bail!("waited {} s in vain: {what}", DEADLINE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
