//! `lead-writer`: manual changes, jobs that change many leads, saved views.

use std::str::FromStr;

use easy_crm_domain::email::NormalizedEmail;
use easy_crm_domain::identity::LeadId;
use easy_crm_domain::lead_index::CompiledQuery;
use easy_crm_domain::manual_edit;
use easy_crm_shared::changes::{
    EditLeadRequest, EditLeadResponse, Job, JobKind, JobState, LeadSelection, MAX_SELECTED_IDS,
    RestoreRequest,
};
use easy_crm_shared::erasure::{EraseRequest, EraseState};
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::routes;
use easy_crm_shared::views::{
    DeleteViewResponse, MAX_VIEW_ID_CHARS, MAX_VIEW_NAME_CHARS, MAX_VIEW_STATE_BYTES, MAX_VIEWS,
    PutViewRequest, View, ViewListResponse,
};
use jiff::Timestamp;
use lambda_http::http::Method;
use lambda_http::{Body, Error, Request, Response};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::app::App;
use crate::aws::items::{shown, sortable};
use crate::aws::jobs::{AnyJob, JobRecord};
use crate::erasure::{self, ErasureTarget};
use crate::error::ApiError;
use crate::http::{Claims, answer, json, path_parameter};
use crate::rate_limit::Limited;
use crate::{export_jobs, lead_jobs, lead_query, manual_edits};

/// Handles `PATCH /leads/{leadId}`, `POST /leads/delete`, `POST /leads/restore`, `POST /leads/erase`,
/// `GET /jobs/{jobId}`, `GET /views`, `PUT /views/{viewId}` and `DELETE /views/{viewId}`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    answer(app, serve(app, &request).await)
}

async fn serve(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let user = Claims::from_request(request)?.user_id;
    let is_read = request.method() == Method::GET;
    let path = request.uri().path();
    let what = match path {
        _ if is_read => Limited::Status,
        path if path.ends_with(routes::LEADS_ERASE) => Limited::Erase,
        _ => Limited::Change,
    };
    app.count_request(&user, what).await?;
    if let Some(job_id) = path_parameter(request, "jobId", "job")? {
        return go_on(app, &user, job_id).await;
    }
    if let Some(lead_id) = path_parameter(request, "leadId", "lead")? {
        return edit(app, &user, request, lead_id).await;
    }
    // The page chooses the ids of views, so it gets to know what is wrong with one.
    let view_id = path_parameter(request, "viewId", "view").map_err(|error| match request.method() {
        &Method::PUT => ApiError::field("viewId", ViewId::RULE),
        _ => error,
    })?;
    match view_id {
        Some(view_id) if request.method() == Method::DELETE => delete_view(app, &user, view_id).await,
        Some(view_id) => put_view(app, &user, request, view_id).await,
        None if is_read => json(200, &ViewListResponse { views: app.views.list(&user).await? }),
        None if path.ends_with(routes::LEADS_DELETE) => delete(app, user, request).await,
        None if path.ends_with(routes::LEADS_RESTORE) => restore(app, user, request).await,
        None if path.ends_with(routes::LEADS_ERASE) => erase(app, &user, request).await,
        None => Err(ApiError::not_found("address")),
    }
}

async fn edit(app: &App, user: &str, request: &Request, lead_id: LeadId) -> Result<Response<Body>, ApiError> {
    let body: EditLeadRequest = body_of(request)?;
    let version: Timestamp = body.updated_at.parse().map_err(|_| {
        ApiError::field("updatedAt", "updatedAt must be the lead's updatedAt, like 2026-01-31T09:30:00.000Z.")
    })?;
    let values = manual_edit::checked(&body.fields)
        .map_err(|wrong| ApiError::field(format!("fields.{}", wrong.field), wrong.problem))?;
    let stored = manual_edits::edit(app, user, lead_id, version, &values).await?;
    json(200, &EditLeadResponse { lead: shown(&stored), as_of: sortable(app.now()) })
}

async fn delete(app: &App, user: String, request: &Request) -> Result<Response<Body>, ApiError> {
    let now = app.now();
    let ids = match body_of(request)? {
        LeadSelection::LeadIds(ids) => parsed_ids(&ids)?,
        LeadSelection::Query(query) => {
            let compiled = CompiledQuery::new(&query, now)?;
            let work = move |index: &easy_crm_domain::lead_index::LeadIndex| {
                index.select_ids(&compiled).collect::<Vec<Uuid>>()
            };
            app.lead_list.read(now, Some(now), work).await?.0
        }
    };
    // The query sees what was written up to now; the job's order is later than that of the leads it finds.
    let job = JobRecord::new(JobKind::Delete, user, ids.len() as u64, app.now());
    app.jobs.put_ids(&job, &ids).await?;
    begin(app, job).await
}

async fn restore(app: &App, user: String, request: &Request) -> Result<Response<Body>, ApiError> {
    let job = match body_of(request)? {
        RestoreRequest::LeadIds(ids) => {
            let ids = parsed_ids(&ids)?;
            let job = JobRecord::new(JobKind::Restore, user, ids.len() as u64, app.now());
            app.jobs.put_ids(&job, &ids).await?;
            job
        }
        RestoreRequest::JobId(job_id) => {
            let undone = own_job(app, &user, &job_id).await?;
            if undone.kind != JobKind::Delete {
                return Err(ApiError::field("jobId", "jobId must be the id of a deletion."));
            }
            if !undone.is_done() {
                let message = "This deletion is still running. Wait until it is done, then undo it.";
                return Err(ApiError::client(ErrorCode::Conflict, message));
            }
            JobRecord {
                undoes: Some(undone.order),
                ids_key: undone.ids_key,
                ..JobRecord::new(JobKind::Restore, user, undone.total, app.now())
            }
        }
    };
    begin(app, job).await
}

