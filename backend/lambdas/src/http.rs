//! API Gateway requests and answers: claims, parameters, JSON bodies.

use std::str::FromStr;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt, Response};
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::error::ApiError;

/// Who makes a request: claims the authorizer checked, never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The user's stable id.
    pub user_id: String,
}

impl Claims {
    /// The claims of a request that passed the authorizer.
    ///
    /// # Errors
    /// 401 when there are none: the route is not behind the authorizer.
    pub fn of(request: &Request) -> Result<Self, ApiError> {
        let claim = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context
                .authorizer
                .fields
                .get("claims")
                .and_then(|claims| claims.get("sub"))
                .and_then(Value::as_str)
                .filter(|sub| !sub.is_empty()),
            _ => None,
        };
        let user_id = claim.ok_or_else(|| {
            ApiError::client(easy_crm_shared::error::ErrorCode::Unauthorized, "Please sign in again.")
        })?;
        Ok(Self { user_id: user_id.to_owned() })
    }
}

/// A query parameter as a number within bounds, or a default.
///
/// # Errors
/// 400 that names the parameter.
pub fn number_parameter<N>(
    request: &Request,
    name: &str,
    default: N,
    bounds: std::ops::RangeInclusive<N>,
) -> Result<N, ApiError>
where
    N: FromStr + PartialOrd + std::fmt::Display,
{
    let parameters = request.query_string_parameters();
    let Some(text) = parameters.first(name) else { return Ok(default) };
    match text.parse() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => Err(ApiError::field(
            name,
            format!("{name} must be a whole number from {} to {}.", bounds.start(), bounds.end()),
        )),
    }
}

/// A JSON object in a request's body, read field by field so that errors can name the field.
#[derive(Debug)]
pub struct JsonObject(serde_json::Map<String, Value>);

impl JsonObject {
    /// Parses the body.
    ///
    /// # Errors
    /// 400 when it is not a JSON object.
    pub fn of(request: &Request) -> Result<Self, ApiError> {
        match serde_json::from_slice(request.body().as_ref()) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::field("body", "The body must be a JSON object.")),
            Err(error) => Err(ApiError::field("body", format!("The body is not valid JSON: {error}."))),
        }
    }

    /// A required text.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn text(&self, name: &str) -> Result<&str, ApiError> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(ApiError::field(name, format!("{name} must be a text."))),
            None => Err(ApiError::field(name, format!("{name} is missing."))),
        }
    }

    /// A text that may be left out.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn optional_text(&self, name: &str) -> Result<&str, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(_) => self.text(name),
        }
    }

    /// A required count.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn count(&self, name: &str) -> Result<u64, ApiError> {
        match self.0.get(name) {
            Some(value) => value
                .as_u64()
                .ok_or_else(|| ApiError::field(name, format!("{name} must be a whole number, 0 or more."))),
            None => Err(ApiError::field(name, format!("{name} is missing."))),
        }
    }
}

/// An answer with a JSON body.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn json<T: Serialize>(status: u16, value: &T) -> Result<Response<Body>, ApiError> {
    let body = serde_json::to_string(value).map_err(|error| ApiError::Internal(error.to_string()))?;
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .header("cache-control", "no-store")
        .body(Body::Text(body))
        .map_err(|error| ApiError::Internal(error.to_string()))
}

/// Turns a handler's result into the answer. Failures of ours are logged here, once, and only here.
///
/// # Errors
/// When not even the error answer can be built.
pub fn answer(app: &App, result: Result<Response<Body>, ApiError>) -> Result<Response<Body>, Error> {
    let error = match result {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    let body = error.body(app.now());
    let status = body.error.code.http_status();
    if status >= 500 {
        tracing::error!(%error, status, "request failed");
    }
    let mut response = json(status, &body)?;
    if let ApiError::TooMany { retry_after_seconds } = error {
        response.headers_mut().insert(RETRY_AFTER, retry_after_seconds.into());
    }
    Ok(response)
}
