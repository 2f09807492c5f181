//! An object written part by part as the parts come, so that no more than some of them are in memory.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use tokio::sync::mpsc;

use super::Files;
use crate::aws::AwsError;

/// Bytes of a part: S3 takes no smaller ones but the last (5 MB) and at most 10,000 of them.
pub const PART_BYTES: usize = 8 * 1024 * 1024;

impl Files {
    /// Stores an object of the parts that come, each of [`PART_BYTES`] but the last; `false` when none came. When the
    /// call fails, there is no object.
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
        // Parts of an object that does not come to its end are removed by the bucket's rule for them.
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
