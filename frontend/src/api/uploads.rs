//! Announcing an upload, sending its bytes, polling and cancelling it.

use std::collections::BTreeMap;

use easy_crm_shared::routes;
use easy_crm_shared::status::{CancelResponse, ProblemReportResponse, ProcessingStatus, UploadListResponse};
use easy_crm_shared::upload::{UploadRequest, UploadResponse};
use futures::channel::oneshot;
use serde_json::json;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use super::{ApiError, Client};
use crate::query_string::encode;

/// Asks for a presigned URL.
pub(crate) async fn announce(client: Client, request: &UploadRequest) -> Result<UploadResponse, ApiError> {
    client.post(routes::UPLOAD.to_owned(), request).await
}

/// The status of an upload.
pub(crate) async fn status(client: Client, upload_id: &str) -> Result<ProcessingStatus, ApiError> {
    client.get(routes::status(&encode(upload_id))).await
}

/// The user's uploads of the last 24 hours.
pub(crate) async fn recent(client: Client) -> Result<Vec<ProcessingStatus>, ApiError> {
    let answer: UploadListResponse = client.get(routes::STATUS_LIST.to_owned()).await?;
    Ok(answer.uploads)
}

/// Cancels an upload.
pub(crate) async fn cancel(client: Client, upload_id: &str) -> Result<CancelResponse, ApiError> {
    client.post(routes::status_cancel(&encode(upload_id)), &json!({})).await
}

/// A link to the rows that could not be stored.
pub(crate) async fn problems(client: Client, upload_id: &str) -> Result<ProblemReportResponse, ApiError> {
    client.get(routes::status_problems(&encode(upload_id))).await
}

/// Why the bytes did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The connection was lost.
    ConnectionLost,
    /// The object store refused, with this HTTP status.
    Refused(u16),
    /// The user stopped it.
    Aborted,
}

/// A PUT in progress: await `done`, or abort `request`.
pub(crate) struct Sending {
    /// The request, to abort it.
    pub(crate) request: XmlHttpRequest,
    done: oneshot::Receiver<Result<(), SendError>>,
    // Kept alive until the request ends.
    _on_end: Closure<dyn FnMut()>,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
}

impl Sending {
    /// Waits until the object store has the bytes.
    pub(crate) async fn done(&mut self) -> Result<(), SendError> {
        (&mut self.done).await.unwrap_or(Err(SendError::Aborted))
    }
}

/// Starts to PUT a file to its presigned URL. Uses `XMLHttpRequest`, because `fetch` reports no upload progress.
///
/// `headers` must be sent exactly as the API returned them: the URL's signature covers them.
pub(crate) fn send_file(
    url: &str,
    headers: &BTreeMap<String, String>,
    file: &File,
    mut on_progress: impl FnMut(f64) + 'static,
) -> Result<Sending, SendError> {
    let lost = |_| SendError::ConnectionLost;
    let request = XmlHttpRequest::new().map_err(lost)?;
    request.open_with_async("PUT", url, true).map_err(lost)?;
    for (name, value) in headers {
        // The browser sets these itself and does not let a page set them.
        if !["host", "content-length"].contains(&name.to_ascii_lowercase().as_str()) {
            request.set_request_header(name, value).map_err(lost)?;
        }
    }
    let (sender, done) = oneshot::channel();
    let mut sender = Some(sender);
    let ended = request.clone();
    let on_end = Closure::<dyn FnMut()>::new(move || {
        let outcome = match ended.status().unwrap_or(0) {
            200..=299 => Ok(()),
            0 => Err(SendError::ConnectionLost),
            status => Err(SendError::Refused(status)),
        };
        if let Some(sender) = sender.take() {
            // The receiver is gone if the upload was cancelled.
            let _ = sender.send(outcome);
        }
    });
    let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        on_progress(event.loaded());
    });
    request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    request.send_with_opt_blob(Some(file)).map_err(lost)?;
    Ok(Sending { request, done, _on_end: on_end, _on_progress: on_progress })
}
