//! The Runtime API: a function asks for the next event and posts its response.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// How long a function may take for an event.
const DEADLINE: Duration = Duration::from_secs(60);

/// What a function did.
enum Said {
    /// It asked for an event.
    Ready(Instant),
    /// It received the event.
    Took(Instant),
    /// It responded.
    Answer(Instant, Bytes),
    /// It failed.
    Failure(String),
}

struct Shared {
    arn: String,
    events: Mutex<mpsc::Receiver<(String, String)>>,
    said: mpsc::Sender<Said>,
}

/// The API of one function.
pub(super) struct RuntimeApi {
    address: String,
    events: mpsc::Sender<(String, String)>,
    said: mpsc::Receiver<Said>,
    invocations: u64,
    server: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl RuntimeApi {
    pub(super) async fn start(name: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, waiting) = mpsc::channel(1);
        let (say, said) = mpsc::channel(16);
        let shared = Arc::new(Shared {
            arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{name}"),
            events: Mutex::new(waiting),
            said: say,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(invocation_error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(shared);
        let server = tokio::spawn(async move {
            // Runs until the test aborts it.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, events, said, invocations: 0, server })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until the function first asks for an event; returns when it did.
    pub(super) async fn wait_until_ready(&mut self) -> Result<Instant> {
        match self.said.recv().await.context("the API is gone")? {
            Said::Ready(at) => Ok(at),
            Said::Failure(error) => bail!("the function cannot start: {error}"),
            Said::Took(_) | Said::Answer(..) => bail!("a response before any event"),
        }
    }

    pub(super) async fn invoke(&mut self, event: &Value) -> Result<(Value, Duration)> {
        self.invocations += 1;
        let id = format!("8476a536-e9f4-11e8-9739-{:012}", self.invocations);
        self.events.send((id, event.to_string())).await?;
        let mut began = None;
        loop {
            match self.said.recv().await.context("the API is gone")? {
                Said::Ready(_) => {}
                Said::Took(at) => began = Some(at),
                Said::Answer(at, body) => {
                    let took = at.duration_since(began.context("a response without an event")?);
                    let answer = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
                    return Ok((answer, took));
                }
                Said::Failure(error) => bail!("the function failed: {error}"),
            }
        }
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let mut events = shared.events.lock().await;
    if shared.said.send(Said::Ready(Instant::now())).await.is_err() {
        return StatusCode::GONE.into_response();
    }
    let Some((id, event)) = events.recv().await else { return StatusCode::GONE.into_response() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", id),
        ("Lambda-Runtime-Deadline-Ms", (now + DEADLINE).as_millis().to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", shared.arn.clone()),
        (
            "Lambda-Runtime-Trace-Id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
        ("Content-Type", "application/json".to_owned()),
    ];
    if shared.said.send(Said::Took(Instant::now())).await.is_err() {
        return StatusCode::GONE.into_response();
    }
    (headers, event).into_response()
}

async fn say(shared: &Shared, said: Said) -> StatusCode {
    match shared.said.send(said).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}

async fn response(State(shared): State<Arc<Shared>>, Path(_id): Path<String>, body: Bytes) -> StatusCode {
    say(&shared, Said::Answer(Instant::now(), body)).await
}

async fn invocation_error(
    State(shared): State<Arc<Shared>>,
    Path(_id): Path<String>,
    body: String,
) -> StatusCode {
    say(&shared, Said::Failure(body)).await
}

async fn init_error(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    say(&shared, Said::Failure(body)).await
}
