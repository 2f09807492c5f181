//! Exports that take longer than a request may: the request stores a description of the export, that object's event
//! starts the work, and the client polls the progress.
//!
//! An event redelivered after a crash starts over and writes the same object; a file is stored completely or not at
//! all. If two workers run at the same time, the first to finish counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use easy_crm_domain::lead_index::CompiledQuery;
use easy_crm_shared::changes::JobState;
use easy_crm_shared::export::{ExportJob, ExportRequest};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Response};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::aws::jobs::{AnyJob, ExportRecord};
use crate::error::ApiError;
use crate::export;
use crate::http::json;

/// How often an export's progress is recorded.
const BEAT: Duration = Duration::from_secs(2);
/// An export that has been silent for this long has failed: by then Lambda has tried its event three times (it waits
/// one minute, then two).
const SILENCE: SignedDuration = SignedDuration::from_mins(6);

/// What a job exports.
#[derive(Serialize, Deserialize)]
struct Task {
    request: ExportRequest,
    /// Days and weeks in the query are relative to this time.
    at: Timestamp,
}

/// Starts a job.
pub(crate) async fn begin(
    app: &App,
    owner: String,
    request: ExportRequest,
    total: u64,
    at: Timestamp,
) -> Result<Response<Body>, ApiError> {
    let job = ExportRecord::new(owner, total, at);
    let task = serde_json::to_vec(&Task { request, at });
    let task = task.map_err(|error| ApiError::Internal(error.to_string()))?;
    app.jobs.put_export(&job).await?;
    app.files.put(&ExportRecord::key(&job.job_id), "application/json", task).await?;
    job_answer(app, job)
}

/// A job's progress.
pub(crate) fn job_answer(app: &App, job: ExportRecord) -> Result<Response<Body>, ApiError> {
    let ExportRecord { job_id, kind, mut state, total, done, heard_at, mut message, mut file, .. } = job;
    let silent_for = SignedDuration::from_secs(app.now().as_second().saturating_sub(heard_at));
    if state == JobState::Running && silent_for > SILENCE {
        state = JobState::Failed;
        message = Some("The export was interrupted. Please export again.".to_owned());
    }
    if file.is_some() && silent_for.unsigned_abs() > export::LINK_LIFETIME {
        file = None;
        message = Some("The link to the file has expired. Please export again.".to_owned());
    }
    let status = if state == JobState::Running { 202 } else { 200 };
    json(status, &ExportJob { job_id, kind, state, total, done, message, file })
}

/// Makes a job's file. Failures that the user can fix end up in its record; any other is an error, and the event is
/// redelivered.
pub(crate) async fn work(app: &App, job_id: &str) -> Result<(), ApiError> {
    let Some(AnyJob::Export(mut job)) = app.jobs.any(job_id, app.now()).await? else {
        tracing::warn!(job_id, "no such export");
        return Ok(());
    };
    if job.state != JobState::Running {
        return Ok(());
    }
    let task = app.files.read(&ExportRecord::key(job_id)).await?;
    let Task { request, at } =
        serde_json::from_slice(&task).map_err(|error| ApiError::Internal(error.to_string()))?;
    let format = request.format;
    let query = CompiledQuery::new(&request.query(), at)?;
    let rows = Arc::new(AtomicU64::new(0));
    let file = export::export(app, query, format, job_id, Arc::clone(&rows));
    let mut file = std::pin::pin!(file);
    let made = loop {
        match tokio::time::timeout(BEAT, &mut file).await {
            Ok(made) => break made,
            Err(_) => {
                job.done = rows.load(Ordering::Relaxed);
                job.heard_at = app.now().as_second();
                if !app.jobs.put_export(&job).await? {
                    tracing::info!(job_id, "the export has ended elsewhere");
                    return Ok(());
                }
            }
        }
    };
    job.done = rows.load(Ordering::Relaxed);
    job.heard_at = app.now().as_second();
    match made {
        Ok(file) => {
            job.state = JobState::Done;
            job.total = file.row_count;
            job.file = Some(file);
        }
        Err(ApiError::Client { message, .. }) => {
            job.state = JobState::Failed;
            job.message = Some(message);
        }
        Err(error) => return Err(error),
    }
    if !app.jobs.put_export(&job).await? {
        tracing::info!(job_id, "the export has ended elsewhere");
    }
    Ok(())
}
