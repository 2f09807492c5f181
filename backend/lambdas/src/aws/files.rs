//! The files bucket: presigned uploads and their objects.

pub mod multipart;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use super::AwsError;

/// Prefix of uploaded objects; the lead-splitter is notified of new objects below it.
pub const UPLOADS_PREFIX: &str = "uploads/";
/// Prefix of batches too large for a queue message.
pub const BATCHES_PREFIX: &str = "batches/";
/// Prefix of failed rows, one object per batch.
pub const PROBLEMS_PREFIX: &str = "problems/";
/// Prefix of problem reports.
pub const REPORTS_PREFIX: &str = "reports/";

/// Prefix of exported files.
pub const EXPORTS_PREFIX: &str = "exports/";
/// Prefix of the lists of lead ids that jobs work on.
pub const JOBS_PREFIX: &str = "jobs/";

/// Prefix of export job requests; the lead-exporter is notified of new objects below it.
pub const EXPORT_JOBS_PREFIX: &str = "jobs/exports/";

/// The files bucket.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

/// A presigned PUT.
#[derive(Debug)]
pub struct PresignedPut {
    /// The URL.
    pub url: String,
    /// The headers the request must carry.
    pub headers: BTreeMap<String, String>,
}

impl Files {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// Key of an upload's object.
    #[must_use]
    pub fn upload_key(upload_id: &str) -> String {
        format!("{UPLOADS_PREFIX}{upload_id}")
    }

    /// The upload an object key belongs to.
    #[must_use]
    pub fn upload_id_of(key: &str) -> Option<&str> {
        key.strip_prefix(UPLOADS_PREFIX).filter(|id| !id.is_empty())
    }

    /// Presigns one PUT of exactly this many bytes of this type. It cannot overwrite an existing object.
    ///
    /// # Errors
    /// When the SDK cannot sign.
    pub async fn presign_upload(
        &self,
        upload_id: &str,
        media_type: &str,
        size: u64,
        file_name: &str,
        expires_in: Duration,
    ) -> Result<PresignedPut, AwsError> {
        const PRESIGN: &str = "S3 presign PutObject";
        let expires = PresigningConfig::expires_in(expires_in)
            .map_err(|_| AwsError::malformed(PRESIGN, "expiry out of range"))?;
        let size = i64::try_from(size).map_err(|_| AwsError::malformed(PRESIGN, "size out of range"))?;
        let presigned = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(Self::upload_key(upload_id))
            .content_type(media_type)
            .content_length(size)
            .if_none_match("*")
            .metadata("file-name", percent_encode(file_name))
            .presigned(expires)
            .await
            .map_err(|error| AwsError::new(PRESIGN, &error))?;
        // A browser sets the length itself and does not let a page set it.
        let headers = presigned
            .headers()
            .filter(|(name, _)| {
                !name.eq_ignore_ascii_case("content-length") && !name.eq_ignore_ascii_case("host")
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(PresignedPut { url: presigned.uri().to_owned(), headers })
    }

    /// Presigns a GET that a browser saves under a name.
    ///
    /// # Errors
    /// When the SDK cannot sign.
    pub async fn presign_download(
        &self,
        key: &str,
        file_name: &str,
        media_type: &str,
        expires_in: Duration,
    ) -> Result<String, AwsError> {
        const PRESIGN: &str = "S3 presign GetObject";
        let expires = PresigningConfig::expires_in(expires_in)
            .map_err(|_| AwsError::malformed(PRESIGN, "expiry out of range"))?;
        let presigned = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            // RFC 6266; the name is percent-encoded UTF-8 (RFC 8187)
            .response_content_disposition(format!(
                "attachment; filename*=UTF-8''{}",
                percent_encode(file_name)
            ))
            .response_content_type(media_type)
            .presigned(expires)
            .await
            .map_err(|error| AwsError::new(PRESIGN, &error))?;
        Ok(presigned.uri().to_owned())
    }

    /// Stores an object.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put(&self, key: &str, media_type: &str, body: Vec<u8>) -> Result<(), AwsError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| AwsError::new("S3 PutObject", &error))?;
        Ok(())
    }

    /// Keys of all objects below a prefix.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        Ok(self.list_with_sizes(prefix).await?.into_iter().map(|(key, _)| key).collect())
    }

    /// Keys and sizes in bytes of all objects below a prefix.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn list_with_sizes(&self, prefix: &str) -> Result<Vec<(String, u64)>, AwsError> {
        let mut pages =
            self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new("S3 ListObjectsV2", &error))?;
            keys.extend(
                page.contents
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|object| Some((object.key?, object.size.unwrap_or_default().unsigned_abs()))),
            );
        }
        Ok(keys)
    }

    /// Removes an object if it exists.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn delete(&self, key: &str) -> Result<(), AwsError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map_err(|error| AwsError::new("S3 DeleteObject", &error))?;
        Ok(())
    }

    /// Size of an upload's object in bytes; `None` if there is none.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn upload_size(&self, upload_id: &str) -> Result<Option<u64>, AwsError> {
        self.size(&Self::upload_key(upload_id)).await
    }

    /// Size of an object in bytes; `None` if there is none.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn size(&self, key: &str) -> Result<Option<u64>, AwsError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key).send().await;
        match head {
            Ok(head) => Ok(Some(head.content_length.unwrap_or_default().unsigned_abs())),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_not_found()) => Ok(None),
            Err(error) => Err(AwsError::new("S3 HeadObject", &error)),
        }
    }

    /// The bytes of an upload's object.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn read_upload(&self, upload_id: &str) -> Result<Vec<u8>, AwsError> {
        self.read(&Self::upload_key(upload_id)).await
    }

    /// Stores a batch that is too large for a message; returns its key.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn put_batch(
        &self,
        upload_id: &str,
        batch_index: u32,
        body: String,
    ) -> Result<String, AwsError> {
        let key = format!("{BATCHES_PREFIX}{upload_id}/{batch_index}");
        self.put(&key, "application/json", body.into_bytes()).await?;
        Ok(key)
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn read(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        self.get(key, None).await
    }

    /// A range of an object's bytes; fewer if the object ends earlier. The range must not be empty.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn read_range(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, AwsError> {
        self.get(key, Some(format!("bytes={}-{}", range.start, range.end.saturating_sub(1)))).await
    }

    async fn get(&self, key: &str, range: Option<String>) -> Result<Vec<u8>, AwsError> {
        const GET: &str = "S3 GetObject";
        let object = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_range(range)
            .send()
            .await
            .map_err(|error| AwsError::new(GET, &error))?;
        let bytes =
            object.body.collect().await.map_err(|_| AwsError::malformed(GET, "body could not be read"))?;
        Ok(bytes.to_vec())
    }
}

/// Percent-encodes everything but unreserved characters (RFC 3986): metadata must be ASCII.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_as_ascii() {
        assert_eq!(percent_encode("Müller & Co.csv"), "M%C3%BCller%20%26%20Co.csv");
        assert_eq!(percent_encode("../a b"), "..%2Fa%20b");
    }

    #[test]
    fn keys_and_uploads() {
        assert_eq!(Files::upload_id_of(&Files::upload_key("x")), Some("x"));
        assert_eq!(Files::upload_id_of("exports/x"), None);
        assert_eq!(Files::upload_id_of("uploads/"), None);
    }
}
