//! The limits of a query, and the errors that say where it exceeds them.

use std::fmt;

use super::analysis::{GroupBy, LeadAnalysis, MAX_GROUPS};
use super::condition::{Condition, DateRange, TextTest};
use super::{FILTER_PREFIX, LeadQuery};

/// Maximum nesting depth of conditions.
pub const MAX_CONDITION_DEPTH: usize = 8;
/// Maximum number of conditions in a query, including those that join others.
pub const MAX_CONDITIONS: usize = 100;
/// Maximum length of a text in a query, in characters.
pub const MAX_VALUE_CHARS: usize = 500;
/// Maximum number of lead ids in a query.
pub const MAX_IDS: usize = 10_000;
/// Longest time span back from now, in units.
pub const MAX_SPAN: u32 = 10_000;
/// Largest offset of a time zone from UTC, in minutes.
pub const MAX_UTC_OFFSET_MINUTES: i32 = 14 * 60;

/// Why a query cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Path of the field at fault, such as `where.all[2].value`.
    pub field: String,
    /// What is wrong with it and what to do; a predicate whose subject is the field.
    pub problem: String,
}

impl QueryError {
    /// An error at a path.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.", self.field, self.problem)
    }
}

impl std::error::Error for QueryError {}

impl LeadQuery {
    /// Checks that the query respects the limits. Dates and ids are checked where they are parsed.
    ///
    /// # Errors
    /// The first field at fault.
    pub fn validate(&self) -> Result<(), QueryError> {
        for (field, text) in &self.filters {
            check_chars(|| format!("{FILTER_PREFIX}{field}"), text)?;
        }
        check_chars(|| "q".to_owned(), &self.q)?;
        if self.limit == Some(0) {
            return Err(QueryError::new("limit", "must be at least 1"));
        }
        if self.utc_offset_minutes.abs() > MAX_UTC_OFFSET_MINUTES {
            return Err(QueryError::new(
                "utcOffsetMinutes",
                format!("must be between -{MAX_UTC_OFFSET_MINUTES} and {MAX_UTC_OFFSET_MINUTES}"),
            ));
        }
        let mut count = 0;
        self.condition.as_ref().map_or(Ok(()), |condition| check_condition(condition, "where", 1, &mut count))
    }
}

impl LeadAnalysis {
    /// Checks that the analysis respects the limits.
    ///
    /// # Errors
    /// The first field at fault.
    pub fn validate(&self) -> Result<(), QueryError> {
        match self {
            Self::GroupBy(GroupBy { limit, .. }) if !(1..=MAX_GROUPS).contains(limit) => {
                Err(QueryError::new("groupBy.limit", format!("must be between 1 and {MAX_GROUPS}")))
            }
            _ => Ok(()),
        }
    }
}

fn check_condition(
    condition: &Condition,
    path: &str,
    depth: usize,
    count: &mut usize,
) -> Result<(), QueryError> {
    *count += 1;
    if depth > MAX_CONDITION_DEPTH {
        return Err(QueryError::new(path, format!("is nested more than {MAX_CONDITION_DEPTH} deep")));
    }
    if *count > MAX_CONDITIONS {
        return Err(QueryError::new("where", format!("contains more than {MAX_CONDITIONS} conditions")));
    }
    match condition {
        Condition::All(parts) => check_parts(parts, &format!("{path}.all"), depth, count),
        Condition::Any(parts) => check_parts(parts, &format!("{path}.any"), depth, count),
        Condition::Not(part) => check_condition(part, &format!("{path}.not"), depth + 1, count),
        Condition::Text { test, .. } => check_test(test, path),
        Condition::Date { range: DateRange::Last(span), .. } if !(1..=MAX_SPAN).contains(&span.n) => {
            Err(QueryError::new(format!("{path}.last.n"), format!("must be between 1 and {MAX_SPAN}")))
        }
        Condition::Ids(ids) if ids.len() > MAX_IDS => Err(QueryError::new(
            format!("{path}.ids"),
            format!("contains {} ids; {MAX_IDS} are allowed", ids.len()),
        )),
        Condition::UploadId(upload_id) => check_chars(|| format!("{path}.uploadId"), upload_id),
        Condition::Date { .. } | Condition::Ids(_) | Condition::SharedBy(_) => Ok(()),
    }
}

fn check_parts(parts: &[Condition], path: &str, depth: usize, count: &mut usize) -> Result<(), QueryError> {
    parts
        .iter()
        .enumerate()
        .try_for_each(|(i, part)| check_condition(part, &format!("{path}[{i}]"), depth + 1, count))
}

fn check_test(test: &TextTest, path: &str) -> Result<(), QueryError> {
    match test.value() {
        Some(value) if value.trim().is_empty() => Err(QueryError::new(
            format!("{path}.value"),
            "must not be empty; use isEmpty or isNotEmpty to ask for missing values",
        )),
        Some(value) => check_chars(|| format!("{path}.value"), value),
        None => Ok(()),
    }
}

fn check_chars(path: impl Fn() -> String, text: &str) -> Result<(), QueryError> {
    // A text with few bytes has few characters.
    if text.len() > MAX_VALUE_CHARS && text.chars().count() > MAX_VALUE_CHARS {
        return Err(QueryError::new(path(), format!("must not be longer than {MAX_VALUE_CHARS} characters")));
    }
    Ok(())
}
