//! The work of API Gateway in front of the functions: routes, token check, body limit, proxy event, response.

mod event;
mod routes;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::any;
use easy_crm_lambdas::app::App;
use easy_crm_lambdas::clock::SharedClock;
use easy_crm_shared::error::{ErrorBody, ErrorCode, ErrorResponse};
use easy_crm_shared::routes::API_BASE;
use http::StatusCode;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL};

use crate::login::tokens::Tokens;
use crate::stand_ins::counters::{CallClock, InvocationTime, InvocationTimes};
pub use routes::api_routes;
use routes::{ApiFunction, Routed};

/// Largest request body: API Gateway's limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// API Gateway ends a request after this time.
const TIMEOUT: Duration = Duration::from_secs(29);

/// The API in front of the functions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) app: App,
    pub(crate) tokens: Tokens,
    pub(crate) clock: SharedClock,
    pub(crate) times: Arc<InvocationTimes>,
}

impl Gateway {
    /// Its routes, below the API's base path.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route(API_BASE, any(handle))
            .route(&format!("{API_BASE}/{{*path}}"), any(handle))
            .with_state(self)
    }

    fn refuse(&self, code: ErrorCode, message: &str) -> Response {
        self.refuse_as(code.http_status(), code, message)
    }

    fn refuse_as(&self, status: u16, code: ErrorCode, message: &str) -> Response {
        let body = ErrorResponse {
            error: ErrorBody {
                code,
                message: message.to_owned(),
                field: None,
                lead_id: None,
                timestamp: format!("{:.3}", self.clock.now()),
            },
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

async fn handle(State(gateway): State<Gateway>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix(API_BASE).unwrap_or_default();
    let route = match routes::find(request.method(), path) {
        Routed::Found(route) => route,
        Routed::WrongMethod { allowed } => {
            let mut response = gateway.refuse(
                ErrorCode::MethodNotAllowed,
                &format!("This address supports {allowed} requests only."),
            );
            if let Ok(allowed) = allowed.parse() {
                response.headers_mut().insert(ALLOW, allowed);
            }
            return response;
        }
        Routed::Unknown => return gateway.refuse(ErrorCode::NotFound, "There is nothing at this address."),
    };
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let claims = match gateway.tokens.authorize(authorization) {
        Ok(claims) => claims,
        Err(reason) => {
            tracing::info!(%reason, route = route.pattern, "token refused");
            return gateway.refuse(ErrorCode::Unauthorized, "Sign in to do this.");
        }
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return gateway.refuse(ErrorCode::FileTooLarge, "The request is longer than 10 MB.");
    };
    let event = event::proxy_event(&route, &parts, &body, &claims, gateway.clock.now());
    let lambda_request = match lambda_http::request::from_str(&event.to_string()) {
        Ok(lambda_request) => lambda_request,
        Err(error) => {
            tracing::error!(%error, route = route.pattern, "the proxy event could not be read");
            return gateway.refuse(ErrorCode::InternalError, INTERNAL);
        }
    };
    invoke(&gateway, route.function, lambda_request).await
}

const INTERNAL: &str = "Something went wrong on our side. Try again in a moment.";

async fn invoke(gateway: &Gateway, function: ApiFunction, request: lambda_http::Request) -> Response {
    let started = Instant::now();
    let clock = Arc::new(CallClock::new(function.name()));
    let app = gateway.app.clone();
    // A separate task: it continues if the browser disconnects, and a panic is one failed request.
    let invocation =
        tokio::spawn(Arc::clone(&clock).scope(async move { function.invoke(&app, request).await }));
    let outcome = tokio::time::timeout(TIMEOUT, invocation).await;
    gateway
        .times
        .add(function.name(), InvocationTime { total: started.elapsed(), in_stand_ins: clock.total() });
    match outcome {
        Ok(Ok(Ok(response))) => {
            let (parts, body) = response.into_parts();
            Response::from_parts(parts, lambda_body(body))
        }
        Ok(Ok(Err(error))) => {
            tracing::error!(function = function.name(), %error, "invocation failed");
            gateway.refuse(ErrorCode::InternalError, INTERNAL)
        }
        Ok(Err(error)) => {
            tracing::error!(function = function.name(), panicked = error.is_panic(), "invocation broke off");
            gateway.refuse(ErrorCode::InternalError, INTERNAL)
        }
        Err(_) => {
            tracing::error!(function = function.name(), "invocation took too long");
            gateway.refuse_as(
                504,
                ErrorCode::ServiceUnavailable,
                "That took too long. Try again in a moment.",
            )
        }
    }
}

fn lambda_body(body: lambda_http::Body) -> Body {
    match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    }
}
