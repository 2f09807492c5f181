//! A query compiled for execution: terms folded, times computed, cheap tests first.

use easy_crm_shared::lead::MISSING;
use easy_crm_shared::query::condition::{Condition, DateField, SharedBy, TextField, TextTest};
use easy_crm_shared::query::{LeadQuery, QueryError, Sorting};
use jiff::Timestamp;
use memchr::memmem::Finder;
use uuid::Uuid;

use super::arena::SEPARATOR;
use super::dates::Calendar;
use super::fold;
use super::store::digits_of;

/// A [`LeadQuery`] within its limits, ready to run. "Last week" in it is relative to the moment it was compiled.
#[derive(Debug, Clone)]
pub struct CompiledQuery {
    /// What a lead has to fulfil; `None` if the query has no condition.
    pub(super) test: Option<Test>,
    pub(super) sorting: Sorting,
    pub(super) limit: usize,
    pub(super) utc_offset_minutes: i32,
}

impl CompiledQuery {
    /// Compiles a query. `now` is what relative dates are relative to.
    ///
    /// # Errors
    /// When the query exceeds a limit, or a date or an id in it is invalid; the error names the field.
    pub fn new(query: &LeadQuery, now: Timestamp) -> Result<Self, QueryError> {
        query.validate()?;
        let mut tests = Vec::new();
        for (field, filter) in &query.filters {
            tests.extend(text_test((*field).into(), How::Contains, filter));
        }
        let words = folded_term(&query.q);
        let mut words: Vec<&str> = words.split_whitespace().collect();
        words.sort_unstable();
        words.dedup();
        tests.extend(words.into_iter().map(|word| Test::Anywhere(Term::of_word(word))));
        if let Some(condition) = &query.condition {
            let calendar = Calendar::new(now, query.utc_offset_minutes);
            tests.push(compile(condition, "where", &calendar)?);
        }
        Ok(Self {
            test: if tests.is_empty() { None } else { Some(all(tests)) },
            sorting: query.sorting,
            limit: query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            utc_offset_minutes: query.utc_offset_minutes,
        })
    }
}

/// What a lead has to fulfil.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// All of these, the cheap ones first.
    All(Vec<Test>),
    /// At least one of these.
    Any(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
    /// The field is missing.
    Missing(TextField),
    /// The field is not missing and matches the term.
    Text(TextField, How, Term),
    /// One of the seven fields contains the term.
    Anywhere(Term),
    /// The time is in the range, in milliseconds since 1970, end exclusive.
    Time(DateField, i64, i64),
    /// It is one of these leads.
    Ids(Vec<Uuid>),
    /// It was last touched by this upload.
    Upload(String),
    /// It shares this with another lead.
    Shared(SharedBy),
}

/// How a field has to match a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Contains,
    Equals,
    StartsWith,
}

impl How {
    /// Whether a text matches the term in this way.
    pub(super) fn holds(self, text: &str, term: &Finder<'_>) -> bool {
        match self {
            Self::Contains => term.find(text.as_bytes()).is_some(),
            Self::Equals => text.trim().as_bytes() == term.needle(),
            Self::StartsWith => text.trim_start().as_bytes().starts_with(term.needle()),
        }
    }
}

/// What is searched for.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) text: Finder<'static>,
    /// In phone numbers the digits are searched for instead, if the term has any.
    pub(super) digits: Option<Finder<'static>>,
}

impl Term {
    fn of_test(folded: &str, how: How) -> Self {
        let digits = match how {
            How::Contains => part_digits(folded),
            How::Equals | How::StartsWith => {
                let digits: String = digits_of(folded).collect();
                Some(whole_digits(&digits).to_owned()).filter(|digits| !digits.is_empty())
            }
        };
        Self { text: finder(folded), digits: digits.map(|digits| finder(&digits)) }
    }

    /// A word of the search over all fields: `acme2` does not mean a phone number, `555-0123` does.
    fn of_word(folded: &str) -> Self {
        let is_number = folded.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
        let digits = part_digits(folded).filter(|_| is_number);
        Self { text: finder(folded), digits: digits.map(|digits| finder(&digits)) }
    }
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(text).into_owned()
}