async fn erase(app: &App, user: &str, request: &Request) -> Result<Response<Body>, ApiError> {
    let who = match body_of(request)? {
        EraseRequest::LeadId(id) => ErasureTarget::Lead(
            LeadId::parse(&id).ok_or_else(|| ApiError::field("leadId", "This is not the id of a lead."))?,
        ),
        EraseRequest::Email(text) => ErasureTarget::Address(
            NormalizedEmail::parse(&text)
                .ok_or_else(|| ApiError::field("email", "This is not an email address."))?,
        ),
    };
    let answer = erasure::erase(app, user, who).await?;
    json(if answer.state == EraseState::Done { 200 } else { 202 }, &answer)
}

/// Creates a job and runs its first slice. If the slice fails, the request does not: the job exists and resumes when
/// its progress is requested.
async fn begin(app: &App, mut job: JobRecord) -> Result<Response<Body>, ApiError> {
    app.jobs.create(&job).await?;
    if let Err(error) = lead_jobs::run(app, &mut job).await {
        tracing::warn!(%error, job_id = job.job_id, "a part of a job failed");
    }
    job_answer(app, job)
}

async fn go_on(app: &App, user: &str, job_id: Uuid) -> Result<Response<Body>, ApiError> {
    let job = app.jobs.any(&job_id.to_string(), app.now()).await?;
    let mut job = match job.filter(|job| job.owner() == user) {
        Some(AnyJob::Change(job)) => job,
        Some(AnyJob::Export(export)) => return export_jobs::job_answer(app, export),
        None => return Err(ApiError::not_found("job")),
    };
    lead_jobs::run(app, &mut job).await?;
    job_answer(app, job)
}

fn job_answer(app: &App, job: JobRecord) -> Result<Response<Body>, ApiError> {
    let state = if job.is_done() { JobState::Done } else { JobState::Running };
    let status = if job.is_done() { 200 } else { 202 };
    let JobRecord { job_id, kind, total, done, skipped, conflicts, .. } = job;
    json(status, &Job { job_id, kind, total, done, skipped, conflicts, state, as_of: sortable(app.now()) })
}

/// The job, if it is the user's own; for anyone else it does not exist.
async fn own_job(app: &App, user: &str, job_id: &str) -> Result<JobRecord, ApiError> {
    let job_id: Uuid = job_id.parse().map_err(|_| ApiError::not_found("job"))?;
    let job = app.jobs.get(&job_id.to_string(), app.now()).await?;
    job.filter(|job| job.owner == user).ok_or_else(|| ApiError::not_found("job"))
}

fn parsed_ids(ids: &[String]) -> Result<Vec<Uuid>, ApiError> {
    if ids.len() > MAX_SELECTED_IDS {
        let message = format!(
            "leadIds must not contain more than {MAX_SELECTED_IDS} ids. Select more leads by a query."
        );
        return Err(ApiError::field("leadIds", message));
    }
    let mut parsed = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        let wrong = || ApiError::field(format!("leadIds[{at}]"), "This is not the id of a lead.");
        parsed.push(LeadId::parse(id).ok_or_else(wrong)?.uuid());
    }
    parsed.sort_unstable();
    parsed.dedup();
    Ok(parsed)
}

/// The id of a saved view, chosen by the page: up to [`MAX_VIEW_ID_CHARS`] letters, digits, `-` and `_`.
struct ViewId(String);

impl ViewId {
    const RULE: &str = "A view's id has up to 64 letters, digits, - and _.";
}

impl FromStr for ViewId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let is_id = (1..=MAX_VIEW_ID_CHARS).contains(&text.len()) && text.chars().all(is_sound);
        if is_id { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

async fn put_view(
    app: &App,
    user: &str,
    request: &Request,
    ViewId(view_id): ViewId,
) -> Result<Response<Body>, ApiError> {
    let PutViewRequest { name, state } = body_of(request)?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_VIEW_NAME_CHARS {
        let message = format!("A view's name has 1 to {MAX_VIEW_NAME_CHARS} characters.");
        return Err(ApiError::field("name", message));
    }
    if state.to_string().len() > MAX_VIEW_STATE_BYTES {
        return Err(ApiError::field("state", "This view is too large to be saved."));
    }
    let views = app.views.list(user).await?;
    if views.len() >= MAX_VIEWS && views.iter().all(|view| view.view_id != view_id) {
        let message = format!("You have {MAX_VIEWS} saved views. Delete one first.");
        return Err(ApiError::client(ErrorCode::Conflict, message));
    }
    let view = View { view_id, name, state, updated_at: sortable(app.now()) };
    app.views.put(user, &view).await?;
    json(200, &view)
}

async fn delete_view(app: &App, user: &str, ViewId(view_id): ViewId) -> Result<Response<Body>, ApiError> {
    app.views.delete(user, &view_id).await?;
    json(200, &DeleteViewResponse { view_id })
}

fn body_of<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    let text = std::str::from_utf8(request.body().as_ref())
        .map_err(|_| ApiError::field("body", "The body must be UTF-8 text."))?;
    lead_query::parse(text, "body")
}
