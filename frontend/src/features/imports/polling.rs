//! Polls the status of one upload until it can no longer change.

use easy_crm_shared::status::{ProcessingStatus, UploadStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::job::{Job, Phase};
use super::record;
use crate::api::{ApiError, Client, uploads};
use crate::browser;
use crate::format;

/// How long the panel of a successful import stays, in milliseconds.
const HIDE_AFTER_MS: u32 = 3_000;
/// Time between two checks of whether the user has left the panel, in milliseconds.
const HELD_MS: u32 = 500;

/// What polling needs to know, and whom it notifies.
pub(super) trait Watcher: Copy + 'static {
    fn client(self) -> Client;

    /// Whether the panel is still on the screen. A closed one is not polled for.
    fn is_shown(self, job: &Job) -> bool;

    /// The upload ended, or the last of its rows were counted.
    fn ended(self, record: &ProcessingStatus);

    /// The import was completed; `text` is the message.
    fn succeeded(self, text: String);

    /// The panel is no longer needed.
    fn close(self, job: &Job);
}

/// Starts polling an upload. Stops on its own when the upload is over or its panel is closed.
pub(super) fn start(watcher: impl Watcher, job: Job, upload_id: String) {
    spawn_local(follow(watcher, job, upload_id));
}

async fn follow(watcher: impl Watcher, job: Job, upload_id: String) {
    let (mut failures, mut settling_polls, mut was_final) = (0_u32, 0_u32, false);
    while watcher.is_shown(&job) {
        let answer = uploads::status(watcher.client(), &upload_id).await;
        if !watcher.is_shown(&job) {
            return;
        }
        let mut retry_after_seconds = None;
        match answer {
            Ok(status) => {
                failures = 0;
                let is_final = status.status.is_final();
                let is_over = record::is_over(&status);
                if is_final && (!was_final || is_over) {
                    // Once when the status is final, and again when the last rows have been counted.
                    watcher.ended(&status);
                }
                if is_final && !was_final && status.status == UploadStatus::Completed {
                    watcher.succeeded(record::result_text(&status, format::count));
                }
                was_final = is_final;
                let hide = record::is_clean_success(&status);
                job.trouble.set(None);
                job.status.set(Some(status));
                settling_polls += u32::from(is_final);
                if is_over || settling_polls > record::MAX_SETTLING_POLLS {
                    if hide {
                        hide_later(watcher, &job).await;
                    }
                    return;
                }
            }
            Err(ApiError::SessionExpired) => return,
            Err(error) if error.is_status(404) => {
                let message = "This import is no longer available: it is more than a day old.".to_owned();
                job.phase.set(Phase::Failed { message, can_retry: false });
                return;
            }
            // Rate limited, not broken: the user need not know.
            Err(error) if error.is_status(429) => retry_after_seconds = error.retry_after_seconds(),
            Err(error) => {
                failures += 1;
                retry_after_seconds = error.retry_after_seconds();
                // One failed poll is not worth a message.
                let text = "Connection lost. The import continues; this panel will catch up.";
                job.trouble.set((failures > 1).then(|| text.to_owned()));
            }
        }
        browser::sleep_ms(record::next_poll_ms(failures, retry_after_seconds)).await;
    }
}

async fn hide_later(watcher: impl Watcher, job: &Job) {
    browser::sleep_ms(HIDE_AFTER_MS).await;
    while job.held.get_untracked() {
        browser::sleep_ms(HELD_MS).await;
    }
    watcher.close(job);
}
