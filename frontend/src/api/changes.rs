//! Manual changes, exports and erasures. What takes longer than one request is a job that the page follows to its end.

use easy_crm_shared::changes::{
    EditLeadRequest, EditLeadResponse, Job, JobState, LeadSelection, RestoreRequest,
};
use easy_crm_shared::erasure::{EraseRequest, EraseResponse, EraseState};
use easy_crm_shared::export::{ExportJob, ExportRequest, ExportResponse};
use easy_crm_shared::routes;
use gloo_net::http::Method;
use serde::{Deserialize, Serialize};

use super::{ApiError, Client};
use crate::browser;
use crate::query_string::encode;

/// Time between two polls of an export, and before a retry.
const POLL_MS: u32 = 1_000;
/// The page stops following a job after more failures in a row than this.
const MOST_FAILURES: u32 = 5;

/// Response of `POST /export`: the file, or the job that creates it.
#[derive(Deserialize)]
#[serde(untagged)]
enum ExportAnswer {
    File(ExportResponse),
    Job(ExportJob),
}

/// Changes fields of a lead. 409 if it was changed in the meantime, or if another lead has its new email address.
pub(crate) async fn edit(
    client: Client,
    lead_id: &str,
    request: &EditLeadRequest,
) -> Result<EditLeadResponse, ApiError> {
    client.change(Method::PATCH, routes::lead(&encode(lead_id)), request).await
}

/// Deletes leads. Calls `progress` with the number done and the total.
pub(crate) async fn delete(
    client: Client,
    leads: &LeadSelection,
    progress: impl Fn(u64, u64),
) -> Result<Job, ApiError> {
    change(client, routes::LEADS_DELETE, leads, progress).await
}

/// Restores deleted leads. Calls `progress` with the number done and the total.
pub(crate) async fn restore(
    client: Client,
    request: &RestoreRequest,
    progress: impl Fn(u64, u64),
) -> Result<Job, ApiError> {
    change(client, routes::LEADS_RESTORE, request, progress).await
}

/// Runs a job to its end; every request does a part of it.
async fn change(
    client: Client,
    path: &str,
    request: &impl Serialize,
    progress: impl Fn(u64, u64),
) -> Result<Job, ApiError> {
    let mut job: Job = client.post(path.to_owned(), request).await?;
    while job.state == JobState::Running {
        progress(job.done + job.skipped + job.conflicts, job.total);
        job = patiently(|| client.get(routes::job(&job.job_id))).await?;
    }
    Ok(job)
}

/// Erases a person permanently. Repeats the request until it is done; each one does a part.
pub(crate) async fn erase(client: Client, request: &EraseRequest) -> Result<EraseResponse, ApiError> {
    let ask = || client.post(routes::LEADS_ERASE.to_owned(), request);
    let mut answer: EraseResponse = ask().await?;
    while answer.state == EraseState::Running {
        answer = patiently(ask).await?;
    }
    Ok(answer)
}

/// Exports the leads a query finds to a file. A longer export calls `progress` with the rows written and the total.
pub(crate) async fn export(
    client: Client,
    request: &ExportRequest,
    progress: impl Fn(u64, u64),
) -> Result<ExportResponse, ApiError> {
    let mut job = match client.post(routes::EXPORT.to_owned(), request).await? {
        ExportAnswer::File(file) => return Ok(file),
        ExportAnswer::Job(job) => job,
    };
    while job.state == JobState::Running {
        progress(job.done, job.total);
        browser::sleep_ms(POLL_MS).await;
        job = patiently(|| client.get(routes::job(&job.job_id))).await?;
    }
    let ended = || "The link to this file is no longer valid. Please export again.".to_owned();
    job.file.ok_or_else(|| ApiError::Failed(job.message.unwrap_or_else(ended)))
}

/// Retries until there is a response: a failed poll does not stop the job itself.
async fn patiently<T, F: Future<Output = Result<T, ApiError>>>(ask: impl Fn() -> F) -> Result<T, ApiError> {
    let mut failures = 0;
    loop {
        match ask().await {
            Err(error) if failures < MOST_FAILURES && error != ApiError::SessionExpired => failures += 1,
            answer => return answer,
        }
        browser::sleep_ms(POLL_MS).await;
    }
}
