//! `POST /chat`: a question in plain English and its answer, which is always the result of a query.

use serde::{Deserialize, Serialize};

use crate::lead::Lead;
use crate::query::LeadQuery;
use crate::query::analysis::{LeadAnalysis, LeadGroup};

/// Longest question, in characters.
pub const MAX_QUESTION_CHARS: usize = 500;

/// Body of `POST /chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatRequest {
    /// The question, at most [`MAX_QUESTION_CHARS`] characters. If empty with a context, the context's query is run as
    /// it is.
    pub query: String,
    /// The context of the previous answer, for follow-up questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ChatContext>,
    /// Where the user's days begin, for "yesterday": how many minutes their clock is ahead of UTC.
    #[serde(default)]
    pub utc_offset_minutes: i32,
}

/// The context of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatContext {
    /// The query that was run.
    pub query: LeadQuery,
    /// What was asked about its leads.
    pub analysis: LeadAnalysis,
}

/// Response of `POST /chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatResponse {
    /// The answer as text, built from the result.
    pub response: String,
    /// What kind of answer it is.
    #[serde(rename = "type")]
    pub kind: ChatAnswerType,
    /// The query that was run, if one was understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<LeadQuery>,
    /// What was asked about the query's leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<LeadAnalysis>,
    /// How many leads the query matched: the list's `totalCount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_count: Option<u64>,
    /// The first leads of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads: Option<Vec<Lead>>,
    /// The first groups of a grouped result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<LeadGroup>>,
    /// How many groups there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_count: Option<u64>,
    /// Leads of a grouped result whose value is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_count: Option<u64>,
    /// The query's parts, one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ChatPart>,
    /// Questions that would work, if this one was not understood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatPart {
    /// What it asks for, as text.
    pub label: String,
    /// The query without this part.
    pub without: LeadQuery,
}

/// Kind of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatAnswerType {
    /// The question was understood and answered.
    Success,
    /// The question was not understood; the text asks back.
    Clarification,
    /// The answer could not be computed.
    Error,
}
