//! Snapshots of the lead list in the files bucket.
//!
//! A snapshot's name begins with the feed position it covers, so the newest is the last by name: two writers need not
//! know of each other, and no pointer can go stale. The name also contains the file format's version: a deployment
//! that expects another version finds no snapshot and reads the feed.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use easy_crm_domain::lead_index::snapshot::VERSION;
use jiff::Timestamp;
use uuid::Uuid;

use super::AwsError;
use super::files::Files;

/// Prefix of the snapshots.
pub const SNAPSHOTS_PREFIX: &str = "snapshots/";

/// Snapshots that are kept: the newest, and the one before it, which may be being read.
const KEPT: usize = 2;

/// The snapshots.
#[derive(Debug, Clone)]
pub struct Snapshots {
    client: Client,
    bucket: String,
    files: Files,
}

impl Snapshots {
    pub(crate) fn new(client: Client, bucket: String, files: Files) -> Self {
        Self { client, bucket, files }
    }

    /// The newest snapshot's bytes; `None` if there is none.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn newest(&self) -> Result<Option<Vec<u8>>, AwsError> {
        match self.keys().await?.pop() {
            Some(key) => self.files.read(&key).await.map(Some),
            None => Ok(None),
        }
    }

    /// Stores a snapshot that contains every change up to a time; returns its key.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put(&self, as_of: Timestamp, file: Vec<u8>) -> Result<String, AwsError> {
        let position_ms = as_of.as_millisecond().max(0);
        let key = format!("{}{position_ms:015}-{}", prefix(), Uuid::new_v4().simple());
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(&key)
            .content_type("application/octet-stream")
            .body(ByteStream::from(file))
            .send()
            .await
            .map_err(|error| AwsError::new("S3 PutObject snapshot", &error))?;
        Ok(key)
    }

    /// Removes all but the newest snapshots, and those in formats of other versions, which nobody reads any more.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn remove_older(&self) -> Result<(), AwsError> {
        let mut kept = self.keys().await?;
        kept.drain(..kept.len().saturating_sub(KEPT));
        let mut keys = self.files.list(SNAPSHOTS_PREFIX).await?;
        keys.retain(|key| !kept.contains(key));
        self.remove(&keys).await
    }

    /// Removes all snapshots except this one, including those that other deployments wrote in their own formats.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn remove_all_but(&self, kept: Option<&str>) -> Result<(), AwsError> {
        let mut keys = self.files.list(SNAPSHOTS_PREFIX).await?;
        keys.retain(|key| Some(key.as_str()) != kept);
        self.remove(&keys).await
    }

    async fn remove(&self, keys: &[String]) -> Result<(), AwsError> {
        for key in keys {
            self.files.delete(key).await?;
        }
        Ok(())
    }

    /// Whether there are any snapshots.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn exist(&self) -> Result<bool, AwsError> {
        Ok(!self.keys().await?.is_empty())
    }

    /// Keys of all snapshots, the newest last.
    async fn keys(&self) -> Result<Vec<String>, AwsError> {
        let mut keys = self.files.list(&prefix()).await?;
        keys.sort_unstable();
        Ok(keys)
    }
}

fn prefix() -> String {
    format!("{SNAPSHOTS_PREFIX}v{VERSION}/")
}
