//! The event JSON of SQS deliveries.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use aws_lambda_events::sqs::SqsEvent;
use serde_json::{Value, json};

use crate::stand_ins::queue_protocol::{md5_hex, queue_arn, system_attributes};
use crate::stand_ins::queue_store::Message;

/// The event Lambda would receive. It is passed through JSON, so that the handlers see what a real delivery looks like.
///
/// # Errors
/// When the JSON is not what the event type expects.
pub(super) fn sqs_event(queue: &str, messages: &[Message]) -> Result<SqsEvent, serde_json::Error> {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message.message_id,
                "receiptHandle": message.receipt_handle,
                "body": message.body,
                "attributes": system_attributes(message),
                "messageAttributes": message_attributes(&message.attributes_json),
                "md5OfBody": md5_hex(&message.body),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn(queue),
                "awsRegion": crate::REGION,
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records }))
}

/// Attributes in the spelling of events: camel case, with the lists that are always present.
fn message_attributes(attributes_json: &str) -> Value {
    let Ok(Value::Object(attributes)) = serde_json::from_str(attributes_json) else { return json!({}) };
    attributes
        .into_iter()
        .map(|(name, value)| {
            let mut spelled = json!({
                "dataType": value["DataType"],
                "stringListValues": [],
                "binaryListValues": [],
            });
            for (from, to) in [("StringValue", "stringValue"), ("BinaryValue", "binaryValue")] {
                if !value[from].is_null() {
                    spelled[to] = value[from].clone();
                }
            }
            (name, spelled)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_a_record() {
        let message = Message {
            message_id: "m1".to_owned(),
            receipt_handle: "r1".to_owned(),
            body: "{}".to_owned(),
            attributes_json: r#"{"uploadId":{"DataType":"String","StringValue":"u1"}}"#.to_owned(),
            sent_at_ms: 1,
            first_received_at_ms: 2,
            receive_count: 3,
        };
        let event = sqs_event("batches", &[message]).unwrap();
        let record = &event.records[0];
        assert_eq!(record.message_id.as_deref(), Some("m1"));
        assert_eq!(record.attributes["ApproximateReceiveCount"], "3");
        assert_eq!(record.event_source_arn.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:batches"));
        assert_eq!(record.md5_of_body.as_deref(), Some("99914b932bd37a50b983c5e7c90ae93b"));
        assert_eq!(record.message_attributes["uploadId"].string_value.as_deref(), Some("u1"));
    }
}
