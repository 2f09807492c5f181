//! `lead-exporter`: exports, and on a schedule the snapshot of the list that cold starts begin with.

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use easy_crm_domain::lead_index::CompiledQuery;
use easy_crm_shared::export::ExportRequest;
use lambda_http::{Body, Error, Request, Response};
use serde_json::Value;

use crate::app::App;
use crate::error::ApiError;
use crate::http::{Claims, answer, json};
use crate::rate_limit::{self, Limited};
use crate::{export, lead_query};

/// Handles `POST /export`.
///
/// # Errors
/// When not even an error answer can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    answer(app, serve(app, &request).await)
}

/// Handles whatever event invokes the function: a request of API Gateway, or a schedule of EventBridge, which asks for a
/// snapshot and gets no answer.
///
/// # Errors
/// When a request cannot be read or answered, or the snapshot cannot be written; the one before stays then, and the
/// event comes again.
pub async fn handle_event(app: &App, event: Value) -> Result<Value, Error> {
    if event.get("httpMethod").is_none() {
        Box::pin(app.write_snapshot()).await?;
        return Ok(Value::Null);
    }
    let request = lambda_http::request::from_str(&event.to_string())?;
    let (parts, body) = Box::pin(handle(app, request)).await?.into_parts();
    let mut answer = ApiGatewayProxyResponse::default();
    answer.status_code = i64::from(parts.status.as_u16());
    answer.multi_value_headers = parts.headers;
    answer.body = Some(body);
    Ok(serde_json::to_value(answer)?)
}

async fn serve(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let user = Claims::of(request)?.user_id;
    rate_limit::check(app, &user, Limited::Export).await?;
    let text = std::str::from_utf8(request.body().as_ref())
        .map_err(|_| ApiError::field("body", "The body must be UTF-8 text."))?;
    let body: ExportRequest = lead_query::parse(text, "body")?;
    let format = body.format;
    let query = CompiledQuery::new(&body.query(), app.now())?;
    json(200, &export::export(app, query, format).await?)
}
