//! Records which calls each function makes, in IAM's terms, so that a test can compare them with the templates' roles.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::counters::CallClock;

/// The caller recorded when a browser uses a presigned URL.
const PRESIGNED: &str = "presigned";

/// A call, as IAM sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedCall {
    /// The function that made it; `presigned` for a browser with a presigned URL.
    pub function: String,
    /// The action that must be allowed, e.g. `dynamodb:PutItem`.
    pub action: String,
    /// The resource: `table/<name>`, `table/<name>/index/<name>`, `<bucket>`, `<bucket>/<key>` or a queue's name.
    pub resource: String,
}

/// Calls so far.
#[derive(Debug, Default)]
pub(crate) struct CallRecorder {
    calls: Mutex<BTreeSet<RecordedCall>>,
}

impl CallRecorder {
    /// Records a DynamoDB call. A transaction counts as one call per item.
    pub(crate) fn dynamodb(&self, operation: &str, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        if operation == "TransactWriteItems" {
            for item in body["TransactItems"].as_array().into_iter().flatten() {
                for (kind, action) in [
                    ("Put", "PutItem"),
                    ("Update", "UpdateItem"),
                    ("Delete", "DeleteItem"),
                    ("ConditionCheck", "ConditionCheckItem"),
                ] {
                    if let Some(table) = item[kind]["TableName"].as_str() {
                        self.add(&format!("dynamodb:{action}"), format!("table/{table}"));
                    }
                }
            }
            return;
        }
        if operation == "ExecuteStatement" {
            // SELECT … FROM "table"."index" …
            let statement = body["Statement"].as_str().unwrap_or_default();
            let mut names = statement.split('"').skip(1).step_by(2);
            let (table, index) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
            self.add("dynamodb:PartiQLSelect", format!("table/{table}/index/{index}"));
            return;
        }
        let action = format!("dynamodb:{operation}");
        if let Some(tables) = body["RequestItems"].as_object() {
            for table in tables.keys() {
                self.add(&action, format!("table/{table}"));
            }
            return;
        }
        let mut resource = format!("table/{}", body["TableName"].as_str().unwrap_or_default());
        if let Some(index) = body["IndexName"].as_str() {
            resource.push_str(&format!("/index/{index}"));
        }
        self.add(&action, resource);
    }

    /// Records an SQS call.
    pub(crate) fn sqs(&self, operation: &str, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
        let queue = body["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        // A batch of messages needs the same permission as a single one.
        self.add(&format!("sqs:{}", operation.trim_end_matches("Batch")), queue.to_owned());
    }

    /// Records an S3 call. `missing` means that the object did not exist, which S3 tells only those who may list the
    /// bucket.
    pub(crate) fn s3(&self, operation: &str, path: &str, missing: bool) {
        let path = path.trim_matches('/').to_owned();
        let action = match operation {
            // Without a key, the request is about the bucket.
            "GET" if !path.contains('/') => "ListBucket",
            "HEAD" | "HeadObject" | "GET" | "GetObject" => "GetObject",
            "ListObjectsV2" => "ListBucket",
            "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" | "PUT" => "PutObject",
            other => other,
        };
        if missing {
            let bucket = path.split('/').next().unwrap_or_default();
            self.add("s3:ListBucket", bucket.to_owned());
        }
        self.add(&format!("s3:{action}"), path);
    }

    fn add(&self, action: &str, resource: String) {
        let function = CallClock::current_function().unwrap_or(PRESIGNED);
        // Event sources also name what they deliver: "lead-splitter, given up".
        let function = function.split(',').next().unwrap_or_default().to_owned();
        let call = RecordedCall { function, action: action.to_owned(), resource };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(call);
    }

    /// The calls so far, without duplicates.
    pub(crate) fn snapshot(&self) -> BTreeSet<RecordedCall> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
