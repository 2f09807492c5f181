//! Events as an attacker, a broken service or a future version of one would send them: every damaged copy of good ones is read or
//! refused, and what is read of it is no more than it says.

use lambda_http::RequestExt as _;
use serde_json::{Value, json};

use crate::aws::batch_queue::BatchQueue;
use crate::handlers::lead_splitter::{Invocation, failed_uploads, upload_ids};
use crate::http::{Claims, JsonObject, entity_tags, number_parameter};
use crate::lead_query;

/// Damaged copies of each event.
const COPIES: u32 = 1_500;

/// A small generator (xorshift): the same damage at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or(0)
    }
}

/// Values that are not expected anywhere.
fn strange(dice: &mut Dice) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{feff}\u{202e}%00%zz%"),
        json!("uploads/../../etc/passwd"),
        json!("x".repeat(10_000)),
        json!([]),
        json!([[[[[[[[]]]]]]]]),
        json!({}),
        json!({ "sub": { "sub": "x" } }),
    ];
    values[dice.below(values.len())].clone()
}

/// Puts something strange somewhere, takes something away, or doubles it.
fn damage(value: &mut Value, dice: &mut Dice) {
    let deeper = dice.below(5) > 0;
    match value {
        Value::Object(map) if deeper && !map.is_empty() => {
            let at = dice.below(map.len());
            let Some(name) = map.keys().nth(at).cloned() else { return };
            match dice.below(12) {
                0 => drop(map.remove(&name)),
                1 => drop(map.insert(format!("{name}2"), strange(dice))),
                _ => {
                    if let Some(inner) = map.get_mut(&name) {
                        damage(inner, dice);
                    }
                }
            }
        }
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = dice.below(list.len());
            if dice.below(6) == 0 {
                let copy = list[at].clone();
                list.push(copy);
            } else {
                damage(&mut list[at], dice);
            }
        }
        value => *value = strange(dice),
    }
}

/// As text, sometimes with a byte that is not JSON any more.
fn text_of(value: &Value, dice: &mut Dice) -> String {
    let mut text = value.to_string();
    if dice.below(4) == 0 {
        let mut at = dice.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match dice.below(3) {
            0 => text.truncate(at),
            1 => text.insert(at, ['"', '{', ']', '\\', '9', '\u{7f}'][dice.below(6)]),
            _ => text.insert_str(at, "\\ud800"),
        }
    }
    text
}

fn damaged(events: &[Value], mut check: impl FnMut(&str) -> bool) -> (u32, u32) {
    let (mut read, mut refused) = (0, 0);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for event in events {
        assert!(check(&event.to_string()), "the event itself: {event}");
        for _ in 0..COPIES {
            let mut copy = event.clone();
            for _ in 0..=dice.below(3) {
                damage(&mut copy, &mut dice);
            }
            if check(&text_of(&copy, &mut dice)) { read += 1 } else { refused += 1 }
        }
    }
    (read, refused)
}

fn object_created() -> Value {
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventTime": "2026-01-31T09:30:00.000Z",
        "eventName": "ObjectCreated:Put", "userIdentity": { "principalId": "x" },
        "requestParameters": { "sourceIPAddress": "10.0.0.1" },
        "s3": { "bucket": { "name": "b" }, "object": { "key": "uploads%2Fa+b%C3%BC", "size": 5, "eTag": "e" } },
    }]})
}

fn batch() -> Value {
    json!({ "uploadId": "u", "batchIndex": 3, "rowCount": 7, "batchKey": "batches/u/3", "rows": [1, 2] })
}

#[test]
fn events_of_objects_and_queues() {
    let queue = json!({ "Records": [{
        "messageId": "m", "receiptHandle": "r", "body": json!({ "requestPayload": object_created() }).to_string(),
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:x:1:q-dlq", "awsRegion": "x",
    }]});
    let (read, refused) = damaged(&[object_created(), queue], |text| match serde_json::from_str(text) {
        Ok(Invocation::Arrived(event)) => {
            for upload_id in upload_ids(event) {
                assert!(!upload_id.is_empty(), "{text}");
            }
            true
        }
        Ok(Invocation::GivenUp(event)) => {
            for message in event.records {
                drop(failed_uploads(message.body.as_deref().unwrap_or_default()));
            }
            true
        }
        Err(_) => false,
    });
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn bodies_of_failures_and_batches() {
    let undelivered = json!({ "detail": { "object": { "key": "uploads/u2" } } });
    let failures = [json!({ "requestPayload": object_created() }), object_created(), undelivered];
    let (read, refused) = damaged(&failures, |text| failed_uploads(text).is_some());
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    let (read, refused) = damaged(&[batch()], |text| BatchQueue::label(text).is_some());
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn requests_of_the_gateway() {
    let query = r#"{"q":"ada","where":{"all":[{"field":"title","op":"isEmpty"}]},"limit":3}"#;
    let event = json!({
        "resource": "/leads/{leadId}", "path": "/leads/x", "httpMethod": "PATCH", "isBase64Encoded": false,
        "headers": { "If-None-Match": "W/\"a\"", "Host": "h" }, "multiValueHeaders": { "Host": ["h"] },
        "queryStringParameters": { "page": "2", "query": query },
        "multiValueQueryStringParameters": { "page": ["2"], "query": [query] },
        "pathParameters": { "leadId": "x" }, "stageVariables": null,
        "requestContext": { "stage": "dev", "httpMethod": "PATCH", "requestId": "r", "path": "/dev/leads/x",
            "authorizer": { "claims": { "sub": "user", "token_use": "id" } } },
        "body": "{\"updatedAt\":\"2026-01-31T09:30:00Z\",\"fields\":{\"title\":\"CEO\"}}",
    });
    let mut let_in = 0;
    let (read, refused) = damaged(&[event], |text| {
        let Ok(request) = lambda_http::request::from_str(text) else { return false };
        if let Ok(claims) = Claims::of(&request) {
            let_in += 1;
            assert!(!claims.user_id.is_empty() && text.contains("token_use"), "{text}");
        }
        let parameters = request.query_string_parameters();
        if let Ok(query) = lead_query::of_parameters(&parameters) {
            drop(easy_crm_domain::lead_index::CompiledQuery::new(&query, jiff::Timestamp::UNIX_EPOCH));
        }
        if let Ok(page) = number_parameter(&request, "page", 1_u64, 1..=100) {
            assert!((1..=100).contains(&page), "{text}");
        }
        if let Ok(object) = JsonObject::of(&request) {
            drop((object.text("updatedAt"), object.count("fields"), object.optional_text("x")));
        }
        let _ = entity_tags(&request).is_known("W/\"a\"");
        true
    });
    assert!(read > 100 && refused > 100 && let_in > 100, "{read} read, {refused} refused, {let_in} let in");
}
