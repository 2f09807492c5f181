//! Polls the status of one upload until nothing will change any more.

use easy_crm_shared::status::UploadStatus;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state;
use crate::api::{ApiError, uploads};
use crate::browser;
use crate::features::upload::job::{Job, Phase};
use crate::features::upload::queue::Uploads;
use crate::format;

/// How long the card of a success stays, in milliseconds.
const HIDE_AFTER_MS: u32 = 3_000;
/// How soon to look again whether the user still looks at the card.
const HELD_MS: u32 = 500;

/// Starts to follow an upload. Ends by itself when the upload is over or its card is closed.
pub(crate) fn start(uploads: Uploads, job: Job, upload_id: String) {
    spawn_local(follow(uploads, job, upload_id));
}

async fn follow(all: Uploads, job: Job, upload_id: String) {
    let (mut failures, mut settling_polls, mut was_final) = (0_u32, 0_u32, false);
    while all.has(job.id) {
        let answer = uploads::status(all.client, &upload_id).await;
        if !all.has(job.id) {
            return;
        }
        let mut retry_after_seconds = None;
        match answer {
            Ok(status) => {
                failures = 0;
                let is_final = status.status.is_final();
                let is_over = state::is_over(&status);
                if is_final && (!was_final || is_over) {
                    // Once when it is final, and once more when the last rows are counted.
                    all.on_leads_changed.run(status.clone());
                }
                if is_final && !was_final && status.status == UploadStatus::Completed {
                    all.toaster.success(state::result_text(&status, format::count));
                }
                was_final = is_final;
                let hide = state::is_clean_success(&status);
                job.trouble.set(None);
                job.status.set(Some(status));
                settling_polls += u32::from(is_final);
                if is_over || settling_polls > state::MAX_SETTLING_POLLS {
                    if hide {
                        hide_later(all, &job).await;
                    }
                    return;
                }
            }
            Err(ApiError::SessionExpired) => return,
            Err(error) if error.is_status(404) => {
                let message = "This import is no longer on record: it is older than a day.".to_owned();
                job.phase.set(Phase::Failed { message, can_retry: false });
                return;
            }
            // Busy, not broken: nothing the user has to know.
            Err(error) if error.is_status(429) => retry_after_seconds = error.retry_after_seconds(),
            Err(error) => {
                failures += 1;
                retry_after_seconds = error.retry_after_seconds();
                // One lost poll is not worth a word.
                let text = "The connection is lost. The import goes on; this card will catch up.";
                job.trouble.set((failures > 1).then(|| text.to_owned()));
            }
        }
        browser::sleep_ms(state::next_poll_ms(failures, retry_after_seconds)).await;
    }
}

async fn hide_later(all: Uploads, job: &Job) {
    browser::sleep_ms(HIDE_AFTER_MS).await;
    while job.held.get_untracked() {
        browser::sleep_ms(HELD_MS).await;
    }
    all.remove(job);
}
