//! How a status record is displayed, and when to poll for the next one. Plain Rust.

use easy_crm_shared::status::{ColumnSummary, ProcessingStatus, Progress, Stage, UploadStatus};

/// Time between two polls while the server responds.
const POLL_MS: u32 = 2_000;
/// Longest time between two polls while it does not.
const MAX_POLL_MS: u32 = 30_000;
/// Most polls of a final record whose last rows are still being counted.
pub(super) const MAX_SETTLING_POLLS: u32 = 60;

/// Milliseconds to wait before the next poll: 2 s, doubled with every consecutive failure, never less than the server
/// asked for.
pub(super) fn next_poll_ms(failures: u32, retry_after_seconds: Option<u32>) -> u32 {
    let backed_off = POLL_MS.saturating_mul(1 << failures.min(4)).min(MAX_POLL_MS);
    let asked = retry_after_seconds.unwrap_or(0).min(300) * 1_000;
    backed_off.max(asked)
}

/// Whether the record can no longer change.
pub(super) fn is_over(status: &ProcessingStatus) -> bool {
    status.status.is_final() && (status.progress.settled || status.progress.total_leads == 0)
}

/// Whether it was completed with nothing the user has to read.
pub(super) fn is_clean_success(status: &ProcessingStatus) -> bool {
    status.status == UploadStatus::Completed
        && status.progress.failed_leads == 0
        && status.warnings.is_empty()
}

/// The upload's stage, in a few words.
pub(super) fn stage_text(status: &ProcessingStatus) -> &'static str {
    match (status.status, status.stage) {
        (UploadStatus::Completed, _) if status.progress.failed_leads > 0 => "Imported, with problems",
        (UploadStatus::Completed, _) => "Imported",
        (UploadStatus::Error, _) => "Import failed",
        (UploadStatus::Cancelled, _) if !is_over(status) => "Cancelled, finishing work in progress",
        (UploadStatus::Cancelled, _) => "Cancelled",
        (UploadStatus::Uploading, _) => "Waiting for the file to arrive",
        (_, Stage::BatchProcessing) => "Cleaning and storing leads",
        (UploadStatus::Uploaded, _) => "File received",
        _ => "Reading the file",
    }
}

/// `about 2 min left`, from milliseconds; `None` if no time is left.
pub(super) fn eta_text(milliseconds_left: f64) -> Option<String> {
    // Whole numbers: code to format fractions would be a fiftieth of the download.
    let seconds = Some(milliseconds_left / 1_000.0).filter(|s| s.is_finite())?.ceil() as u64;
    let text = match seconds {
        0 => return None,
        1..=5 => "a few seconds left".to_owned(),
        6..55 => format!("about {} s left", (seconds + 2) / 5 * 5),
        55..3_300 => format!("about {} min left", (seconds + 30) / 60),
        _ => format!("about {} h left", (seconds + 1_800) / 3_600),
    };
    Some(text)
}

/// The kind of a counter, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Plain,
    Bad,
}

/// One counter of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counter {
    /// Name on the wire, for tests.
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) count: u64,
    pub(super) tone: Tone,
}

/// The counters to show: those of outcomes that occurred.
pub(super) fn counters(progress: &Progress) -> Vec<Counter> {
    let duplicates = if progress.duplicate_leads == 1 { "duplicate merged" } else { "duplicates merged" };
    let all = [
        ("created", "new", progress.created_leads, Tone::Good),
        ("updated", "updated", progress.updated_leads, Tone::Good),
        ("unchanged", "unchanged", progress.unchanged_leads, Tone::Plain),
        ("duplicate", duplicates, progress.duplicate_leads, Tone::Plain),
        ("failed", "failed", progress.failed_leads, Tone::Bad),
        ("cancelled", "skipped", progress.cancelled_leads, Tone::Plain),
    ];
    all.into_iter()
        .filter(|(_, _, count, _)| *count > 0)
        .map(|(key, label, count, tone)| Counter { key, label, count, tone })
        .collect()
}

/// How many leads an import that did not run to its end has stored; `None` for any other.
pub(super) fn stored_text(status: &ProcessingStatus, number: impl Fn(u64) -> String) -> Option<String> {
    let progress = &status.progress;
    let (stored, total) = (progress.created_leads + progress.updated_leads, progress.total_leads);
    match status.status {
        UploadStatus::Cancelled if total == 0 => return Some("No leads were stored.".to_owned()),
        UploadStatus::Cancelled | UploadStatus::Error if total > 0 => {}
        _ => return None,
    }
    let leads = if total == 1 { "lead" } else { "leads" };
    let were = if stored == 1 { "was" } else { "were" };
    let so_far = if is_over(status) { "" } else { " so far" };
    Some(format!("{} of {} {leads} {were} stored{so_far}.", number(stored), number(total)))
}

/// One sentence on the result of the upload, for a message.
pub(super) fn result_text(status: &ProcessingStatus, number: impl Fn(u64) -> String) -> String {
    let parts: Vec<String> =
        counters(&status.progress).iter().map(|c| format!("{} {}", number(c.count), c.label)).collect();
    let outcome = if parts.is_empty() { "no leads".to_owned() } else { parts.join(", ") };
    format!("{}: {outcome}.", status.metadata.file_name)
}

/// The text for screen readers: announces stage changes and every quarter, not every percent.
pub(super) fn spoken(status: &ProcessingStatus, number: impl Fn(u64) -> String) -> String {
    let quarter = (status.progress.percentage / 25.0) as u32 * 25;
    let name = &status.metadata.file_name;
    match status.status {
        UploadStatus::Processing if (1..100).contains(&quarter) => {
            format!("{name}: {quarter} percent")
        }
        _ => match stored_text(status, number) {
            Some(stored) => format!("{name}: {}. {stored}", stage_text(status)),
            None => format!("{name}: {}", stage_text(status)),
        },
    }
}

