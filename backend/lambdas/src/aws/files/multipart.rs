//! Multipart uploads: an object is written part by part, so that only a few parts are in memory at a time.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use tokio::sync::mpsc;

use super::Files;
use crate::aws::AwsError;

/// Bytes in a part: S3 allows none below 5 MB except the last, and at most 10,000 parts.
pub const PART_BYTES: usize = 8 * 1024 * 1024;

impl Files {
    /// Stores an object from a stream of parts, all of [`PART_BYTES`] except the last; `false` if there were none. If
    /// the call fails, there is no object.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn put_parts(
        &self,
        key: &str,
        media_type: &str,
        mut parts: mpsc::Receiver<Vec<u8>>,
    ) -> Result<bool, AwsError> {
        let Some(first) = parts.recv().await else { return Ok(false) };
        let Some(second) = parts.recv().await else {
            self.put(key, media_type, first).await?;
            return Ok(true);
        };
        let created = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .send()
            .await
            .map_err(|error| AwsError::new("S3 CreateMultipartUpload", &error))?;
        let upload_id = created.upload_id.unwrap_or_default();
        // The bucket's lifecycle rule removes the parts of unfinished uploads.
        self.send_parts(key, &upload_id, [first, second], parts).await.map(|()| true)
    }

    async fn send_parts(
        &self,
        key: &str,
        upload_id: &str,
        first: [Vec<u8>; 2],
        mut others: mpsc::Receiver<Vec<u8>>,
    ) -> Result<(), AwsError> {
        let mut completed = Vec::new();
        let mut first = first.into_iter();
        for number in 1.. {
            let part = match first.next() {
                Some(part) => part,
                None => match others.recv().await {
                    Some(part) => part,
                    None => break,
                },
            };
            let sent = self
                .client
                .upload_part()
                .bucket(&self.bucket)
                .key(key)
                .upload_id(upload_id)
                .part_number(number)
                .body(ByteStream::from(part))
                .send()
                .await
                .map_err(|error| AwsError::new("S3 UploadPart", &error))?;
            completed.push(CompletedPart::builder().set_e_tag(sent.e_tag).part_number(number).build());
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(completed)).build();
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload_id)
            .multipart_upload(parts)
            .send()
            .await
            .map_err(|error| AwsError::new("S3 CompleteMultipartUpload", &error))?;
        Ok(())
    }
}
