//! `POST /chat`: a question in plain English and its answer, which is always a query's result.

use serde::{Deserialize, Serialize};

use crate::lead::Lead;
use crate::query::LeadQuery;

/// Longest question, in characters.
pub const MAX_QUESTION_CHARS: usize = 500;

/// Body of `POST /chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The question, at most [`MAX_QUESTION_CHARS`] characters.
    pub query: String,
    /// The query of the previous answer, for follow-up questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<LeadQuery>,
}

/// Answer of `POST /chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatResponse {
    /// The answer as text, built from the result.
    pub response: String,
    /// What kind of answer it is.
    #[serde(rename = "type")]
    pub kind: ChatAnswerType,
    /// The query that was run, where one was understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<LeadQuery>,
    /// How many leads (or groups) the query matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_count: Option<u64>,
    /// The first leads of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads: Option<Vec<Lead>>,
    /// The groups of a grouped result, largest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Group>>,
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

/// One group of a grouped answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The value its leads share.
    pub key: String,
    /// How many leads share it.
    pub count: u64,
}
