//! What a question says on its own, before it is combined with the previous query.

use easy_crm_shared::chat::ChatContext;
use easy_crm_shared::query::analysis::LeadAnalysis;
use easy_crm_shared::query::condition::{Condition, DateField, TextField, TextTest};
use easy_crm_shared::query::{LeadQuery, Sorting};

/// What a question says on its own.
pub(super) struct Said {
    pub(super) conditions: Vec<Condition>,
    pub(super) words: Option<String>,
    pub(super) sorting: Option<Sorting>,
    pub(super) limit: Option<u64>,
    pub(super) analysis: Option<LeadAnalysis>,
}

impl Said {
    /// The query of a question that does not refer to a previous one.
    pub(super) fn alone(self, utc_offset_minutes: i32) -> ChatContext {
        ChatContext {
            query: LeadQuery {
                q: self.words.unwrap_or_default(),
                sorting: self.sorting.unwrap_or_default(),
                condition: all(self.conditions),
                limit: self.limit,
                utc_offset_minutes,
                ..LeadQuery::default()
            },
            analysis: self.analysis.unwrap_or_default(),
        }
    }
}

/// All of them combined, or the only one, or none.
pub(super) fn all(mut conditions: Vec<Condition>) -> Option<Condition> {
    if conditions.len() > 1 { Some(Condition::All(conditions)) } else { conditions.pop() }
}

/// What a condition is about: a second condition about the same replaces the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Value(TextField),
    Presence(TextField),
    Time(DateField),
}

impl Slot {
    pub(super) const fn is_value(self) -> bool {
        matches!(self, Self::Value(_))
    }
}

pub(super) fn slot(condition: &Condition) -> Option<Slot> {
    match condition {
        Condition::Text { field, test: TextTest::IsEmpty | TextTest::IsNotEmpty } => {
            Some(Slot::Presence(*field))
        }
        Condition::Text { field, .. } => Some(Slot::Value(*field)),
        Condition::Date { field, .. } => Some(Slot::Time(*field)),
        Condition::Any(parts) => {
            let first = slot(parts.first()?)?;
            parts.iter().all(|part| slot(part) == Some(first)).then_some(first)
        }
        _ => None,
    }
}
