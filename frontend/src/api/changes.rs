//! Changes by hand: editing, deleting and restoring leads; and exports. Both large ones are jobs.

use easy_crm_shared::changes::{EditLeadRequest, EditLeadResponse, JobState};
use easy_crm_shared::export::{ExportFormat, ExportResponse};
use easy_crm_shared::routes;
use futures::future::LocalBoxFuture;
use gloo_net::http::Method;
use serde::Deserialize;

use super::{ApiError, Client, http, json};
use crate::browser;
use crate::url_encoding::encode;

/// How long the page waits before it asks again how far an export is, or after a failure, and how many failures in a row end it.
const POLL_MS: u32 = 1_000;
const MOST_FAILURES: u32 = 5;

/// How far a job is, of any kind (`easy_crm_shared::changes::Job`, `easy_crm_shared::export::ExportJob`), or an erasure
/// (`easy_crm_shared::erasure::EraseResponse`); for a small export, the file at once. One type, because every other costs the page another reader.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JobAnswer {
    pub(crate) job_id: String,
    state: Option<JobState>,
    total: u64,
    pub(crate) done: u64,
    skipped: u64,
    pub(crate) conflicts: u64,
    pub(crate) erased_leads: u64,
    pub(crate) waiting_uploads: u64,
    pub(crate) as_of: String,
    message: String,
    file: Option<ExportResponse>,
    download_url: String,
    file_name: String,
    row_count: u64,
}

/// Changes fields of a lead. 409 when it was changed meanwhile, or when another lead has its new address.
pub(crate) async fn edit(
    client: Client,
    lead_id: &str,
    request: &EditLeadRequest,
) -> Result<EditLeadResponse, ApiError> {
    let body = json::to_string(request).map_err(|_| ApiError::Unreadable)?;
    http::parse(&client.call(Method::PATCH, routes::lead(&encode(lead_id)), Some(body), None).await?.text)
}

/// Begins a job and follows it to its end. One that changes leads (`POST /leads/delete`, `/leads/restore`) does a part with every
/// request and goes on when it is asked for again; an erasure (`POST /leads/erase`) is begun again instead. `progress` is told how many of how many are done.
pub(crate) fn job(
    client: Client,
    path: &'static str,
    body: String,
    progress: impl Fn(u64, u64) + 'static,
) -> LocalBoxFuture<'static, Result<JobAnswer, ApiError>> {
    Box::pin(follow(client, path, body, Box::new(progress)))
}

async fn follow(
    client: Client,
    path: &'static str,
    body: String,
    progress: Box<dyn Fn(u64, u64)>,
) -> Result<JobAnswer, ApiError> {
    let mut job: JobAnswer = client.post(path.to_owned(), body.clone()).await?;
    let mut failures = 0;
    while job.state == Some(JobState::Running) {
        progress(job.done + job.skipped + job.conflicts, job.total);
        if path == routes::EXPORT || failures > 0 {
            browser::sleep_ms(POLL_MS).await;
        }
        let answer = if job.job_id.is_empty() {
            client.post(path.to_owned(), body.clone()).await
        } else {
            client.get(routes::job(&job.job_id)).await
        };
        match answer {
            Ok(answer) => {
                job = answer;
                failures = 0;
            }
            Err(error) if failures == MOST_FAILURES || error == ApiError::SessionExpired => {
                return Err(error);
            }
            Err(_) => failures += 1,
        }
    }
    if job.state == Some(JobState::Failed) { Err(ApiError::Failed(job.message)) } else { Ok(job) }
}

/// Makes a file of the leads a query finds; the query is a JSON object. `progress` is told how many rows of how many are
/// written, when that takes longer.
pub(crate) async fn export(
    client: Client,
    query: &str,
    format: ExportFormat,
    progress: impl Fn(u64, u64) + 'static,
) -> Result<ExportResponse, ApiError> {
    let format = json::to_string(&format).map_err(|_| ApiError::Unreadable)?;
    let members = query.strip_suffix('}').ok_or(ApiError::Unreadable)?;
    let body = format!("{members},\"format\":{format}}}");
    let job = job(client, routes::EXPORT, body, progress).await?;
    let JobAnswer { file, message, download_url, file_name, row_count, .. } = job;
    match file {
        Some(file) => Ok(file),
        // Done so long ago that its link has ended.
        None if download_url.is_empty() => Err(ApiError::Failed(message)),
        None => Ok(ExportResponse { download_url, file_name, row_count }),
    }
}
