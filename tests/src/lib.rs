//! The system as the tests see it: started on a fresh data folder and a free port, accessed over HTTP only.

mod eventually;
pub mod fake_deepseek;
pub mod functions;
pub mod lambda;
pub mod template;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use easy_crm_local::{Dist, LocalApp, LocalOptions};
use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::ListLeadsResponse;
use easy_crm_shared::status::ProcessingStatus;
use easy_crm_shared::upload::{UpdatePolicy, UploadRequest, UploadResponse};
use easy_crm_shared::{routes, status};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;

pub use eventually::eventually;

/// A user of the system.
pub const ALICE: &str = "alice@example.com";
/// Another user.
pub const BOB: &str = "bob@example.com";

/// A running system on its own folder, which is deleted with it.
pub struct System {
    /// The system.
    pub local: LocalApp,
    folder: TempDir,
    client: reqwest::Client,
}

/// A file as a test uploads it.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its rows do to leads that exist; if none, what the deployment sets.
    pub policy: Option<UpdatePolicy>,
}

impl Upload {
    /// A text file.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), bytes: text.as_bytes().to_vec(), policy: None }
    }

    /// A file from `tests/fixtures`.
    ///
    /// # Panics
    /// When there is no such file.
    #[must_use]
    pub fn fixture(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { name: name.to_owned(), bytes, policy: None }
    }

    /// The same file, imported under a policy.
    #[must_use]
    pub fn under(self, policy: UpdatePolicy) -> Self {
        Self { policy: Some(policy), ..self }
    }
}

impl System {
    /// Starts a system without a page.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start() -> Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// Starts a system with the page in `dist/`, as `scripts/test.sh` builds it.
    ///
    /// # Errors
    /// When it does not start or the page is not built.
    pub async fn start_with_page() -> Result<Self> {
        Self::start_with_page_and(|_| {}).await
    }

    /// Like [`System::start_with_page`], with other options.
    ///
    /// # Errors
    /// When it does not start or the page is not built.
    pub async fn start_with_page_and(change: impl FnOnce(&mut LocalOptions)) -> Result<Self> {
        let dist = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dist");
        ensure!(
            dist.join("index.html").exists(),
            "the page is not built; run ./scripts/test.sh or trunk build --release"
        );
        Self::start_with(|options| {
            options.dist = Dist::Folder(dist);
            change(options);
        })
        .await
    }

