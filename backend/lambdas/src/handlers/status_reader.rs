//! `status-reader`: the progress of a user's own uploads, and cancelling them.

use easy_crm_domain::status::{NOT_RECEIVED_AFTER, UPLOAD_URL_SECONDS};
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::status::{
    CancelResponse, ProblemReportResponse, UploadErrorCode, UploadListResponse, UploadStatus,
};
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::Method;
use lambda_http::{Body, Error, Request, Response};
use uuid::Uuid;

use crate::app::App;
use crate::aws::statuses::StatusRecord;
use crate::error::ApiError;
use crate::http::{Claims, answer, json, path_parameter};
use crate::metrics::Metric;
use crate::problems;
use crate::rate_limit::Limited;

/// Handles `GET /status`, `GET /status/{uploadId}`, `GET /status/{uploadId}/problems` and
/// `POST /status/{uploadId}/cancel`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let result = serve(app, &request).await;
    let failed = result.as_ref().is_err_and(|error| error.body(app.now()).error.code.http_status() >= 500);
    let mut values = vec![(Metric::StatusPollingRequests, 1.0)];
    if failed {
        values.push((Metric::StatusApiErrors, 1.0));
    }
    app.measure("status-reader", &values);
    answer(app, result)
}

async fn serve(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    app.count_request(&Claims::from_request(request)?.user_id, Limited::Status).await?;
    let upload_id: Option<Uuid> = path_parameter(request, "uploadId", "upload")?;
    let upload_id = upload_id.map(|id| id.to_string());
    match (request.method(), upload_id.as_deref()) {
        (&Method::POST, Some(upload_id)) => cancel(app, request, upload_id).await,
        (_, Some(upload_id)) if request.uri().path().ends_with("/problems") => {
            problem_report(app, request, upload_id).await
        }
        (_, Some(upload_id)) => get_upload(app, request, upload_id).await,
        (_, None) => all(app, request).await,
    }
}

async fn problem_report(app: &App, request: &Request, upload_id: &str) -> Result<Response<Body>, ApiError> {
    let record = own_record(app, request, upload_id).await?;
    let row_count = record.progress.failed_leads;
    if row_count == 0 {
        return Err(ApiError::not_found("problem report: every row of this upload could be stored"));
    }
    let (source_file, complete) = (&record.metadata.file_name, record.progress.settled);
    let (download_url, file_name) = problems::report(app, upload_id, source_file, complete).await?;
    json(200, &ProblemReportResponse { download_url, file_name, row_count })
}

async fn get_upload(app: &App, request: &Request, upload_id: &str) -> Result<Response<Body>, ApiError> {
    let record = own_record(app, request, upload_id).await?;
    let record = give_up_if_not_received(app, record).await?;
    json(200, &record.into_status(app.now()))
}

async fn all(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let claims = Claims::from_request(request)?;
    let now = app.now();
    let mut uploads = Vec::new();
    for record in app.statuses.of_owner(&claims.user_id, now).await? {
        uploads.push(give_up_if_not_received(app, record).await?.into_status(now));
    }
    json(200, &UploadListResponse { uploads })
}

async fn cancel(app: &App, request: &Request, upload_id: &str) -> Result<Response<Body>, ApiError> {
    let claims = Claims::from_request(request)?;
    if app.statuses.cancel(upload_id, &claims.user_id, app.now()).await? {
        // The last batch may have ended just now, so nobody else may be left to settle the upload.
        app.statuses.settle(upload_id, app.now()).await?;
        app.measure("status-reader", &[(Metric::ProcessingCancellations, 1.0)]);
        tracing::info!(upload_id, "upload cancelled");
        let message = "Cancelled. Rows already stored are kept; the rest is skipped.".to_owned();
        let upload_id = upload_id.to_owned();
        return json(200, &CancelResponse { upload_id, status: UploadStatus::Cancelled, message });
    }
    let record = own_record(app, request, upload_id).await?;
    Err(ApiError::client(
        ErrorCode::Conflict,
        format!("This upload has ended ({}), so it can no longer be cancelled.", record.status.name()),
    ))
}

/// The record, if it is the user's own; for anyone else it does not exist.
async fn own_record(app: &App, request: &Request, upload_id: &str) -> Result<StatusRecord, ApiError> {
    let claims = Claims::from_request(request)?;
    let record = app.statuses.get(upload_id, app.now()).await?;
    record.filter(|record| record.owner == claims.user_id).ok_or_else(|| ApiError::not_found("upload"))
}

/// Fails an upload whose object never arrived.
async fn give_up_if_not_received(app: &App, record: StatusRecord) -> Result<StatusRecord, ApiError> {
    let now = app.now();
    let url_lifetime = SignedDuration::from_secs(UPLOAD_URL_SECONDS.try_into().unwrap_or(i64::MAX));
    let announced: Timestamp =
        record.created_at.parse().map_err(|_| ApiError::Internal("createdAt is not a time".into()))?;
    let overdue = now.duration_since(announced) > url_lifetime + NOT_RECEIVED_AFTER;
    if record.status != UploadStatus::Uploading || !overdue {
        return Ok(record);
    }
    if app.files.upload_size(&record.upload_id).await?.is_some() {
        return Ok(record);
    }
    let message = "The file never arrived. Please upload it again.";
    app.statuses.fail(&record.upload_id, UploadErrorCode::UploadNotReceived, message, now).await?;
    let upload_id = record.upload_id.clone();
    app.statuses.get(&upload_id, now).await?.ok_or_else(|| ApiError::not_found("upload"))
}
