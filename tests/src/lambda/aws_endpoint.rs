//! AWS on a loopback port: DynamoDB, SQS and S3 of a local system, and a Secrets Manager with a few secrets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use easy_crm_local::LocalApp;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Variables;

struct Services {
    local: Arc<LocalApp>,
    secrets: BTreeMap<String, String>,
    busy_micros: AtomicU64,
}

/// The endpoint; it closes when dropped.
pub struct AwsEndpoint {
    url: String,
    variables: Variables,
    services: Arc<Services>,
    server: JoinHandle<()>,
}

impl Drop for AwsEndpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl AwsEndpoint {
    /// Opens a port to a system. Secrets are given by their ARN.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(local: Arc<LocalApp>, secrets: BTreeMap<String, String>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let keys = local.access_keys().clone();
        let services = Arc::new(Services { local, secrets, busy_micros: AtomicU64::new(0) });
        let router = Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&services));
        let server = tokio::spawn(async move {
            // Runs until the test aborts it.
            let _ = axum::serve(listener, router).await;
        });
        let variables = Variables::from([
            ("AWS_ENDPOINT_URL".to_owned(), url.clone()),
            ("AWS_REGION".to_owned(), "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID".to_owned(), keys.access_key_id),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), keys.secret_access_key),
        ]);
        Ok(Self { url, variables, services, server })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Total time spent on requests so far.
    #[must_use]
    pub fn busy(&self) -> Duration {
        Duration::from_micros(self.services.busy_micros.load(Ordering::Relaxed))
    }

    /// The variables that direct a function to this endpoint.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }
}

async fn answer(State(services): State<Arc<Services>>, request: Request<axum::body::Body>) -> Response {
    let began = Instant::now();
    let response = dispatch(&services, request).await;
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    services.busy_micros.fetch_add(micros, Ordering::Relaxed);
    response
}

async fn dispatch(services: &Services, request: Request<axum::body::Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if target == "secretsmanager.GetSecretValue" {
        return secret(services, &body);
    }
    match services.local.answer_aws(absolute(parts, body)).await {
        Ok(response) => response.map(axum::body::Body::from),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The request in the form the SDK has before sending: with the host in its URI.
fn absolute(mut parts: http::request::Parts, body: Bytes) -> Request<Bytes> {
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    if let Ok(uri) = format!("http://{host}{path}").parse() {
        parts.uri = uri;
    }
    Request::from_parts(parts, body)
}

fn secret(services: &Services, body: &[u8]) -> Response {
    let arn = serde_json::from_slice::<Value>(body).map(|body| body["SecretId"].clone()).unwrap_or_default();
    let known = arn.as_str().and_then(|arn| services.secrets.get(arn));
    let (status, body) = match known {
        Some(text) => (StatusCode::OK, json!({ "ARN": arn, "Name": "secret", "SecretString": text })),
        None => (StatusCode::BAD_REQUEST, json!({ "__type": "ResourceNotFoundException" })),
    };
    (status, [("content-type", "application/x-amz-json-1.1")], body.to_string()).into_response()
}
