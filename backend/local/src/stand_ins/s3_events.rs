//! The event S3 sends when an object is created, as JSON.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use jiff::Timestamp;
use serde_json::{Value, json};

/// An object that was just created.
#[derive(Debug)]
pub(crate) struct ObjectCreated<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) size: u64,
    /// The `ETag` without its quotes.
    pub(crate) etag: &'a str,
    pub(crate) time: Timestamp,
}

/// The event's JSON.
pub(crate) fn object_created(object: &ObjectCreated<'_>) -> Value {
    let request_id = uuid::Uuid::new_v4().simple().to_string();
    json!({
        "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": crate::REGION,
            "eventTime": format!("{:.3}", object.time),
            "eventName": "ObjectCreated:Put",
            "userIdentity": { "principalId": "AWS:LOCAL" },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": request_id, "x-amz-id-2": request_id },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "lead-splitter",
                "bucket": {
                    "name": object.bucket,
                    "ownerIdentity": { "principalId": "LOCAL" },
                    "arn": format!("arn:aws:s3:::{}", object.bucket),
                },
                "object": {
                    "key": encode_key(object.key),
                    "size": object.size,
                    "eTag": object.etag,
                    "sequencer": format!("{:016X}", object.time.as_microsecond()),
                },
            },
        }],
    })
}

/// Keys in events are form-urlencoded except for slashes.
fn encode_key(key: &str) -> String {
    key.split('/')
        .map(|segment| form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_form_urlencoded() {
        let event = object_created(&ObjectCreated {
            bucket: "files",
            key: "uploads/a b+ü",
            size: 3,
            etag: "e",
            time: Timestamp::UNIX_EPOCH,
        });
        assert_eq!(event["Records"][0]["s3"]["object"]["key"], "uploads/a+b%2B%C3%BC");
        assert_eq!(event["Records"][0]["eventTime"], "1970-01-01T00:00:00.000Z");
        let parsed: aws_lambda_events::s3::S3Event = serde_json::from_value(event).unwrap();
        let object = &parsed.records[0].s3.object;
        assert_eq!((object.size, object.key.as_deref()), (Some(3), Some("uploads/a+b%2B%C3%BC")));
    }
}
