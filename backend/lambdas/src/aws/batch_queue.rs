//! The batch queue: sends batches as messages, large ones by way of S3.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use easy_crm_domain::batch::BatchMessage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::Files;
use super::{AwsError, jittered};

/// Largest message and largest send, in bytes. SQS allows 256 KiB and counts attributes too.
const MAX_BYTES: usize = 250_000;
/// Maximum number of messages in one send (SQS's limit).
const MAX_MESSAGES: usize = 10;

/// Tries when SQS accepts only some of the messages.
const SEND_TRIES: u32 = 6;

/// The batch queue. Opening a message needs no connection to SQS, as Lambda delivers the messages.
#[derive(Debug, Clone)]
pub struct BatchQueue {
    client: Option<Client>,
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
        #[serde(flatten)]
        label: BatchLabel,
    },
    Batch(Box<BatchMessage>),
}

/// What must be known about a batch to account for its rows if the batch itself cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchLabel {
    /// The upload.
    pub upload_id: String,
    /// Position of the batch in the upload, from 0.
    pub batch_index: u32,
    /// How many rows it has.
    pub row_count: u64,
}

/// Messages on their way; send the rest with [`BatchSender::finish`].
#[derive(Debug)]
pub struct BatchSender<'a> {
    queue: &'a BatchQueue,
    waiting: Vec<(u32, String)>,
    bytes: usize,
}

impl BatchQueue {
    pub(crate) fn new(queue_url: String, files: Files) -> Self {
        Self { client: None, queue_url, files }
    }

    pub(crate) fn connect(&mut self, client: Client) {
        self.client = Some(client);
    }

    /// A sender that fills each SQS call as far as possible.
    #[must_use]
    pub fn sender(&self) -> BatchSender<'_> {
        BatchSender { queue: self, waiting: Vec::new(), bytes: 0 }
    }

    /// The batch in a message body.
    ///
    /// # Errors
    /// When the body is not a batch or its object cannot be read.
    pub async fn open(&self, body: &str) -> Result<BatchMessage, AwsError> {
        const OPEN: &str = "batch message";
        let envelope =
            serde_json::from_str(body).map_err(|_| AwsError::malformed(OPEN, "body is not a batch"))?;
        match envelope {
            Envelope::Batch(batch) => Ok(*batch),
            Envelope::ClaimCheck { batch_key, .. } => {
                let bytes = self.files.read(&batch_key).await?;
                serde_json::from_slice(&bytes).map_err(|_| AwsError::malformed(OPEN, "object is not a batch"))
            }
        }
    }

    /// What the body of a message says about its batch, whether or not [`BatchQueue::open`] can open it.
    #[must_use]
    pub fn label(body: &str) -> Option<BatchLabel> {
        let value: Value = serde_json::from_str(body).ok()?;
        if let Ok(label) = serde_json::from_value(value.clone()) {
            return Some(label);
        }
        Some(BatchLabel {
            upload_id: value.get("uploadId")?.as_str()?.to_owned(),
            batch_index: value.get("batchIndex")?.as_u64()?.try_into().ok()?,
            row_count: value.get("rows")?.as_array()?.len() as u64,
        })
    }

    async fn send(&self, mut messages: Vec<(u32, String)>) -> Result<(), AwsError> {
        for tries in 1.. {
            messages = self.send_once(messages).await?;
            if messages.is_empty() {
                return Ok(());
            }
            if tries == SEND_TRIES {
                break;
            }
            tokio::time::sleep(jittered(tries)).await;
        }
        Err(AwsError::malformed("SQS SendMessageBatch", "entries refused every time"))
    }

    /// Sends messages; returns those that SQS did not accept this time.
    async fn send_once(&self, messages: Vec<(u32, String)>) -> Result<Vec<(u32, String)>, AwsError> {
        const SEND: &str = "SQS SendMessageBatch";
        if messages.is_empty() {
            return Ok(messages);
        }
        let mut entries = Vec::with_capacity(messages.len());
        for (batch_index, body) in &messages {
            entries.push(
                SendMessageBatchRequestEntry::builder()
                    .id(batch_index.to_string())
                    .message_body(body.clone())
                    .build()
                    .map_err(|_| AwsError::malformed(SEND, "entry"))?,
            );
        }
        let client = self
            .client
            .as_ref()
            .ok_or_else(|| AwsError::malformed(SEND, "this function sends no batches"))?;
        let sent = client
            .send_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| AwsError::new(SEND, &error))?;
        if let Some(failed) = sent.failed.iter().find(|failed| failed.sender_fault) {
            return Err(AwsError::malformed(SEND, format!("entry refused: {}", failed.code)));
        }
        let refused = |batch_index: &u32| {
            let id = batch_index.to_string();
            sent.failed.iter().any(|failed| failed.id == id)
        };
        Ok(messages.into_iter().filter(|(batch_index, _)| refused(batch_index)).collect())
    }
}

impl BatchSender<'_> {
    /// Adds a batch, sending when the call is full. A batch sent twice is counted once, so sending it again is safe.
    ///
    /// # Errors
    /// When a call fails after the SDK's retries.
    pub async fn push(&mut self, batch: &BatchMessage) -> Result<(), AwsError> {
        let mut body = to_json(batch)?;
        if body.len() > MAX_BYTES {
            let batch_key = self.queue.files.put_batch(&batch.upload_id, batch.batch_index, body).await?;
            let label = BatchLabel {
                upload_id: batch.upload_id.clone(),
                batch_index: batch.batch_index,
                row_count: batch.rows.len() as u64,
            };
            body = to_json(&Envelope::ClaimCheck { batch_key, label })?;
        }
        if self.waiting.len() == MAX_MESSAGES || self.bytes + body.len() > MAX_BYTES {
            self.flush().await?;
        }
        self.bytes += body.len();
        self.waiting.push((batch.batch_index, body));
        Ok(())
    }

    /// Sends the remaining messages.
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
    serde_json::to_string(value)
        .map_err(|_| AwsError::malformed("batch message", "batch cannot be written as JSON"))
}
