//! `lead-exporter`: exports, small ones at once and large ones as jobs, and on a schedule the snapshot of the list from
//! which cold starts begin.

use std::sync::Arc;

use aws_lambda_events::s3::S3Event;
use easy_crm_domain::lead_index::CompiledQuery;
use easy_crm_shared::export::ExportRequest;
use lambda_http::{Body, Error, Request, Response};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::aws::files::EXPORT_JOBS_PREFIX;
use crate::error::ApiError;
use crate::http::{Claims, answer, json};
use crate::rate_limit::Limited;
use crate::{api_gateway, export, export_jobs, lead_query};

/// Handles `POST /export`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    answer(app, serve(app, &request).await)
}

/// Handles any event that invokes the function: a request from API Gateway, the `ObjectCreated` event of a job, or an
/// EventBridge schedule, which asks for a snapshot. Only requests get a response.
///
/// # Errors
/// When a request cannot be read or answered, or the snapshot cannot be written; then the previous one stays, and the
/// event is redelivered.
pub async fn handle_event(app: &App, event: Value) -> Result<Value, Error> {
    if event.get("Records").is_some() {
        let event: S3Event = serde_json::from_value(event)?;
        for record in event.records {
            let key = record.s3.object.key.unwrap_or_default();
            match key.strip_prefix(EXPORT_JOBS_PREFIX) {
                Some(job_id) => Box::pin(export_jobs::work(app, job_id)).await?,
                None => tracing::warn!("event for an object that is not an export"),
            }
        }
        return Ok(Value::Null);
    }
    if event.get("httpMethod").is_none() {
        Box::pin(app.write_snapshot()).await?;
        return Ok(Value::Null);
    }
    let request = lambda_http::request::from_str(&event.to_string())?;
    let response = Box::pin(handle(app, request)).await?;
    Ok(serde_json::to_value(api_gateway::answer(response))?)
}

async fn serve(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let user = Claims::from_request(request)?.user_id;
    app.count_request(&user, Limited::Export).await?;
    let text = std::str::from_utf8(request.body().as_ref())
        .map_err(|_| ApiError::field("body", "The body must be UTF-8 text."))?;
    let body: ExportRequest = lead_query::parse(text, "body")?;
    let (format, now) = (body.format, app.now());
    let query = CompiledQuery::new(&body.clone().query(), now)?;
    let counted = query.clone();
    let (total, _) = app.lead_list.read(now, Some(now), move |index| index.count(&counted)).await?;
    if total > app.config.direct_export_rows {
        return export_jobs::begin(app, user, body, total, now).await;
    }
    let id = Uuid::new_v4().to_string();
    json(200, &export::export(app, query, format, &id, Arc::default()).await?)
}
