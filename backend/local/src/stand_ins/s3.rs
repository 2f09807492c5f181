//! S3: `s3s` with its folder back end, signatures checked, preceded by what the back end lacks: no path leaves the
//! bucket, one PUT per key at a time, and an event for every uploaded object before the PUT is acknowledged.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use http::{Method, Request, Response, StatusCode};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};

use super::queue_store::{QueueError, QueueStore};
use super::s3_events::{self, ObjectCreated};

/// How many days objects are kept, by prefix: the bucket's lifecycle rules.
pub const LIFECYCLE: [(&str, u16); 7] = [
    ("uploads/", 7),
    ("batches/", 20),
    ("problems/", 7),
    ("reports/", 7),
    ("exports/", 1),
    ("jobs/exports/", 1),
    ("jobs/", 32),
];

/// Why the local S3 failed.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The folder cannot be used.
    #[error("the local object store's folder failed: {0}")]
    Folder(#[from] std::io::Error),
    /// The folder back end rejected the folder.
    #[error("the local object store refused its folder: {0}")]
    Backend(String),
    /// The event could not be stored.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The server part failed.
    #[error("the local object store failed: {0}")]
    Service(String),
    /// A response could not be built.
    #[error("a response of the local object store could not be built: {0}")]
    Http(#[from] http::Error),
}

/// The access keys of the local S3.
#[derive(Clone)]
pub(crate) struct AccessKeys {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
}

/// The local S3.
pub(crate) struct S3 {
    service: S3Service,
    folder: PathBuf,
    bucket: String,
    queues: QueueStore,
    /// Which queue gets the events of objects below a prefix.
    announced: [(&'static str, &'static str); 2],
    /// Keys with a conditional PUT in progress: "only if it does not exist" is checked before the bytes are read, so
    /// two at once would both pass.
    under_way: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl S3 {
    /// Opens the folder and creates the bucket if it is missing.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub(crate) fn open(
        folder: &Path,
        bucket: &str,
        keys: &AccessKeys,
        queues: QueueStore,
        announced: [(&'static str, &'static str); 2],
    ) -> Result<Self, S3Error> {
        std::fs::create_dir_all(folder.join(bucket))?;
        let backend =
            s3s_fs::FileSystem::new(folder).map_err(|error| S3Error::Backend(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(backend);
        builder.set_auth(SimpleAuth::from_single(&keys.access_key_id, keys.secret_access_key.as_str()));
        Ok(Self {
            service: builder.build(),
            folder: folder.to_owned(),
            bucket: bucket.to_owned(),
            queues,
            announced,
            under_way: Mutex::default(),
        })
    }

    /// The bucket's name, the first segment of every object's path.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Serves a request signed in its headers or its URL.
    ///
    /// # Errors
    /// When the store itself fails; a refusal is a response.
    pub(crate) async fn call(&self, request: Request<s3s::Body>) -> Result<Response<s3s::Body>, S3Error> {
        let Some(key) = self.object_key(request.uri().path()) else {
            return refusal(StatusCode::NOT_FOUND, "NoSuchBucket", "There is no such bucket here.");
        };
        if key.split('/').any(|segment| matches!(segment, "." | "..")) || key.contains(['\\', '\0']) {
            return refusal(StatusCode::BAD_REQUEST, "InvalidURI", "The key must not contain dot segments.");
        }
        // A presigned request's signature does not cover this header, which would make the back end copy another
        // object.
        if request.headers().contains_key("x-amz-copy-source") {
            return refusal(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "Objects cannot be copied here.");
        }
        if *request.method() == Method::DELETE && !query_has(&request, "uploadId") {
            let response = self.forward(request).await?;
            if response.status().is_success() {
                self.forget(&key).await?;
            }
            return Ok(response);
        }
        let makes_object = matches!(*request.method(), Method::PUT | Method::POST) && !key.is_empty();
        if !makes_object {
            return self.forward(request).await;
        }
        // Without a condition, the last of several PUTs wins, complete.
        let is_conditional = request.headers().contains_key(http::header::IF_NONE_MATCH);
        let under_way = is_conditional.then(|| UnderWay::enter(&self.under_way, &key));
        if let Some(None) = under_way {
            return refusal(
                StatusCode::CONFLICT,
                "ConditionalRequestConflict",
                "Another upload of this object is in progress.",
            );
        }
        // A part of a multipart upload is not an object yet; its completion is a POST.
        let is_part = query_has(&request, "partNumber");
        let is_completion = *request.method() == Method::POST && query_has(&request, "uploadId");
        let creates = is_completion || (*request.method() == Method::PUT && !is_part);
        let response = self.forward(request).await?;
        if creates && response.status().is_success() && self.event_queue(&key).is_some() {
            self.announce(&key, response.headers()).await?;
        }
        Ok(response)
    }

    async fn forward(&self, request: Request<s3s::Body>) -> Result<Response<s3s::Body>, S3Error> {
        let is_head = *request.method() == Method::HEAD;
        let mut response =
            self.service.call(request).await.map_err(|error| S3Error::Service(format!("{error:?}")))?;
        // A connection would omit the body, and the SDK recognises "not found" by its absence.
        if is_head {
            *response.body_mut() = s3s::Body::empty();
        }
        Ok(response)
    }

    /// The key in a path; `None` if it is not in the bucket.
    fn object_key(&self, path: &str) -> Option<String> {
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
        let rest = decoded.strip_prefix('/')?.strip_prefix(self.bucket.as_str())?;
        if rest.is_empty() { Some(String::new()) } else { rest.strip_prefix('/').map(str::to_owned) }
    }

    /// The queue that gets an object's events.
    fn event_queue(&self, key: &str) -> Option<&'static str> {
        self.announced.iter().find(|(prefix, _)| key.starts_with(prefix)).map(|(_, queue)| *queue)
    }

    async fn announce(&self, key: &str, headers: &http::HeaderMap) -> Result<(), S3Error> {
        let size = tokio::fs::metadata(self.folder.join(&self.bucket).join(key)).await?.len();
        let etag = headers.get(http::header::ETAG).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.announce_object(key, size, etag, false).await?;
        Ok(())
    }

    async fn announce_object(
        &self,
        key: &str,
        size: u64,
        etag: &str,
        only_if_new: bool,
    ) -> Result<bool, QueueError> {
        let Some(queue) = self.event_queue(key) else { return Ok(false) };
        let event = s3_events::object_created(&ObjectCreated {
            bucket: &self.bucket,
            key,
            size,
            etag: etag.trim_matches('"'),
            time: jiff::Timestamp::now(),
        });
        self.queues.announce_object(queue, key.to_owned(), event.to_string(), only_if_new).await
    }

    /// Makes folder and events consistent after a process was killed: an object whose PUT was never finished is
    /// removed, and a finished one without an event gets it.
    ///
    /// # Errors
    /// When the folder or the queue fails.
    pub(crate) async fn reconcile(&self) -> Result<(), S3Error> {
        for (prefix, _) in self.announced {
            self.reconcile_below(prefix).await?;
        }
        Ok(())
    }

    async fn reconcile_below(&self, prefix: &str) -> Result<(), S3Error> {
        let objects = self.folder.join(&self.bucket).join(prefix);
        let mut entries = match tokio::fs::read_dir(&objects).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        while let Some(entry) = entries.next_entry().await? {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let key = format!("{prefix}{name}");
            if !entry.file_type().await?.is_file() || self.queues.is_announced(&key).await? {
                continue;
            }
            match self.stored_etag(&key).await? {
                None => tokio::fs::remove_file(entry.path()).await?,
                Some(etag) => {
                    let size = entry.metadata().await?.len();
                    self.announce_object(&key, size, &etag, true).await?;
                    tracing::info!(key, "object without an event found and announced");
                }
            }
        }
        Ok(())
    }

    /// The `ETag` that the back end writes as the last step of a PUT; `None` if it did not get that far.
    async fn stored_etag(&self, key: &str) -> Result<Option<String>, S3Error> {
        match tokio::fs::read(self.beside(key, "internal")).await {
            Ok(bytes) => Ok(serde_json::from_slice::<serde_json::Value>(&bytes)
                .ok()
                .map(|info| info["e_tag"].as_str().unwrap_or_default().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A file that the back end keeps next to an object: `internal` or `metadata`.
    fn beside(&self, key: &str, kind: &str) -> PathBuf {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let (bucket, key) = (URL_SAFE_NO_PAD.encode(&self.bucket), URL_SAFE_NO_PAD.encode(key));
        self.folder.join(format!(".bucket-{bucket}.object-{key}.{kind}.json"))
    }

    /// Removes what the back end leaves behind after deleting an object, which includes its file name.
    async fn forget(&self, key: &str) -> std::io::Result<()> {
        for kind in ["internal", "metadata"] {
            remove_if_there(&self.beside(key, kind)).await?;
        }
        Ok(())
    }

    /// Removes objects that have reached the age in [`LIFECYCLE`]; returns how many.
    ///
    /// # Errors
    /// When the folder fails.
    pub(crate) async fn expire(&self, now: jiff::Timestamp) -> Result<u64, S3Error> {
        let bucket = self.folder.join(&self.bucket);
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(now.as_second().unsigned_abs());
        let mut expired = 0;
        for (prefix, days) in LIFECYCLE {
            let age = std::time::Duration::from_secs(u64::from(days) * 24 * 60 * 60);
            let mut folders = vec![bucket.join(prefix)];
            while let Some(folder) = folders.pop() {
                let mut entries = match tokio::fs::read_dir(&folder).await {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error.into()),
                };
                while let Some(entry) = entries.next_entry().await? {
                    let path = entry.path();
                    if entry.file_type().await?.is_dir() {
                        folders.push(path);
                        continue;
                    }
                    let written = entry.metadata().await?.modified()?;
                    let is_due = now.duration_since(written).is_ok_and(|is| is >= age);
                    let key = path.strip_prefix(&bucket).ok().and_then(Path::to_str);
                    if let (true, Some(key)) = (is_due, key) {
                        remove_if_there(&path).await?;
                        self.forget(key).await?;
                        expired += 1;
                    }
                }
            }
        }
        Ok(expired)
    }
}

async fn remove_if_there(file: &Path) -> std::io::Result<()> {
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn query_has<B>(request: &Request<B>, name: &str) -> bool {
    request
        .uri()
        .query()
        .is_some_and(|query| form_urlencoded::parse(query.as_bytes()).any(|(found, _)| found == name))
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Result<Response<s3s::Body>, S3Error> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Ok(Response::builder()
        .status(status)
        .header(http::header::CONTENT_TYPE, "application/xml")
        .body(s3s::Body::from(xml))?)
}

/// A key's entry among the PUTs in progress; removed when dropped.
struct UnderWay<'a> {
    keys: &'a Mutex<HashSet<String>>,
    key: &'a str,
}

impl<'a> UnderWay<'a> {
    fn enter(keys: &'a Mutex<HashSet<String>>, key: &'a str) -> Option<Self> {
        let entered = keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
        entered.then_some(Self { keys, key })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(self.key);
    }
}
