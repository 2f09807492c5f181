//! What a language model is asked when the grammar does not understand a question, and what is used of its answer.
//!
//! It sees the question, the previous query and today's date: never a lead. Its answer is a query or nothing, and every
//! value in it has to occur in what the user typed.

use easy_crm_shared::chat::ChatContext;
use easy_crm_shared::query::LeadQuery;
use easy_crm_shared::query::analysis::LeadAnalysis;
use easy_crm_shared::query::condition::Condition;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::lead_index::{CompiledQuery, fold_text};

/// What to do, and the format of the answer.
pub const INSTRUCTIONS: &str = include_str!("../../data/chat/model_instructions.txt");

/// Why an answer is not used; for the model, never for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// The model says that the question cannot become a query.
    Refused,
    /// The answer is wrong in the way described.
    Wrong(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    query: Option<LeadQuery>,
    #[serde(default)]
    analysis: Option<LeadAnalysis>,
    #[serde(default)]
    unclear: bool,
}

/// The material of a request as JSON text. `problem` is what was wrong with the previous answer.
#[must_use]
pub fn material(
    question: &str,
    context: Option<&ChatContext>,
    now: Timestamp,
    utc_offset_minutes: i32,
    problem: Option<&str>,
) -> String {
    let mut material = json!({
        "question": question,
        "today": super::dates::today(now, utc_offset_minutes).to_string(),
    });
    if let Some(context) = context {
        material["previous"] = json!(context);
    }
    if let Some(problem) = problem {
        material["problemWithYourLastAnswer"] = json!(problem);
    }
    material.to_string()
}

/// Parses an answer into a query.
///
/// # Errors
/// When the answer is not a query within the limits, or contains a value nobody typed.
pub fn parse(
    answer: Value,
    question: &str,
    context: Option<&ChatContext>,
    now: Timestamp,
    utc_offset_minutes: i32,
) -> Result<ChatContext, Unusable> {
    if !answer.is_object() {
        return Err(Unusable::Wrong("answer with one JSON object".to_owned()));
    }
    let answer: Answer =
        serde_json::from_value(answer).map_err(|error| Unusable::Wrong(error.to_string()))?;
    let mut query = match answer.query {
        Some(query) if !answer.unclear => query,
        _ => return Err(Unusable::Refused),
    };
    query.utc_offset_minutes = utc_offset_minutes;
    let analysis = answer.analysis.unwrap_or_default();
    let wrong = |error: easy_crm_shared::query::QueryError| Unusable::Wrong(error.to_string());
    CompiledQuery::new(&query, now).map_err(wrong)?;
    analysis.validate().map_err(wrong)?;
    let typed = typed(question, context);
    let mut values: Vec<&str> = query.filters.values().map(String::as_str).collect();
    values.extend(query.q.split_whitespace());
    let known = match &query.condition {
        Some(condition) => collect(condition, &mut values),
        None => true,
    };
    if !known {
        return Err(Unusable::Wrong("ids and uploadId cannot be asked for".to_owned()));
    }
    match values.into_iter().find(|value| !typed.contains(&fold_text(value.trim()))) {
        Some(_) => Err(Unusable::Wrong("every value has to occur literally in the question".to_owned())),
        None => Ok(ChatContext { query, analysis }),
    }
}

/// All text values from the user, folded.
fn typed(question: &str, context: Option<&ChatContext>) -> String {
    let mut typed = fold_text(question);
    if let Some(context) = context {
        let mut values: Vec<&str> = context.query.filters.values().map(String::as_str).collect();
        values.push(&context.query.q);
        if let Some(condition) = &context.query.condition {
            collect(condition, &mut values);
        }
        for value in values {
            typed.push('\n');
            typed.push_str(&fold_text(value));
        }
    }
    typed
}

/// Gathers the text values of a condition; `false` if it names leads or uploads.
fn collect<'a>(condition: &'a Condition, values: &mut Vec<&'a str>) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let mut known = true;
            for part in parts {
                known &= collect(part, values);
            }
            known
        }
        Condition::Not(part) => collect(part, values),
        Condition::Text { test, .. } => {
            values.extend(test.value());
            true
        }
        Condition::Date { .. } | Condition::SharedBy(_) => true,
        Condition::Ids(_) | Condition::UploadId(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: Value) -> Result<ChatContext, Unusable> {
        let question = "folks over at Acme who never gave us a number";
        parse(answer, question, None, Timestamp::UNIX_EPOCH, 60)
    }

    #[test]
    fn a_query_is_taken() {
        let condition = json!({ "field": "company", "op": "contains", "value": "acme" });
        let read = read(json!({ "query": { "where": condition }, "analysis": "count" })).unwrap();
        assert_eq!(read.analysis, LeadAnalysis::Count);
        assert_eq!(read.query.utc_offset_minutes, 60);
    }

    #[test]
    fn anything_else_is_not() {
        let condition = |condition: Value| json!({ "query": { "where": condition } });
        for answer in [
            json!({ "query": { "sql": "drop table" } }),
            json!({ "text": "42 leads" }),
            json!([]),
            json!("hello"),
            condition(json!({ "field": "company", "op": "contains", "value": "Siemens" })),
            condition(json!({ "ids": [] })),
            condition(json!({ "not": { "uploadId": "acme" } })),
            condition(json!({ "field": "createdAt", "from": "Acme" })),
            json!({ "query": { "q": "secret" } }),
            json!({ "query": {}, "analysis": { "groupBy": { "by": "company", "limit": 100_000 } } }),
        ] {
            assert!(matches!(read(answer.clone()), Err(Unusable::Wrong(_))), "{answer}");
        }
        assert_eq!(read(json!({ "unclear": true })), Err(Unusable::Refused));
        assert_eq!(read(json!({ "unclear": true, "query": {} })), Err(Unusable::Refused));
    }
}
