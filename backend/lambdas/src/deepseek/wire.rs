//! DeepSeek's wire format: <https://api-docs.deepseek.com/api/create-chat-completion>.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::language_model::{ModelError, Prompt};

/// Longest answer in tokens: a plan of a hundred columns and ten business cards both stay well below it.
const MAX_TOKENS: u32 = 4_000;

/// The body of a request.
pub(super) fn request(model: &str, prompt: &Prompt) -> String {
    json!({
        "model": model,
        "messages": [
            { "role": "system", "content": prompt.instructions },
            { "role": "user", "content": prompt.material },
        ],
        "response_format": { "type": "json_object" },
        "thinking": { "type": "disabled" },
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
        "stream": false,
    })
    .to_string()
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    finish_reason: Option<String>,
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// The JSON in a response's body. Blank lines sent to keep the connection open are JSON white space.
///
/// # Errors
/// [`ModelError::UnusableAnswer`] when the answer is truncated, empty or not a JSON object.
pub(super) fn answer(body: &[u8]) -> Result<Value, ModelError> {
    let unusable = ModelError::UnusableAnswer;
    let completion: Completion =
        serde_json::from_slice(body).map_err(|_| unusable("the response is not a completion"))?;
    let choice = completion.choices.into_iter().next().ok_or(unusable("no choice"))?;
    match choice.finish_reason.as_deref() {
        Some("stop") => {}
        Some("length") => return Err(unusable("truncated")),
        _ => return Err(unusable("not finished")),
    }
    let content = choice.message.content.unwrap_or_default();
    let text = unfenced(content.trim());
    if text.is_empty() {
        return Err(unusable("empty"));
    }
    let value: Value = serde_json::from_str(text).map_err(|_| unusable("no JSON"))?;
    if value.is_object() { Ok(value) } else { Err(unusable("not a JSON object")) }
}

/// The text inside a Markdown fence, or the text.
fn unfenced(text: &str) -> &str {
    let Some(inner) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else { return text };
    let inner = inner.strip_prefix("json").or_else(|| inner.strip_prefix("JSON")).unwrap_or(inner);
    inner.trim()
}

/// The pause a `Retry-After` header asks for, in seconds; its other form, a date, is not used by this service.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completion(finish: &str, content: &str) -> String {
        json!({ "choices": [{ "finish_reason": finish, "message": { "role": "assistant", "content": content } }] })
            .to_string()
    }

    fn check(body: &str, expected: Option<&Value>) {
        assert_eq!(answer(body.as_bytes()).ok().as_ref(), expected, "{body}");
    }

    #[test]
    fn answers_are_taken_out_of_what_surrounds_them() {
        let value = json!({ "a": 1 });
        let expected = Some(&value);
        check(&completion("stop", "{\"a\":1}"), expected);
        check(&completion("stop", "```json\n{\"a\":1}\n```"), expected);
        check(&completion("stop", " ```\n{\"a\":1}```\n"), expected);
        check(&format!("\n\n\r\n{}", completion("stop", "{\"a\":1}")), expected);
    }

    #[test]
    fn unusable_answers_are_refused() {
        check(&completion("length", "{\"a\":1}"), None);
        check(&completion("content_filter", "{\"a\":1}"), None);
        check(&completion("stop", ""), None);
        check(&completion("stop", "Sure! Here it is: {\"a\":1}"), None);
        check(&completion("stop", "[1]"), None);
        check(&completion("stop", "{\"a\":"), None);
        check("{\"choices\":[]}", None);
        check("<html>", None);
        check("", None);
    }

    #[test]
    fn the_request_is_what_json_mode_needs() {
        let prompt = Prompt { instructions: "answer in json".into(), material: "m".into() };
        let body: Value = serde_json::from_str(&request("deepseek-v4-flash", &prompt)).unwrap();
        assert_eq!(body["response_format"]["type"], "json_object");
        assert_eq!(body["thinking"]["type"], "disabled");
        assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(0), &json!(4000)));
        assert_eq!(body["messages"][1], json!({ "role": "user", "content": "m" }));
    }

    #[test]
    fn pauses_are_read() {
        assert_eq!(retry_after(" 3 "), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), None);
    }
}
