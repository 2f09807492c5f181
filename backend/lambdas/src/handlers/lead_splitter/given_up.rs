//! Uploads that failed every time: this function's on-failure destination is a queue that it reads itself, to end those
//! uploads and tell the user.

use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use easy_crm_shared::status::UploadErrorCode;
use serde::Deserialize;

use super::{split, upload_ids};
use crate::app::App;
use crate::aws::AwsError;
use crate::aws::files::Files;

/// The message for the user.
const MESSAGE: &str = "This file could not be processed because of a problem on our side. Please upload it again; \
                       nothing is stored twice.";

/// A message of that queue.
#[derive(Deserialize)]
#[serde(untagged)]
enum Failure {
    /// Lambda's record of an asynchronous invocation that failed every time.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    Invocation {
        #[serde(rename = "requestPayload")]
        request_payload: S3Event,
    },
    /// An event that EventBridge could not deliver, in its form before the rule transformed it.
    Undelivered { detail: Detail },
    /// The event itself.
    Event(S3Event),
}

#[derive(Deserialize)]
struct Detail {
    object: DetailObject,
}

#[derive(Deserialize)]
struct DetailObject {
    /// Not encoded, unlike the keys of S3 events.
    key: String,
}

/// Ends the uploads; returns the messages to be redelivered.
pub(super) async fn handle(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let failure = message.body.as_deref().unwrap_or_default();
        if let Err(error) = give_up(app, failure).await {
            tracing::error!(%error, "an upload could not be given up, to be delivered again");
            let mut failed = BatchItemFailure::default();
            failed.item_identifier = message.message_id.unwrap_or_default();
            response.batch_item_failures.push(failed);
        }
    }
    response
}

async fn give_up(app: &App, failure: &str) -> Result<(), AwsError> {
    let Some(upload_ids) = failed_uploads(failure) else {
        tracing::error!("a failure that names no upload was dropped");
        return Ok(());
    };
    for upload_id in upload_ids {
        let record = app.statuses.get(&upload_id, app.now()).await?;
        if record.is_some_and(|record| record.must_send_batches()) {
            // Its rows are already counted, and some batches may be stored: resume where it stopped.
            split(app, &upload_id).await?;
        } else if app.statuses.fail(&upload_id, UploadErrorCode::ProcessingFailed, MESSAGE, app.now()).await?
        {
            tracing::error!(%upload_id, "upload given up");
        }
    }
    Ok(())
}

pub(crate) fn failed_uploads(failure: &str) -> Option<Vec<String>> {
    match serde_json::from_str(failure).ok()? {
        Failure::Invocation { request_payload: event } | Failure::Event(event) => Some(upload_ids(event)),
        Failure::Undelivered { detail } => {
            Some(Files::upload_id_of(&detail.object.key).map(str::to_owned).into_iter().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failure: &str, expected: Option<&[&str]>) {
        let found = failed_uploads(failure);
        let found: Option<Vec<&str>> = found.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
        assert_eq!(found.as_deref(), expected, "{failure}");
    }

    #[test]
    fn every_shape_of_failure_names_its_upload() {
        let event = r#"{"Records":[{"eventTime":"2026-01-31T09:30:00Z","userIdentity":{},"requestParameters":{},
            "s3":{"bucket":{"name":"b"},"object":{"key":"uploads/u1","size":1}}}]}"#;
        check(event, Some(&["u1"]));
        let invocation = format!(
            r#"{{"version":"1.0","requestContext":{{"condition":"RetriesExhausted","approximateInvokeCount":3}},
            "requestPayload":{event},"responseContext":{{"statusCode":200,"functionError":"Unhandled"}}}}"#
        );
        check(&invocation, Some(&["u1"]));
        check(
            r#"{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"uploads/u2"}}}"#,
            Some(&["u2"]),
        );
        check(r#"{"detail":{"object":{"key":"exports/e"}}}"#, Some(&[]));
        check("{}", None);
        check("no JSON", None);
    }
}
