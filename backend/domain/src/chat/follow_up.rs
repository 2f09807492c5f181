//! Follow-up questions: what they keep of the previous query, and what they replace.

use easy_crm_shared::chat::ChatContext;
use easy_crm_shared::query::analysis::LeadAnalysis;
use easy_crm_shared::query::condition::{Condition, TextField, TextTest};

use super::Unclear;
use super::said::{Said, Slot, all, slot};
use super::scan::Scan;
use super::values::{Op, text_condition};
use super::words::is_place;

/// The previous query, changed as the question says.
pub(super) fn refine(
    context: &ChatContext,
    said: Said,
    scan: &Scan<'_>,
    utc_offset_minutes: i32,
) -> Result<ChatContext, Unclear> {
    let mut refined = context.clone();
    refined.query.utc_offset_minutes = utc_offset_minutes;
    let mut conditions = match refined.query.condition.take() {
        Some(Condition::All(parts)) => parts,
        Some(condition) => vec![condition],
        None => Vec::new(),
    };
    if let Some(value) = &scan.asks.instead {
        if !said.conditions.is_empty() {
            return Err(Unclear::NotUnderstood);
        }
        conditions = instead(conditions, value)?;
    }
    let narrows = scan.asks.only || scan.asks.those;
    for condition in said.conditions {
        let slot = slot(&condition);
        if !narrows && slot.is_some() {
            conditions.retain(|before| self::slot(before) != slot);
        }
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    refined.query.condition = all(conditions);
    if let Some(words) = said.words {
        refined.query.q = words;
    }
    if let Some(sorting) = said.sorting {
        refined.query.sorting = sorting;
        refined.query.limit = said.limit.or(refined.query.limit);
        if said.analysis.is_none() {
            refined.analysis = LeadAnalysis::List;
        }
    }
    if let Some(analysis) = said.analysis {
        refined.analysis = analysis;
    }
    Ok(refined)
}

/// "what about Bosch?": the value replaces the only one there is.
fn instead(conditions: Vec<Condition>, value: &str) -> Result<Vec<Condition>, Unclear> {
    let valued = |condition: &Condition| slot(condition).is_some_and(Slot::is_value);
    if conditions.iter().filter(|condition| valued(condition)).count() != 1 {
        return Err(Unclear::Unfinished);
    }
    conditions
        .into_iter()
        .map(|condition| match (&condition, slot(&condition)) {
            (Condition::Text { field, test }, Some(Slot::Value(_))) => {
                // A place does not replace a company, nor the other way round.
                if is_place(value) != (*field == TextField::Remarks) {
                    return Err(Unclear::Unfinished);
                }
                let op = match test {
                    TextTest::Equals(_) => Op::Equals,
                    TextTest::StartsWith(_) => Op::Starts,
                    _ => Op::Contains,
                };
                Ok(text_condition(*field, op, value))
            }
            (_, Some(Slot::Value(_))) => Err(Unclear::Unfinished),
            _ => Ok(condition),
        })
        .collect()
}