    /// Starts a system with other options.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_with(change: impl FnOnce(&mut LocalOptions)) -> Result<Self> {
        let folder = TempDir::new()?;
        let mut options = LocalOptions::new(folder.path());
        // Tests poll as often as they can.
        options.rate_limits.status = u32::MAX;
        change(&mut options);
        let local = LocalApp::start(options).await?;
        Ok(Self { local, folder, client: reqwest::Client::new() })
    }

    /// Stops the system as a crash would and starts it again on the same folder.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn crash_and_restart(self) -> Result<Self> {
        self.crash_and_restart_with(|_| {}).await
    }

    /// Like [`System::crash_and_restart`], with other options.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn crash_and_restart_with(self, change: impl FnOnce(&mut LocalOptions)) -> Result<Self> {
        let Self { local, folder, client } = self;
        drop(local);
        let mut options = LocalOptions::new(folder.path());
        options.rate_limits.status = u32::MAX;
        change(&mut options);
        let local = LocalApp::start(options).await?;
        Ok(Self { local, folder, client })
    }

    /// Stops the system the way a user at the keyboard does; returns its data folder.
    pub async fn shut_down(self) -> TempDir {
        self.local.shutdown().await;
        self.folder
    }

    /// Sends a request to the API; returns status and body.
    ///
    /// # Errors
    /// When there is no response, or a token cannot be made.
    pub async fn api(
        &self,
        user: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(StatusCode, Value)> {
        let url = format!("{}{}{path}", self.local.base_url(), routes::API_BASE);
        let mut request = self.client.request(method, url).bearer_auth(self.local.token_for(user)?);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).with_context(|| format!("{status}: {text}"))?;
        Ok((status, body))
    }

    /// A `GET` that must succeed.
    ///
    /// # Errors
    /// When it fails, or the body is not what was expected.
    pub async fn get<T: DeserializeOwned>(&self, user: &str, path: &str) -> Result<T> {
        let (status, body) = self.api(user, Method::GET, path, None).await?;
        ensure!(status == StatusCode::OK, "GET {path}: {status} {body}");
        Ok(serde_json::from_value(body)?)
    }

    /// A `GET` with extra headers; returns the whole response.
    ///
    /// # Errors
    /// When there is no response, or a token cannot be made.
    pub async fn get_with(
        &self,
        user: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<reqwest::Response> {
        let url = format!("{}{}{path}", self.local.base_url(), routes::API_BASE);
        let request = self.client.get(url).bearer_auth(self.local.token_for(user)?);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Ok(request.send().await?)
    }

    /// A request without a token or with an invalid one.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&str>,
    ) -> Result<(StatusCode, String)> {
        let mut request = self.client.request(method, format!("{}{path}", self.local.base_url()));
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Requests a presigned URL.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn announce(&self, user: &str, upload: &Upload) -> Result<UploadResponse> {
        let body = UploadRequest {
            file_name: upload.name.clone(),
            file_type: String::new(),
            file_size: upload.bytes.len() as u64,
            update_policy: upload.policy,
        };
        let body = serde_json::to_value(body)?;
        let (status, body) = self.api(user, Method::POST, routes::UPLOAD, Some(body)).await?;
        ensure!(status == StatusCode::OK, "{status}: {body}");
        Ok(serde_json::from_value(body)?)
    }

    /// Sends the bytes to a presigned URL, with the required headers; returns the HTTP status.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn put(&self, announced: &UploadResponse, bytes: &[u8]) -> Result<StatusCode> {
        let mut request = self.client.put(&announced.upload_url).body(bytes.to_vec());
        for (name, value) in &announced.headers {
            request = request.header(name, value);
        }
        Ok(request.send().await?.status())
    }

    /// Announces and sends a file; returns the upload's id.
    ///
    /// # Errors
    /// When either is refused.
    pub async fn send(&self, user: &str, upload: &Upload) -> Result<String> {
        let announced = self.announce(user, upload).await?;
        let status = self.put(&announced, &upload.bytes).await?;
        ensure!(status == StatusCode::OK, "PUT: {status}");
        Ok(announced.upload_id)
    }

    /// Announces and sends a file and waits until it is processed; checks the law of accounting on the way.
    ///
    /// # Errors
    /// When something is refused or the law is broken.
    pub async fn import(&self, user: &str, upload: &Upload) -> Result<ProcessingStatus> {
        let upload_id = self.send(user, upload).await?;
        self.local.wait_idle().await?;
        self.status(user, &upload_id).await
    }

    /// The status of an upload, checked against the law of accounting.
    ///
    /// # Errors
    /// When there is none or the law is broken.
    pub async fn status(&self, user: &str, upload_id: &str) -> Result<ProcessingStatus> {
        let status: ProcessingStatus = self.get(user, &routes::status(upload_id)).await?;
        let progress = &status.progress;
        let balanced = progress.accounted_leads() == progress.total_leads;
        ensure!(balanced || !progress.settled, "settled but not balanced: {progress:?}");
        ensure!(
            balanced || status.status != status::UploadStatus::Completed,
            "completed but not balanced: {progress:?}"
        );
        Ok(status)
    }

    /// A page of the list: `parameters` as in a URL, e.g. `pageSize=10&q=ada`.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn list(&self, parameters: &str) -> Result<ListLeadsResponse> {
        // Everything written before now has to be in it.
        let now = self.local.app().now();
        self.get(ALICE, &format!("{}?asOf={now}&{parameters}", routes::LEADS)).await
    }

    /// All leads (up to 500), ordered by email address.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn leads(&self) -> Result<Vec<Lead>> {
        Ok(self.list("pageSize=500&sortBy=email&sortOrder=asc").await?.leads)
    }
}
