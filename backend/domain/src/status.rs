//! The state machine of an upload, its percentage, its rate and its accounting invariant.

use easy_crm_shared::status::{Progress, Stage, UploadErrorCode, UploadStatus};
use jiff::{SignedDuration, Timestamp};

/// How long a status record lives after the upload was announced or had its last row accounted for.
pub const RECORD_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// How long the record of an upload in progress lives after its last change: as long as SQS can keep a message, so that
/// a batch never finds its record gone, even on a laptop that was closed for days.
const UNSETTLED_LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);

/// When the record of an upload nobody works on expires, in seconds since 1970.
#[must_use]
pub fn settled_expiry(now: Timestamp) -> i64 {
    now.as_second() + RECORD_LIFETIME.as_secs()
}

/// When the record of an upload in progress expires, in seconds since 1970.
#[must_use]
pub fn unsettled_expiry(now: Timestamp) -> i64 {
    now.as_second() + UNSETTLED_LIFETIME.as_secs()
}

/// Seconds a presigned upload URL is valid.
pub const UPLOAD_URL_SECONDS: u64 = 15 * 60;

/// How long after its URL expired an upload without an object is abandoned.
pub const NOT_RECEIVED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// The states from which an upload may enter a state. Every write of a state is conditional on this; final states
/// cannot be left, except by an upload abandoned as [`UploadErrorCode::UploadNotReceived`] whose object arrives after
/// all (see [`may_start_after`]).
#[must_use]
pub const fn sources(target: UploadStatus) -> &'static [UploadStatus] {
    use UploadStatus::{Processing, Uploaded, Uploading};
    match target {
        UploadStatus::Uploading => &[],
        UploadStatus::Uploaded => &[Uploading],
        UploadStatus::Processing => &[Uploading, Uploaded],
        UploadStatus::Completed => &[Processing],
        UploadStatus::Error | UploadStatus::Cancelled => &[Uploading, Uploaded, Processing],
    }
}

/// Whether the rows of an upload in this state are counted, so that each of them has to be accounted for.
#[must_use]
pub const fn has_counted_rows(status: UploadStatus) -> bool {
    matches!(status, UploadStatus::Processing | UploadStatus::Completed)
}

/// Whether an upload that ended with this error may start, now that its object is there.
#[must_use]
pub const fn may_start_after(error: UploadErrorCode) -> bool {
    matches!(error, UploadErrorCode::UploadNotReceived)
}

/// The stage of a state that is not an error; after an error the stage stays where it happened.
#[must_use]
pub const fn stage_of(status: UploadStatus) -> Option<Stage> {
    match status {
        UploadStatus::Uploading => Some(Stage::FileUpload),
        UploadStatus::Uploaded => Some(Stage::FileProcessing),
        UploadStatus::Processing => Some(Stage::BatchProcessing),
        UploadStatus::Completed => Some(Stage::Completed),
        UploadStatus::Cancelled => Some(Stage::Cancelled),
        UploadStatus::Error => None,
    }
}

/// The accounting invariant: whether every row of the file is accounted for.
#[must_use]
pub const fn is_balanced(progress: &Progress) -> bool {
    progress.completed_batches >= progress.total_batches && progress.accounted_leads() == progress.total_leads
}

/// How a balanced upload ends: `error` if every row failed, `completed` otherwise.
#[must_use]
pub const fn outcome(progress: &Progress) -> UploadStatus {
    if progress.total_leads > 0 && progress.failed_leads == progress.total_leads {
        UploadStatus::Error
    } else {
        UploadStatus::Completed
    }
}

/// Share of the rows accounted for, 0 to 100 with one decimal; 100 only when nothing is left.
#[must_use]
pub fn percentage(status: UploadStatus, processed_leads: u64, total_leads: u64) -> f64 {
    if status == UploadStatus::Completed {
        return 100.0;
    }
    if total_leads == 0 {
        return 0.0;
    }
    (processed_leads as f64 * 1000.0 / total_leads as f64).floor() / 10.0
}

/// The measured rate of the batch stage, and when it will finish at that rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Leads per second since the batch stage began.
    pub leads_per_second: f64,
    /// When the last lead will be done.
    pub estimated_completion: Timestamp,
}

/// Forecasts the end of the batch stage. `at_start` counts the rows that were settled before it began. `None` until a
/// batch has ended.
#[must_use]
pub fn forecast(began: Timestamp, now: Timestamp, at_start: u64, progress: &Progress) -> Option<Forecast> {
    let done = progress.accounted_leads().checked_sub(at_start).filter(|done| *done > 0)?;
    let elapsed = now.duration_since(began).as_secs_f64().max(0.001);
    let leads_per_second = done as f64 / elapsed;
    let left = progress.total_leads.saturating_sub(progress.accounted_leads()) as f64;
    let seconds_left = SignedDuration::try_from_secs_f64(left / leads_per_second).ok()?;
    let estimated_completion = now.checked_add(seconds_left).ok()?;
    Some(Forecast { leads_per_second, estimated_completion })
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn final_states_lead_nowhere_and_nothing_goes_back() {
        let rank = |status: UploadStatus| UploadStatus::iter().position(|other| other == status);
        for target in UploadStatus::iter() {
            for source in sources(target) {
                assert!(!source.is_final(), "{source:?} -> {target:?}");
                assert!(rank(*source) < rank(target), "{source:?} -> {target:?}");
            }
        }
    }

    #[test]
    fn percentage_is_100_only_at_the_end() {
        assert_eq!(percentage(UploadStatus::Uploading, 0, 0), 0.0);
        assert_eq!(percentage(UploadStatus::Processing, 30, 100), 30.0);
        assert_eq!(percentage(UploadStatus::Processing, 99_999, 100_000), 99.9);
        assert_eq!(percentage(UploadStatus::Completed, 100, 100), 100.0);
    }

    #[test]
    fn balance_needs_every_batch_and_every_row() {
        let mut progress =
            Progress { total_batches: 2, completed_batches: 1, total_leads: 5, ..Progress::default() };
        progress.created_leads = 5;
        assert!(!is_balanced(&progress));
        progress.completed_batches = 2;
        assert!(is_balanced(&progress));
        progress.duplicate_leads = 1;
        assert!(!is_balanced(&progress));
    }

    #[test]
    fn all_rows_failed_is_an_error() {
        let failed = Progress { total_leads: 3, failed_leads: 3, ..Progress::default() };
        assert_eq!(outcome(&failed), UploadStatus::Error);
        assert_eq!(outcome(&Progress { failed_leads: 2, ..failed }), UploadStatus::Completed);
    }

    #[test]
    fn forecast_follows_the_measured_rate() {
        let began = Timestamp::from_second(1_000).unwrap();
        let now = Timestamp::from_second(1_010).unwrap();
        let progress =
            Progress { total_leads: 300, created_leads: 50, duplicate_leads: 150, ..Progress::default() };
        let forecast = forecast(began, now, 100, &progress).unwrap();
        assert_eq!(forecast.leads_per_second, 10.0);
        assert_eq!(forecast.estimated_completion, Timestamp::from_second(1_020).unwrap());
        assert_eq!(super::forecast(began, now, 200, &progress), None);
    }
}
