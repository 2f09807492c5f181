//! `chatbot`: turns a question into a query, which the list's engine runs, and makes the answer from the result.
//!
//! The grammar reads the question; what it cannot read goes to the language model, with the schema but without any
//! lead. The model's answer is used only if it is a valid query. For a question that is not understood, examples are
//! suggested.

use std::time::{Duration, Instant};

use easy_crm_domain::chat::{self, Parsed, Unclear, answer, model};
use easy_crm_domain::lead_index::{CompiledQuery, LeadIndex};
use easy_crm_shared::chat::{
    ChatAnswerType, ChatContext, ChatPart, ChatRequest, ChatResponse, MAX_QUESTION_CHARS,
};
use easy_crm_shared::error::ErrorCode;
use easy_crm_shared::lead::{Lead, LeadField};
use easy_crm_shared::query::analysis::{LeadAnalysis, LeadGroups};
use easy_crm_shared::query::condition::{Condition, TextTest};
use easy_crm_shared::query::{LeadQuery, MAX_UTC_OFFSET_MINUTES};
use jiff::Timestamp;
use lambda_http::{Body, Error, Request, Response};
use strum::IntoEnumIterator as _;

use crate::app::App;
use crate::config::DataPolicy;
use crate::error::ApiError;
use crate::http::{Claims, answer as respond, json};
use crate::language_model::Prompt;
use crate::rate_limit::Limited;

/// Leads in an answer; the list shows the others.
const FIRST_LEADS: u32 = 5;
/// Maximum time for an answer.
const DEADLINE: Duration = Duration::from_secs(20);
/// Number of model answers considered: the second one is its repair of the first.
const ANSWERS: u32 = 2;

/// Handles `POST /chat`.
///
/// # Errors
/// When not even an error response can be built.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Error> {
    let result = ask(app, &request).await;
    respond(app, result)
}

async fn ask(app: &App, request: &Request) -> Result<Response<Body>, ApiError> {
    let claims = Claims::from_request(request)?;
    let asked = parse(request)?;
    app.count_request(&claims.user_id, Limited::Chat).await?;
    let response = match tokio::time::timeout(DEADLINE, respond_to(app, &asked)).await {
        Ok(response) => response?,
        Err(_) => {
            tracing::error!("a question took too long");
            let response = "That took too long. Please try again in a moment.".to_owned();
            plain(ChatAnswerType::Error, response)
        }
    };
    json(200, &response)
}

fn parse(request: &Request) -> Result<ChatRequest, ApiError> {
    let asked: ChatRequest = serde_json::from_slice(request.body().as_ref()).map_err(|_| {
        ApiError::client(
            ErrorCode::InvalidRequest,
            "The body must be JSON like {\"query\": \"How many leads do we have?\"}.",
        )
    })?;
    if asked.query.trim().is_empty() && asked.context.is_none() {
        return Err(ApiError::field("query", Unclear::Empty.reason()));
    }
    if asked.query.chars().count() > MAX_QUESTION_CHARS {
        return Err(ApiError::field("query", Unclear::TooLong.reason()));
    }
    if asked.utc_offset_minutes.abs() > MAX_UTC_OFFSET_MINUTES {
        return Err(ApiError::field(
            "utcOffsetMinutes",
            "utcOffsetMinutes is not the offset of any time zone.",
        ));
    }
    if let Some(context) = &asked.context {
        let checked = context.query.validate().and_then(|()| context.analysis.validate());
        checked.map_err(|error| ApiError::field("context", error.to_string()))?;
    }
    Ok(asked)
}

async fn respond_to(app: &App, asked: &ChatRequest) -> Result<ChatResponse, ApiError> {
    let now = app.now();
    let context = asked.context.as_ref();
    if let (Some(context), "") = (context, asked.query.trim()) {
        return run(app, context.clone(), now).await;
    }
    match chat::parse(&asked.query, context, now, asked.utc_offset_minutes) {
        Parsed::Understood(understood) => run(app, understood, now).await,
        Parsed::Unclear(why) => {
            let said = if why.may_ask_model() { ask_model(app, asked, now).await } else { None };
            match said {
                Some(understood) => run(app, understood, now).await,
                None => clarify(app, why, now).await,
            }
        }
    }
}

