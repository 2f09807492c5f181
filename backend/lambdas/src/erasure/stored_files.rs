//! Personal data in stored files: files that nobody needs any more are deleted, from the others the person's rows.

use std::collections::{BTreeSet, HashMap};

use easy_crm_domain::erasure::Person;
use easy_crm_domain::problem_report::FailedRows;
use easy_crm_shared::changes::JobState;
use futures::{StreamExt, TryStreamExt, stream};

use crate::app::App;
use crate::aws::AwsError;
use crate::aws::files::{
    BATCHES_PREFIX, EXPORT_JOBS_PREFIX, EXPORTS_PREFIX, Files, PROBLEMS_PREFIX, REPORTS_PREFIX,
    UPLOADS_PREFIX,
};
use crate::aws::jobs::AnyJob;
use crate::card_questions;

/// Objects processed at once.
const AT_ONCE: usize = 16;
/// Objects of this many bytes or more are read one at a time.
const LARGE: u64 = 1 << 20;

/// What was removed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Removed {
    pub(super) files: u64,
    pub(super) rows: u64,
    pub(super) waiting_uploads: u64,
}

/// Removes what stored files contain about a person. Nothing is known about an already erased person, so nothing is
/// searched.
pub(super) async fn remove(app: &App, person: &Person) -> Result<Removed, AwsError> {
    if person.is_unknown() {
        return Ok(Removed::default());
    }
    let mut removed = Removed::default();
    // Neither the file of a settled upload nor its batches are read again: whoever they are about, nobody needs them.
    let mut done = app.files.list(UPLOADS_PREFIX).await?;
    done.extend(app.files.list(BATCHES_PREFIX).await?);
    let uploads: BTreeSet<String> = done.iter().filter_map(|key| upload_of(key)).map(str::to_owned).collect();
    let states: HashMap<String, bool> = stream::iter(uploads)
        .map(|upload_id| async move {
            let record = app.statuses.get(&upload_id, app.now()).await?;
            let is_settled = record.is_none_or(|record| record.progress.settled);
            Ok::<_, AwsError>((upload_id, is_settled))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    removed.waiting_uploads = states.values().filter(|is_settled| !**is_settled).count() as u64;
    done.retain(|key| upload_of(key).and_then(|upload_id| states.get(upload_id)) == Some(&true));
    // Exports are valid for minutes, and a report is recreated on request.
    done.extend(app.files.list(EXPORTS_PREFIX).await?);
    done.extend(app.files.list(REPORTS_PREFIX).await?);
    removed.files = done.len() as u64;
    let deletions: Vec<_> = done.iter().map(|key| app.files.delete(key)).collect();
    stream::iter(deletions).buffer_unordered(AT_ONCE).try_collect::<()>().await?;

    let (large, small): (Vec<_>, Vec<_>) =
        app.files.list_with_sizes(PROBLEMS_PREFIX).await?.into_iter().partition(|(_, size)| *size >= LARGE);
    let small: Vec<_> = small.iter().map(|(key, _)| remove_failed_rows(app, person, key)).collect();
    let rows: Vec<u64> = stream::iter(small).buffer_unordered(AT_ONCE).try_collect().await?;
    removed.rows = rows.iter().sum();
    for (key, _) in &large {
        removed.rows += remove_failed_rows(app, person, key).await?;
    }
    removed.rows += card_questions::forget(app, person).await?;

    let tasks = app.files.list(EXPORT_JOBS_PREFIX).await?;
    let tasks: Vec<_> = tasks.iter().map(|key| remove_task(app, person, key)).collect();
    let tasks: Vec<bool> = stream::iter(tasks).buffer_unordered(AT_ONCE).try_collect().await?;
    removed.files += tasks.iter().filter(|is_removed| **is_removed).count() as u64;
    Ok(removed)
}

/// The upload that an upload object or batch object belongs to.
fn upload_of(key: &str) -> Option<&str> {
    Files::upload_id_of(key).or_else(|| key.strip_prefix(BATCHES_PREFIX)?.split('/').next())
}

/// Removes a person's rows from a part of a problem report. The part stays, because the batch's marker refers to it.
async fn remove_failed_rows(app: &App, person: &Person, key: &str) -> Result<u64, AwsError> {
    let bytes = app.files.read(key).await?;
    let mut parts: Vec<FailedRows> = serde_json::from_slice(&bytes)
        .map_err(|_| AwsError::malformed("problem report", "a part is not JSON"))?;
    let mut removed = 0;
    for part in &mut parts {
        let before = part.rows.len();
        part.rows.retain(|row| !person.is_in(&row.cells));
        removed += (before - part.rows.len()) as u64;
        // In a table without a header row, the first row serves as one.
        if person.is_in(&part.layout.headers) {
            part.layout.headers.iter_mut().for_each(String::clear);
            removed += 1;
        }
    }
    if removed > 0 {
        let body = serde_json::to_vec(&parts)
            .map_err(|_| AwsError::malformed("problem report", "rows cannot be written as JSON"))?;
        app.files.put(key, "application/json", body).await?;
    }
    Ok(removed)
}

/// Removes an export's task, which contains a user's search, if the export has ended or the task names the person.
async fn remove_task(app: &App, person: &Person, key: &str) -> Result<bool, AwsError> {
    let job_id = key.strip_prefix(EXPORT_JOBS_PREFIX).unwrap_or_default();
    let runs = match app.jobs.any(job_id, app.now()).await? {
        Some(AnyJob::Export(job)) => job.state == JobState::Running,
        Some(AnyJob::Change(_)) | None => false,
    };
    let goes = !runs || person.is_in(&[String::from_utf8_lossy(&app.files.read(key).await?)]);
    if goes {
        app.files.delete(key).await?;
    }
    Ok(goes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_upload() {
        for (key, expected) in [
            ("uploads/u1", Some("u1")),
            ("batches/u2/17", Some("u2")),
            ("problems/u3/file.json", None),
            ("uploads/", None),
        ] {
            assert_eq!(upload_of(key), expected, "{key}");
        }
    }
}
