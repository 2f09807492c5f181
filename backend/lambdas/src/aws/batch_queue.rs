//! The batch queue: batches out as messages, the large ones by way of S3.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use easy_crm_domain::batch::BatchMessage;
use serde::{Deserialize, Serialize};

use super::AwsError;
use super::files::Files;

/// Largest message and largest send in bytes. SQS takes 256 KiB and counts attributes too.
const MAX_BYTES: usize = 250_000;
/// Most messages in one send (SQS's limit).
const MAX_MESSAGES: usize = 10;

/// The batch queue.
#[derive(Debug, Clone)]
pub struct BatchQueue {
    client: Client,
    queue_url: String,
    files: Files,
}

/// A message body: a batch, or where in the files bucket it is (claim check).
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Envelope {
    ClaimCheck {
        /// Key of the object that holds the batch.
        #[serde(rename = "batchKey")]
        batch_key: String,
    },
    Batch(Box<BatchMessage>),
}

/// Messages on their way; send what is left with [`BatchSender::finish`].
#[derive(Debug)]
pub struct BatchSender<'a> {
    queue: &'a BatchQueue,
    waiting: Vec<(u32, String)>,
    bytes: usize,
}

impl BatchQueue {
    pub(crate) fn new(client: Client, queue_url: String, files: Files) -> Self {
        Self { client, queue_url, files }
    }

    /// A sender that fills each call to SQS as far as it goes.
    #[must_use]
    pub fn sender(&self) -> BatchSender<'_> {
        BatchSender { queue: self, waiting: Vec::new(), bytes: 0 }
    }

    /// The batch of a message body.
    ///
    /// # Errors
    /// When the body is no batch or its object cannot be read.
    pub async fn open(&self, body: &str) -> Result<BatchMessage, AwsError> {
        const OPEN: &str = "batch message";
        let envelope =
            serde_json::from_str(body).map_err(|_| AwsError::malformed(OPEN, "body is no batch"))?;
        match envelope {
            Envelope::Batch(batch) => Ok(*batch),
            Envelope::ClaimCheck { batch_key } => {
                let bytes = self.files.read(&batch_key).await?;
                serde_json::from_slice(&bytes).map_err(|_| AwsError::malformed(OPEN, "object is no batch"))
            }
        }
    }

    async fn send(&self, messages: Vec<(u32, String)>) -> Result<(), AwsError> {
        const SEND: &str = "SQS SendMessageBatch";
        if messages.is_empty() {
            return Ok(());
        }
        let mut entries = Vec::with_capacity(messages.len());
        for (batch_index, body) in messages {
            entries.push(
                SendMessageBatchRequestEntry::builder()
                    .id(batch_index.to_string())
                    .message_body(body)
                    .build()
                    .map_err(|_| AwsError::malformed(SEND, "entry"))?,
            );
        }
        let sent = self
            .client
            .send_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| AwsError::new(SEND, &error))?;
        match sent.failed.first() {
            None => Ok(()),
            Some(failed) => Err(AwsError::malformed(SEND, format!("entry refused: {}", failed.code))),
        }
    }
}

impl BatchSender<'_> {
    /// Adds a batch, sending when the call is full. A batch sent twice is counted once, so sending again is safe.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn push(&mut self, batch: &BatchMessage) -> Result<(), AwsError> {
        let mut body = to_json(batch)?;
        if body.len() > MAX_BYTES {
            let batch_key = self.queue.files.put_batch(&batch.upload_id, batch.batch_index, body).await?;
            body = to_json(&Envelope::ClaimCheck { batch_key })?;
        }
        if self.waiting.len() == MAX_MESSAGES || self.bytes + body.len() > MAX_BYTES {
            self.flush().await?;
        }
        self.bytes += body.len();
        self.waiting.push((batch.batch_index, body));
        Ok(())
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// When the call fails after the SDK's retries.
    pub async fn finish(mut self) -> Result<(), AwsError> {
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), AwsError> {
        self.bytes = 0;
        self.queue.send(std::mem::take(&mut self.waiting)).await
    }
}

fn to_json(value: &impl Serialize) -> Result<String, AwsError> {
    serde_json::to_string(value).map_err(|_| AwsError::malformed("batch message", "batch is no JSON"))
}
