//! SQS's JSON protocol on top of the [`QueueStore`], to the extent that senders, consumers and operators need it.

use std::time::Duration;

use s3s::crypto::{Checksum, Md5};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::dynamodb::JsonAnswer;
use super::queue_store::{Message, NewMessage, QueueError, QueueStore};

/// Largest message, and largest batch of messages, in bytes.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
const MAX_MESSAGE_BYTES: usize = 1_048_576;
const MAX_BATCH_ENTRIES: usize = 10;
const MAX_WAIT_SECONDS: u64 = 20;
const MAX_VISIBILITY_SECONDS: u64 = 12 * 60 * 60;

/// The queue's URL; only the name at its end matters.
pub(crate) fn queue_url(base_url: &str, queue: &str) -> String {
    format!("{base_url}/000000000000/{queue}")
}

/// The queue's ARN, as used in events.
pub(crate) fn queue_arn(queue: &str) -> String {
    format!("arn:aws:sqs:{region}:000000000000:{queue}", region = crate::REGION)
}

#[derive(Debug)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<QueueError> for Refusal {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::NoSuchQueue(_) => {
                Self::new("QueueDoesNotExist", "The specified queue does not exist.")
            }
            QueueError::Database(_) | QueueError::Interrupted => {
                tracing::error!(%error, "the queue failed");
                Self::new("InternalFailure", "The queue failed.")
            }
        }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::new("InvalidParameterValue", error.to_string())
    }
}

/// Serves one call of the JSON protocol.
pub(crate) async fn call(store: &QueueStore, operation: &str, body: &[u8]) -> JsonAnswer {
    let result = match operation {
        "SendMessage" => send_message(store, body).await,
        "SendMessageBatch" => send_message_batch(store, body).await,
        "ReceiveMessage" => receive_message(store, body).await,
        "DeleteMessage" => delete_message(store, body).await,
        "DeleteMessageBatch" => delete_message_batch(store, body).await,
        "ChangeMessageVisibility" => change_message_visibility(store, body).await,
        "GetQueueAttributes" => get_queue_attributes(store, body).await,
        "GetQueueUrl" => get_queue_url(store, body),
        _ => Err(Refusal::new("UnsupportedOperation", format!("{operation} is not supported here"))),
    };
    match result {
        Ok(answer) => JsonAnswer { status: 200, body: answer.to_string(), query_error: None },
        Err(Refusal { code, message }) => JsonAnswer {
            status: if code == "InternalFailure" { 500 } else { 400 },
            body: json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message }).to_string(),
            query_error: Some(format!("{};Sender", older_code(code))),
        },
    }
}

/// The error code in the older protocol.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html>
fn older_code(code: &str) -> String {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "InvalidParameterValue" | "InternalFailure" => code.to_owned(),
        _ => format!("AWS.SimpleQueueService.{code}"),
    }
}

