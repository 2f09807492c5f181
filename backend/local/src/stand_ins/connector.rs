//! The HTTP layer given to the AWS SDK: requests go to the right stand-in and never touch a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Request};
use http_body_util::BodyExt;

use super::counters::{CallClock, CallCounters};
use super::dynamodb::{DynamoDb, JsonAnswer};
use super::faults::{Call, Fault, Faults};
use super::queue_protocol;
use super::queue_store::QueueStore;
use super::recorder::CallRecorder;
use super::s3::S3;

const DYNAMODB_TARGET: &str = "DynamoDB_20120810.";
const SQS_TARGET: &str = "AmazonSQS.";

/// Routes the SDK's requests to the stand-ins. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StandIns {
    pub(crate) dynamodb: DynamoDb,
    pub(crate) queues: QueueStore,
    pub(crate) s3: Arc<S3>,
    pub(crate) counters: Arc<CallCounters>,
    /// Records calls in IAM's terms, if wanted.
    pub(crate) recorder: Option<Arc<CallRecorder>>,
    /// Set when the system was dropped: whatever is still running must not write any more, as after a crash.
    pub(crate) stopped: Arc<AtomicBool>,
    /// Injected faults, if wanted.
    pub(crate) faults: Option<Arc<dyn Faults>>,
}

impl std::fmt::Debug for StandIns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StandIns").finish_non_exhaustive()
    }
}

impl HttpConnector for StandIns {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stand_ins = self.clone();
        HttpConnectorFuture::new(async move {
            if stand_ins.stopped.load(Ordering::Acquire) {
                return Err(ConnectorError::io("the local system has stopped".into()));
            }
            let _timed = CallClock::start_current();
            stand_ins.answer(request).await
        })
    }
}

impl StandIns {
    /// Serves a request in-process.
    pub(crate) async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (service, operation) = addressee(&request);
        let Some(faults) = &self.faults else { return self.carry_out(request, service, &operation).await };
        let body = if service == "S3" { None } else { request.body().bytes() };
        let fault = faults.of(Call { service, operation: &operation, body: body.unwrap_or_default() });
        if !matches!(
            fault,
            Fault::Answer { carried_out: false, .. }
                | Fault::Break { carried_out: false }
                | Fault::Hang { carried_out: false }
        ) {
            let answer = self.carry_out(request, service, &operation).await;
            if fault == Fault::None {
                return answer;
            }
        }
        match fault {
            Fault::Answer { status, body, .. } => {
                json_response(JsonAnswer { status, body, query_error: None })
            }
            Fault::None | Fault::Break { .. } => Err(ConnectorError::io("the connection broke".into())),
            Fault::Hang { .. } => std::future::pending().await,
        }
    }

    async fn carry_out(
        &self,
        request: Request<SdkBody>,
        service: &'static str,
        operation: &str,
    ) -> Result<HttpResponse, ConnectorError> {
        let started = Instant::now();
        let response = match service {
            "DynamoDB" => {
                let body = whole_body(request).await?;
                if let Some(recorder) = &self.recorder {
                    recorder.dynamodb(operation, &body);
                }
                let (dynamodb, called) = (self.dynamodb.clone(), operation.to_owned());
                let answer = tokio::task::spawn_blocking(move || dynamodb.call(&called, &body))
                    .await
                    .map_err(|error| ConnectorError::io(error.into()))?;
                json_response(answer)
            }
            "SQS" => {
                let body = whole_body(request).await?;
                if let Some(recorder) = &self.recorder {
                    recorder.sqs(operation, &body);
                }
                json_response(queue_protocol::call(&self.queues, operation, &body).await)
            }
            _ => {
                let path = request.uri().path().to_owned();
                let response = self.call_s3(request).await?;
                if let Some(recorder) = &self.recorder {
                    recorder.s3(operation, &path, response.status().as_u16() == 404);
                }
                Ok(response)
            }
        }?;
        let failed = !response.status().is_success();
        self.counters.add(service, operation, started.elapsed(), failed);
        Ok(response)
    }

    async fn call_s3(&self, mut request: Request<SdkBody>) -> Result<HttpResponse, ConnectorError> {
        // The signature covers the host, and a real connection would send it.
        if let Some(authority) = request.uri().authority()
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            request.headers_mut().entry(HOST).or_insert(host);
        }
        let request = request.map(|body| match body.bytes() {
            Some(bytes) => s3s::Body::from(Bytes::copy_from_slice(bytes)),
            None => s3s::Body::http_body_unsync(body),
        });
        let response =
            self.s3.call(request).await.map_err(|error| ConnectorError::other(error.into(), None))?;
        response
            .map(SdkBody::from_body_1_x)
            .try_into()
            .map_err(|error: aws_smithy_runtime_api::http::HttpError| ConnectorError::user(error.into()))
    }
}

/// Service and operation of a request.
fn addressee(request: &Request<SdkBody>) -> (&'static str, String) {
    let target =
        request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(operation) = target.strip_prefix(DYNAMODB_TARGET) {
        return ("DynamoDB", operation.to_owned());
    }
    if let Some(operation) = target.strip_prefix(SQS_TARGET) {
        return ("SQS", operation.to_owned());
    }
    // The REST protocol has no operation name; the SDK adds it to most requests.
    let operation = request
        .uri()
        .query()
        .and_then(|query| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "x-id"))
        .map_or_else(|| request.method().to_string(), |(_, operation)| operation.into_owned());
    ("S3", operation)
}

async fn whole_body(request: Request<SdkBody>) -> Result<Bytes, ConnectorError> {
    let body = request.into_body();
    if let Some(bytes) = body.bytes() {
        return Ok(Bytes::copy_from_slice(bytes));
    }
    Ok(body.collect().await.map_err(ConnectorError::io)?.to_bytes())
}

fn json_response(answer: JsonAnswer) -> Result<HttpResponse, ConnectorError> {
    let mut response =
        http::Response::builder().status(answer.status).header(CONTENT_TYPE, "application/x-amz-json-1.0");
    if let Some(query_error) = answer.query_error {
        response = response.header("x-amzn-query-error", query_error);
    }
    response
        .body(SdkBody::from(answer.body))
        .map_err(|error| ConnectorError::user(error.into()))?
        .try_into()
        .map_err(|error: aws_smithy_runtime_api::http::HttpError| ConnectorError::user(error.into()))
}