/// A column's role as a label: `firstName` becomes `First name`.
pub(super) fn role_label(role: &str) -> String {
    let mut out = String::new();
    for letter in role.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        match out.is_empty() {
            true => out.push(letter.to_ascii_uppercase()),
            false => out.push(letter.to_ascii_lowercase()),
        }
    }
    out
}

/// Whether the user should check how this column was read.
pub(super) fn is_unsure(column: &ColumnSummary) -> bool {
    column.confidence < 0.6
}

#[cfg(test)]
mod tests {
    use super::*;
    use easy_crm_shared::status::UploadMetadata;

    fn record(status: UploadStatus, stage: Stage, progress: Progress) -> ProcessingStatus {
        ProcessingStatus {
            upload_id: "u".into(),
            status,
            stage,
            progress,
            metadata: UploadMetadata {
                file_name: "a.csv".into(),
                file_size: 1,
                update_policy: Default::default(),
                start_time: String::new(),
                estimated_completion: None,
                leads_per_second: None,
            },
            error: None,
            warnings: Vec::new(),
            plan: Vec::new(),
            created_at: String::new(),
            updated_at: String::new(),
            ttl: 0,
        }
    }

    #[test]
    fn polls_back_off_and_obey() {
        let check = |failures, asked, expected| assert_eq!(next_poll_ms(failures, asked), expected);
        check(0, None, 2_000);
        check(1, None, 4_000);
        check(3, None, 16_000);
        check(4, None, 30_000);
        check(1_000, None, 30_000);
        check(0, Some(7), 7_000);
        check(0, Some(1), 2_000);
        check(0, Some(u32::MAX), 300_000);
    }

    #[test]
    fn polling_ends_when_every_row_is_accounted_for() {
        let check = |status, total_leads, settled, expected| {
            let progress = Progress { total_leads, settled, ..Progress::default() };
            assert_eq!(is_over(&record(status, Stage::BatchProcessing, progress)), expected);
        };
        check(UploadStatus::Processing, 5, true, false);
        check(UploadStatus::Completed, 5, true, true);
        check(UploadStatus::Cancelled, 5, false, false);
        check(UploadStatus::Error, 0, false, true);
    }

    #[test]
    fn a_remaining_time_is_rounded_for_people() {
        let check = |seconds: f64, expected: Option<&str>| {
            assert_eq!(eta_text(seconds * 1_000.0).as_deref(), expected);
        };
        check(-3.0, None);
        check(0.0, None);
        check(f64::NAN, None);
        check(2.0, Some("a few seconds left"));
        check(13.0, Some("about 15 s left"));
        check(58.0, Some("about 1 min left"));
        check(170.0, Some("about 3 min left"));
        check(3_500.0, Some("about 1 h left"));
        check(7_100.0, Some("about 2 h left"));
    }

    #[test]
    fn the_result_names_only_what_occurred() {
        let progress =
            Progress { created_leads: 1200, duplicate_leads: 3, failed_leads: 1, ..Progress::default() };
        let status = record(UploadStatus::Completed, Stage::Completed, progress);
        let text = result_text(&status, |n| n.to_string());
        assert_eq!(text, "a.csv: 1200 new, 3 duplicates merged, 1 failed.");
        assert!(!is_clean_success(&status));
        assert_eq!(stage_text(&status), "Imported, with problems");
    }

    #[test]
    fn an_import_that_was_stopped_says_what_it_stored() {
        let check = |status, progress: Progress, expected: Option<&str>| {
            let status = record(status, Stage::BatchProcessing, progress);
            assert_eq!(stored_text(&status, |n| n.to_string()).as_deref(), expected);
        };
        let some = Progress {
            total_leads: 50,
            processed_leads: 50,
            created_leads: 10,
            updated_leads: 2,
            cancelled_leads: 38,
            settled: true,
            ..Progress::default()
        };
        check(UploadStatus::Cancelled, some, Some("12 of 50 leads were stored."));
        check(UploadStatus::Error, some, Some("12 of 50 leads were stored."));
        check(UploadStatus::Completed, some, None);
        check(UploadStatus::Cancelled, Progress::default(), Some("No leads were stored."));
        check(UploadStatus::Error, Progress::default(), None);
        let one = Progress { total_leads: 3, created_leads: 1, ..Progress::default() };
        check(UploadStatus::Cancelled, one, Some("1 of 3 leads was stored so far."));
    }

    #[test]
    fn screen_readers_hear_quarters() {
        let at = |percentage| {
            let progress = Progress { percentage, ..Progress::default() };
            let status = record(UploadStatus::Processing, Stage::BatchProcessing, progress);
            spoken(&status, |n| n.to_string())
        };
        assert_eq!(at(10.0), "a.csv: Cleaning and storing leads");
        assert_eq!(at(26.0), at(49.9));
        assert_eq!(at(51.0), "a.csv: 50 percent");
        let cancelled = record(UploadStatus::Cancelled, Stage::Cancelled, Progress::default());
        assert_eq!(spoken(&cancelled, |n| n.to_string()), "a.csv: Cancelled. No leads were stored.");
    }

    #[test]
    fn roles_read_like_column_names() {
        let check = |role, expected: &str| assert_eq!(role_label(role), expected);
        check("firstName", "First name");
        check("email", "Email");
        check("", "");
    }
}