fn queue_name(queue_url: &str) -> &str {
    queue_url.rsplit('/').next().unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEntry {
    #[serde(default)]
    id: String,
    message_body: String,
    #[serde(default)]
    message_attributes: Option<Value>,
    #[serde(default)]
    delay_seconds: u64,
}

impl SendEntry {
    fn size(&self) -> usize {
        self.message_body.len() + self.message_attributes.as_ref().map_or(0, |value| value.to_string().len())
    }

    fn into_message(self) -> NewMessage {
        NewMessage {
            body: self.message_body,
            attributes_json: self.message_attributes.map(|value| value.to_string()),
            delay: Duration::from_secs(self.delay_seconds),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageRequest {
    queue_url: String,
    #[serde(flatten)]
    entry: SendEntry,
}

async fn send_message(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: SendMessageRequest = serde_json::from_slice(body)?;
    if request.entry.size() > MAX_MESSAGE_BYTES {
        return Err(Refusal::new("InvalidParameterValue", "The message is longer than 1 MiB."));
    }
    let md5 = md5_hex(&request.entry.message_body);
    let ids = store.send(queue_name(&request.queue_url), vec![request.entry.into_message()]).await?;
    Ok(json!({ "MessageId": ids.first(), "MD5OfMessageBody": md5 }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatchRequest {
    queue_url: String,
    entries: Vec<SendEntry>,
}

async fn send_message_batch(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: SendMessageBatchRequest = serde_json::from_slice(body)?;
    check_batch(request.entries.iter().map(|entry| entry.id.as_str()))?;
    if request.entries.iter().map(SendEntry::size).sum::<usize>() > MAX_MESSAGE_BYTES {
        return Err(Refusal::new("BatchRequestTooLong", "The messages together are longer than 1 MiB."));
    }
    let mut answers: Vec<Value> = request
        .entries
        .iter()
        .map(|entry| json!({ "Id": entry.id, "MD5OfMessageBody": md5_hex(&entry.message_body) }))
        .collect();
    let messages = request.entries.into_iter().map(SendEntry::into_message).collect();
    let ids = store.send(queue_name(&request.queue_url), messages).await?;
    for (answer, id) in answers.iter_mut().zip(ids) {
        answer["MessageId"] = Value::String(id);
    }
    Ok(json!({ "Successful": answers, "Failed": [] }))
}

fn check_batch<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Refusal> {
    let count = ids.len();
    if count == 0 {
        return Err(Refusal::new("EmptyBatchRequest", "There are no entries in the batch."));
    }
    if count > MAX_BATCH_ENTRIES {
        return Err(Refusal::new("TooManyEntriesInBatchRequest", "A batch has at most 10 entries."));
    }
    if ids.collect::<std::collections::BTreeSet<_>>().len() < count {
        return Err(Refusal::new("BatchEntryIdsNotDistinct", "Two entries have the same id."));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessageRequest {
    queue_url: String,
    #[serde(default)]
    max_number_of_messages: Option<u32>,
    #[serde(default)]
    visibility_timeout: Option<u64>,
    #[serde(default)]
    wait_time_seconds: u64,
}

async fn receive_message(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: ReceiveMessageRequest = serde_json::from_slice(body)?;
    let max_messages = request.max_number_of_messages.unwrap_or(1);
    if !(1..=10).contains(&max_messages) || request.wait_time_seconds > MAX_WAIT_SECONDS {
        return Err(Refusal::new("InvalidParameterValue", "Ask for 1 to 10 messages and wait at most 20 s."));
    }
    let messages = store
        .receive_waiting(
            queue_name(&request.queue_url),
            max_messages,
            request.visibility_timeout.map(Duration::from_secs),
            Duration::from_secs(request.wait_time_seconds),
        )
        .await?;
    Ok(json!({ "Messages": messages.iter().map(received).collect::<Vec<_>>() }))
}

fn received(message: &Message) -> Value {
    json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": md5_hex(&message.body),
        "Attributes": system_attributes(message),
        "MessageAttributes": serde_json::from_str(&message.attributes_json).unwrap_or(Value::Null),
    })
}

/// The system attributes of a message.
pub(crate) fn system_attributes(message: &Message) -> Map<String, Value> {
    [
        ("ApproximateReceiveCount", message.receive_count.to_string()),
        ("SentTimestamp", message.sent_at_ms.to_string()),
        ("ApproximateFirstReceiveTimestamp", message.first_received_at_ms.to_string()),
        ("SenderId", "000000000000".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Value::String(value)))
    .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiptEntry {
    #[serde(default)]
    id: String,
    receipt_handle: String,
}

async fn delete_message(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: ReceiptEntry = serde_json::from_slice(body)?;
    store.delete(vec![request.receipt_handle]).await?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteMessageBatchRequest {
    entries: Vec<ReceiptEntry>,
}

async fn delete_message_batch(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: DeleteMessageBatchRequest = serde_json::from_slice(body)?;
    check_batch(request.entries.iter().map(|entry| entry.id.as_str()))?;
    let successful: Vec<Value> = request.entries.iter().map(|entry| json!({ "Id": entry.id })).collect();
    store.delete(request.entries.into_iter().map(|entry| entry.receipt_handle).collect()).await?;
    Ok(json!({ "Successful": successful, "Failed": [] }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeMessageVisibilityRequest {
    receipt_handle: String,
    visibility_timeout: u64,
}

async fn change_message_visibility(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: ChangeMessageVisibilityRequest = serde_json::from_slice(body)?;
    if request.visibility_timeout > MAX_VISIBILITY_SECONDS {
        return Err(Refusal::new("InvalidParameterValue", "A message is invisible for at most 12 hours."));
    }
    let delay = Duration::from_secs(request.visibility_timeout);
    if store.change_visibility(&request.receipt_handle, delay).await? {
        Ok(json!({}))
    } else {
        Err(Refusal::new("MessageNotInflight", "The message is not in flight."))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueUrlRequest {
    queue_url: String,
}

async fn get_queue_attributes(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: QueueUrlRequest = serde_json::from_slice(body)?;
    let shape = store.shape(queue_name(&request.queue_url))?;
    let depth = store.depth(&shape.name).await?;
    let mut attributes = json!({
        "QueueArn": queue_arn(&shape.name),
        "ApproximateNumberOfMessages": depth.visible.to_string(),
        "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
        "ApproximateNumberOfMessagesDelayed": depth.delayed.to_string(),
        "VisibilityTimeout": shape.visibility_timeout.as_secs().to_string(),
    });
    if let Some(redrive) = &shape.redrive {
        attributes["RedrivePolicy"] = json!({
            "deadLetterTargetArn": queue_arn(&redrive.dead_letter_queue),
            "maxReceiveCount": redrive.max_receives,
        })
        .to_string()
        .into();
    }
    Ok(json!({ "Attributes": attributes }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueNameRequest {
    queue_name: String,
}

fn get_queue_url(store: &QueueStore, body: &[u8]) -> Result<Value, Refusal> {
    let request: QueueNameRequest = serde_json::from_slice(body)?;
    let shape = store.shape(&request.queue_name)?;
    Ok(json!({ "QueueUrl": queue_url("http://sqs.local", &shape.name) }))
}

/// MD5 of a message body in hex; senders compare it, but security does not depend on it.
pub(crate) fn md5_hex(text: &str) -> String {
    let mut md5 = Md5::new();
    md5.update(text.as_bytes());
    let digest: [u8; 16] = md5.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
