//! Limits on a user's requests per minute. Status polls are counted in the instance; more expensive requests are
//! counted in the app-state table, for all instances together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use strum::IntoStaticStr;

/// Length of a window in seconds.
const WINDOW_SECONDS: i64 = 60;

/// A kind of request with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Limited {
    /// Status requests.
    Status,
    /// Announcing an upload.
    Upload,
    /// Questions.
    Chat,
    /// Exports.
    Export,
    /// Manual changes.
    Change,
    /// Erasing a person: it reads and removes files of all users.
    Erase,
}

impl Limited {
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// Requests per minute and user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// See [`Limited::Status`]; the page polls every active upload every two seconds.
    pub status: u32,
    /// See [`Limited::Upload`].
    pub upload: u32,
    /// See [`Limited::Chat`].
    pub chat: u32,
    /// See [`Limited::Export`].
    pub export: u32,
    /// See [`Limited::Change`].
    pub change: u32,
    /// See [`Limited::Erase`].
    pub erase: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { status: 600, upload: 120, chat: 30, export: 20, change: 300, erase: 20 }
    }
}

impl RateLimits {
    pub(crate) const fn limit(&self, what: Limited) -> u32 {
        match what {
            Limited::Status => self.status,
            Limited::Upload => self.upload,
            Limited::Chat => self.chat,
            Limited::Export => self.export,
            Limited::Change => self.change,
            Limited::Erase => self.erase,
        }
    }
}

/// The instance's own counts.
#[derive(Debug, Default)]
pub struct Polls(Mutex<HashMap<String, (i64, u32)>>);

impl Polls {
    /// Counts a request; returns how many there are in this window.
    pub(crate) fn count(&self, user: &str, window: i64) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(user) {
            counts.retain(|_, (begun, _)| *begun == window);
        }
        let (begun, count) = counts.entry(user.to_owned()).or_insert((window, 0));
        if *begun != window {
            (*begun, *count) = (window, 0);
        }
        *count = count.saturating_add(1);
        *count
    }
}

/// The number of the window that contains a time.
pub(crate) fn window(now: Timestamp) -> i64 {
    now.as_second().div_euclid(WINDOW_SECONDS)
}

/// When the counts of a window are no longer needed, in seconds since 1970.
pub(crate) fn expiry(window: i64) -> i64 {
    (window + 2) * WINDOW_SECONDS
}

/// Seconds until the next window.
pub(crate) fn seconds_left(now: Timestamp) -> u64 {
    (WINDOW_SECONDS - now.as_second().rem_euclid(WINDOW_SECONDS)).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_windows_count_apart() {
        let polls = Polls::default();
        assert_eq!([polls.count("a", 1), polls.count("a", 1), polls.count("b", 1)], [1, 2, 1]);
        assert_eq!(polls.count("a", 2), 1);
        polls.count("c", 3);
        assert_eq!(polls.0.lock().unwrap().len(), 1, "counts of windows that are over are dropped");
    }

    #[test]
    fn a_window_ends_on_the_minute() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert_eq!((seconds_left(at(60)), seconds_left(at(119))), (60, 1));
    }
}
