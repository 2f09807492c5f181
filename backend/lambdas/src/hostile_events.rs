//! Events as an attacker, a broken service or a future version might send them: any text is either read or refused, and
//! nothing is read that it does not say. The tests damage valid events; a fuzz target (`fuzz/`) sends arbitrary text.

use lambda_http::RequestExt as _;

use crate::api_gateway;
use crate::aws::batch_queue::BatchQueue;
use crate::handlers::lead_splitter::{Invocation, failed_uploads, upload_ids};
use crate::http::{Claims, JsonObject, entity_tags, number_parameter};
use crate::lead_query;

/// Reads the text as an event from S3 or the dead-letter queue for `lead-splitter`. Returns whether it is one.
#[must_use]
pub fn invocation(text: &str) -> bool {
    match serde_json::from_str(text) {
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
    }
}

/// Reads the text as the body of a dead letter about a file. Returns whether it is one.
#[must_use]
pub fn failure(text: &str) -> bool {
    failed_uploads(text).is_some()
}

/// Reads the text as the body of a batch message. Returns whether it names a batch.
#[must_use]
pub fn batch(text: &str) -> bool {
    BatchQueue::label(text).is_some()
}

/// Reads the text as a request from API Gateway, in every way a handler does. `None` if it is not a request, otherwise
/// whether the user is signed in.
#[must_use]
pub fn request(text: &str) -> Option<bool> {
    let request = api_gateway::request(text).ok()?;
    let claims = Claims::from_request(&request).ok();
    if let Some(claims) = &claims {
        assert!(!claims.user_id.is_empty() && text.contains("token_use"), "{text}");
    }
    let parameters = request.query_string_parameters();
    if let Ok(query) = lead_query::of_parameters(&parameters) {
        drop(easy_crm_domain::lead_index::CompiledQuery::new(&query, jiff::Timestamp::UNIX_EPOCH));
    }
    if let Ok(page) = number_parameter(&request, "page", 1_u64, 1..=100) {
        assert!((1..=100).contains(&page), "{text}");
    }
    if let Ok(object) = JsonObject::from_request(&request) {
        drop((object.text("updatedAt"), object.count("fields"), object.optional_text("x")));
    }
    let _ = entity_tags(&request).is_known("W/\"a\"");
    Some(claims.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Damaged copies of each event.
    const COPIES: u32 = 1_500;

    /// A small generator (xorshift): the same damage in every run.
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

    /// Inserts something strange, removes something, or duplicates it.
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

    /// Serialises the value, sometimes with a byte that makes it invalid JSON.
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

    /// Valid events, the seeds of the fuzz target.
    macro_rules! seeds {
        ($($name:literal),+) => {
            [$(serde_json::from_str(include_str!(concat!("../../../fuzz/seeds/events/", $name, ".json"))).unwrap()),+]
        };
    }

    #[test]
    fn events_of_objects_and_queues() {
        let (read, refused) = damaged(&seeds!["object_created", "dead_letter"], invocation);
        assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    }

    #[test]
    fn bodies_of_failures_and_batches() {
        let (read, refused) = damaged(&seeds!["failure", "object_created", "undelivered"], failure);
        assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
        let (read, refused) = damaged(&seeds!["batch"], batch);
        assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
    }

    #[test]
    fn requests_of_the_gateway() {
        let mut let_in = 0;
        let (read, refused) = damaged(&seeds!["request"], |text| {
            let is_let_in = request(text);
            let_in += u32::from(is_let_in == Some(true));
            is_let_in.is_some()
        });
        assert!(
            read > 100 && refused > 100 && let_in > 100,
            "{read} read, {refused} refused, {let_in} let in"
        );
    }
}
