//! API Gateway requests and responses: claims, parameters, JSON bodies.

use std::str::FromStr;

use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt, Response};
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::error::ApiError;

/// Who makes a request: the claims verified by the authorizer, never the token itself.
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
    pub fn from_request(request: &Request) -> Result<Self, ApiError> {
        let claim = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV1(context)) => context
                .authorizer
                .fields
                .get("claims")
                // The authorizer accepts only ID tokens, as long as nobody configures scopes for it.
                .filter(|claims| claims.get("token_use").and_then(Value::as_str) == Some("id"))
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

/// A path parameter, parsed; `None` if the request's route has no such parameter.
///
/// # Errors
/// 404 when the text cannot be the id of any `what`.
pub fn path_parameter<T: FromStr>(request: &Request, name: &str, what: &str) -> Result<Option<T>, ApiError> {
    let text = request.path_parameters_ref().and_then(|parameters| parameters.first(name));
    text.map(|text| text.parse().map_err(|_| ApiError::not_found(what))).transpose()
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
    pub fn from_request(request: &Request) -> Result<Self, ApiError> {
        match serde_json::from_slice(request.body().as_ref()) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::field("body", "The body must be a JSON object.")),
            Err(error) => Err(ApiError::field("body", format!("The body is not valid JSON: {error}."))),
        }
    }

    /// A required string.
    ///
    /// # Errors
    /// 400 that names the field.
    pub fn text(&self, name: &str) -> Result<&str, ApiError> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(ApiError::field(name, format!("{name} must be a string."))),
            None => Err(ApiError::field(name, format!("{name} is missing."))),
        }
    }

    /// An optional string.
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

/// Neither browsers nor proxies may store leads: clients that remember a response send its entity tag along.
const NO_STORE: &str = "no-store";

/// A response with a JSON body.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn json<T: Serialize>(status: u16, value: &T) -> Result<Response<Body>, ApiError> {
    let body = serde_json::to_string(value).map_err(|error| ApiError::Internal(error.to_string()))?;
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .header(CACHE_CONTROL, NO_STORE)
        .body(Body::Text(body))
        .map_err(|error| ApiError::Internal(error.to_string()))
}

/// The entity tags the client already has.
#[derive(Debug, Clone, Default)]
pub struct EntityTags(Vec<String>);

impl EntityTags {
    /// Whether the client has the version with this tag. Uses weak comparison (RFC 9110, 13.1.2), which ignores
    /// weakness.
    #[must_use]
    pub fn is_known(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
        self.0.iter().any(|known| opaque(known) == opaque(tag))
    }
}

/// The tags of a request's `If-None-Match`.
#[must_use]
pub fn entity_tags(request: &Request) -> EntityTags {
    let fields = request.headers().get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    EntityTags(fields.flat_map(|field| field.split(',')).map(|tag| tag.trim().to_owned()).collect())
}

/// A 304 response.
///
/// # Errors
/// When there is no tag.
pub fn not_modified(tag: &str) -> Result<Response<Body>, ApiError> {
    let answer = Response::builder()
        .status(304)
        .header(CACHE_CONTROL, NO_STORE)
        .body(Body::Empty)
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    with_entity_tag(answer, tag)
}

/// Adds an entity tag to a response.
///
/// # Errors
/// When there is no tag.
pub fn with_entity_tag(mut answer: Response<Body>, tag: &str) -> Result<Response<Body>, ApiError> {
    let tag = HeaderValue::from_str(tag).map_err(|error| ApiError::Internal(error.to_string()))?;
    answer.headers_mut().insert(ETAG, tag);
    Ok(answer)
}

/// Turns a handler's result into the response. Our own failures are logged here, once, and nowhere else.
///
/// # Errors
/// When not even the error response can be built.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_an_id_token() {
        let user = |claims: Value| {
            let context = serde_json::json!({ "authorizer": { "claims": claims } });
            let mut event = serde_json::json!({
                "httpMethod": "GET", "path": "/leads", "resource": "/leads", "isBase64Encoded": false,
                "headers": {}, "multiValueHeaders": {}, "requestContext": { "stage": "dev", "httpMethod": "GET" },
            });
            for (name, value) in context.as_object().unwrap() {
                event["requestContext"][name] = value.clone();
            }
            let request = lambda_http::request::from_str(&event.to_string()).unwrap();
            Claims::from_request(&request).ok().map(|claims| claims.user_id)
        };
        let good = serde_json::json!({ "sub": "u", "token_use": "id" });
        assert_eq!(user(good).as_deref(), Some("u"));
        for bad in [
            serde_json::json!({ "sub": "u", "token_use": "access" }),
            serde_json::json!({ "sub": "u" }),
            serde_json::json!({ "sub": "", "token_use": "id" }),
            serde_json::json!({ "sub": 7, "token_use": "id" }),
            serde_json::json!("u"),
            Value::Null,
        ] {
            assert_eq!(user(bad.clone()), None, "{bad}");
        }
    }

    #[track_caller]
    fn check(header: &str, tag: &str, expected: bool) {
        let request = http::Request::get("/").header(IF_NONE_MATCH, header).body(Body::Empty).unwrap();
        assert_eq!(entity_tags(&request).is_known(tag), expected);
    }

    #[test]
    fn entity_tags_compare_weakly() {
        check("W/\"a\"", "W/\"a\"", true);
        check("\"b\", \"a\"", "W/\"a\"", true);
        check("\"ab\"", "W/\"a\"", false);
        check("", "W/\"a\"", false);
        assert!(!entity_tags(&Request::default()).is_known("W/\"a\""));
    }
}
