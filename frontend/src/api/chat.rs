//! Questions.

use easy_crm_shared::chat::ChatAnswerType;
use easy_crm_shared::lead::Lead;
use easy_crm_shared::query::analysis::LeadGroup;
use easy_crm_shared::routes;
use serde::Deserialize;

use super::json::RawJson;
use super::{ApiError, Client, json};

/// An answer, as far as the page looks into it: `easy_crm_shared::chat::ChatResponse`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    pub(crate) response: String,
    #[serde(rename = "type")]
    pub(crate) kind: ChatAnswerType,
    #[serde(default)]
    pub(crate) query: Option<RawJson>,
    #[serde(default)]
    pub(crate) analysis: Option<RawJson>,
    #[serde(default)]
    pub(crate) result_count: Option<u64>,
    #[serde(default)]
    pub(crate) leads: Vec<Lead>,
    #[serde(default)]
    pub(crate) groups: Vec<LeadGroup>,
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    #[serde(default)]
    pub(crate) suggestions: Vec<String>,
}

/// A part of an answer's query.
#[derive(Clone, Deserialize)]
pub(crate) struct Part {
    pub(crate) label: String,
    /// The query without it.
    pub(crate) without: RawJson,
}

/// What a question goes on from: a query and what was asked about its leads.
pub(crate) type Context = (RawJson, RawJson);

/// Asks. An empty question runs the context as it is.
pub(crate) async fn ask(
    client: Client,
    question: &str,
    context: Option<&Context>,
    utc_offset_minutes: i32,
) -> Result<Answer, ApiError> {
    let question = json::to_string(&question).map_err(|_| ApiError::Unreadable)?;
    let context = context.map_or_else(String::new, |(query, analysis)| {
        format!(",\"context\":{{\"query\":{},\"analysis\":{}}}", query.0, analysis.0)
    });
    let body = format!("{{\"query\":{question},\"utcOffsetMinutes\":{utc_offset_minutes}{context}}}");
    client.post(routes::CHAT.to_owned(), body).await
}