/// The model's query for a question, if it gives a valid one.
async fn ask_model(app: &App, asked: &ChatRequest, now: Timestamp) -> Option<ChatContext> {
    if app.config.model.policy == DataPolicy::Off {
        return None;
    }
    let deadline = Instant::now() + app.config.model.deadlines.chat;
    let (context, offset) = (asked.context.as_ref(), asked.utc_offset_minutes);
    let mut problem: Option<String> = None;
    for _ in 0..ANSWERS {
        let prompt = Prompt {
            instructions: model::INSTRUCTIONS.to_owned(),
            material: model::material(&asked.query, context, now, offset, problem.as_deref()),
        };
        let said = match app.model.answer(&prompt, deadline).await {
            Ok(said) => said,
            Err(error) => {
                tracing::warn!(%error, "no answer about a question");
                return None;
            }
        };
        match model::parse(said, &asked.query, context, now, offset) {
            Ok(understood) => return Some(understood),
            Err(model::Unusable::Refused) => return None,
            Err(model::Unusable::Wrong(why)) => problem = Some(why),
        }
    }
    tracing::info!("the language model's answer is no query");
    None
}

struct Found {
    leads: Vec<Lead>,
    count: u64,
    groups: Option<LeadGroups>,
}

/// Runs a query the way the list does.
async fn run(app: &App, understood: ChatContext, now: Timestamp) -> Result<ChatResponse, ApiError> {
    let ChatContext { query, analysis } = understood;
    let compiled = CompiledQuery::new(&query, now)?;
    let work = move |index: &LeadIndex| {
        let list = index.list(&compiled, 1, FIRST_LEADS);
        let groups = match &analysis {
            LeadAnalysis::GroupBy(by) => Some(index.groups(&compiled, by)),
            LeadAnalysis::List | LeadAnalysis::Count => None,
        };
        Found { leads: list.leads, count: list.total_count, groups }
    };
    let (Found { leads, count, groups }, _) = app.lead_list.read(now, Some(now), work).await?;
    let (group_count, missing_count) =
        groups.as_ref().map(|groups| (groups.group_count, groups.missing_count)).unzip();
    Ok(ChatResponse {
        response: answer::text(&query, &analysis, count, groups.as_ref()),
        kind: ChatAnswerType::Success,
        result_count: Some(count),
        leads: Some(leads),
        groups: groups.map(|groups| groups.groups),
        group_count,
        missing_count,
        parts: answer::parts(&query)
            .into_iter()
            .map(|(label, without)| ChatPart { label, without })
            .collect(),
        suggestions: Vec::new(),
        query: Some(query),
        analysis: Some(analysis),
    })
}

/// Asks back, with examples that work on the existing leads.
async fn clarify(app: &App, why: Unclear, now: Timestamp) -> Result<ChatResponse, ApiError> {
    let mut present = Vec::new();
    for field in LeadField::iter() {
        let condition = Condition::Text { field: field.into(), test: TextTest::IsNotEmpty };
        let query = LeadQuery { condition: Some(condition), limit: Some(1), ..LeadQuery::default() };
        present.push((field, CompiledQuery::new(&query, now)?));
    }
    let work = move |index: &LeadIndex| {
        let has = present.iter().filter(|(_, query)| index.count(query) > 0);
        has.map(|(field, _)| *field).collect::<Vec<LeadField>>()
    };
    let (present, _) = app.lead_list.read(now, None, work).await?;
    let examples = chat::examples(|field| present.contains(&field));
    let quoted: Vec<String> = examples.iter().map(|question| format!("“{question}”")).collect();
    let response = format!("{} You can ask, for example: {}.", why.reason(), quoted.join(", "));
    let suggestions = examples.into_iter().map(str::to_owned).collect();
    Ok(ChatResponse { suggestions, ..plain(ChatAnswerType::Clarification, response) })
}

const fn plain(kind: ChatAnswerType, response: String) -> ChatResponse {
    ChatResponse {
        response,
        kind,
        query: None,
        analysis: None,
        result_count: None,
        leads: None,
        groups: None,
        group_count: None,
        missing_count: None,
        parts: Vec::new(),
        suggestions: Vec::new(),
    }
}