/// The digits of a term to be found within numbers, without the zeros used for an international `+`.
fn part_digits(folded: &str) -> Option<String> {
    let digits: String = digits_of(folded).collect();
    let international = folded.strip_prefix("00").filter(|rest| !rest.starts_with('0'));
    let national: String = international.map(|rest| digits_of(rest).collect()).unwrap_or_default();
    [national, digits].into_iter().find(|digits| !digits.is_empty())
}

/// The digits by which whole phone numbers are compared: without the zeros used for an international `+`.
pub(super) fn whole_digits(digits: &str) -> &str {
    digits.strip_prefix("00").filter(|rest| !rest.is_empty() && !rest.starts_with('0')).unwrap_or(digits)
}

pub(super) fn folded_term(text: &str) -> String {
    fold::fold(&text.replace(SEPARATOR, " ")).trim().to_owned()
}

/// The test for a text; none for a blank one. `N/A` means a missing value.
fn text_test(field: TextField, how: How, value: &str) -> Option<Test> {
    let folded = folded_term(value);
    if folded.eq_ignore_ascii_case(MISSING) {
        return Some(Test::Missing(field));
    }
    (!folded.is_empty()).then(|| Test::Text(field, how, Term::of_test(&folded, how)))
}

fn compile(condition: &Condition, path: &str, calendar: &Calendar) -> Result<Test, QueryError> {
    let parts = |parts: &[Condition], name: &str| {
        let parts = parts.iter().enumerate();
        parts
            .map(|(i, part)| compile(part, &format!("{path}.{name}[{i}]"), calendar))
            .collect::<Result<_, _>>()
    };
    Ok(match condition {
        Condition::All(conditions) => all(parts(conditions, "all")?),
        Condition::Any(conditions) => Test::Any(parts(conditions, "any")?),
        Condition::Not(condition) => {
            Test::Not(Box::new(compile(condition, &format!("{path}.not"), calendar)?))
        }
        Condition::Text { field, test } => {
            let (how, value) = match test {
                TextTest::Contains(value) => (How::Contains, value),
                TextTest::Equals(value) => (How::Equals, value),
                TextTest::StartsWith(value) => (How::StartsWith, value),
                TextTest::IsEmpty => return Ok(Test::Missing(*field)),
                TextTest::IsNotEmpty => return Ok(Test::Not(Box::new(Test::Missing(*field)))),
            };
            text_test(*field, how, value).ok_or_else(|| {
                QueryError::new(format!("{path}.value"), "contains nothing that can be searched for")
            })?
        }
        Condition::Date { field, range } => {
            let (from, to) = calendar.range(range, path)?;
            Test::Time(*field, from, to)
        }
        Condition::Ids(ids) => {
            let parsed = ids.iter().enumerate().map(|(i, id)| {
                Uuid::try_parse(id)
                    .map_err(|_| QueryError::new(format!("{path}.ids[{i}]"), "is not a lead id"))
            });
            Test::Ids(parsed.collect::<Result<_, _>>()?)
        }
        Condition::UploadId(upload_id) => Test::Upload(upload_id.clone()),
        Condition::SharedBy(shared_by) => Test::Shared(*shared_by),
    })
}

fn all(mut tests: Vec<Test>) -> Test {
    tests.sort_by_key(cost);
    Test::All(tests)
}

/// Approximate cost of a test, relative to others: what cheap ones leave may be few enough to check one by one.
fn cost(test: &Test) -> u32 {
    match test {
        Test::All(tests) | Test::Any(tests) => tests.iter().map(cost).sum(),
        Test::Not(test) => cost(test),
        Test::Ids(_) | Test::Upload(_) | Test::Text(TextField::Email, How::Equals, _) => 0,
        Test::Time(..) | Test::Missing(_) => 1,
        Test::Text(TextField::Remarks, ..) => 10,
        Test::Text(TextField::Email | TextField::Phone, ..) => 4,
        Test::Text(..) => 2,
        Test::Anywhere(_) => 20,
        Test::Shared(_) => 40,
    }
}
