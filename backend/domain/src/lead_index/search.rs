//! Which leads a query means.

use easy_crm_shared::lead::{LeadField, MISSING};
use easy_crm_shared::query::LeadQuery;
use memchr::memmem::Finder;

use super::arena::SEPARATOR;
use super::bits::Bits;
use super::fold;
use super::store::{Store, digits_of};

/// The leads that match.
pub(super) enum Selection {
    /// All of them: the query asks for nothing.
    All,
    /// Those in these slots, all live.
    Some(Bits),
}

/// One thing a lead has to fulfil.
enum Condition {
    /// The field contains the term.
    Contains(LeadField, Term),
    /// The field is missing.
    IsMissing(LeadField),
    /// Any field contains the term.
    Anywhere(Term),
}

/// What is searched for.
struct Term {
    text: Finder<'static>,
    /// In telephone numbers the digits are searched for instead, where the term has any.
    digits: Option<Finder<'static>>,
}

impl Term {
    fn of_filter(folded: &str) -> Self {
        Self { text: finder(folded), digits: phone_digits(folded).map(|digits| finder(&digits)) }
    }

    /// A word of the search over all fields: `acme2` means no telephone number, `555-0123` does.
    fn of_word(folded: &str) -> Self {
        let is_number = folded.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c));
        let digits = phone_digits(folded).filter(|_| is_number);
        Self { text: finder(folded), digits: digits.map(|digits| finder(&digits)) }
    }
}

fn finder(text: &str) -> Finder<'static> {
    Finder::new(text).into_owned()
}

/// The digits of a term, without the zeros that stand for an international `+`.
fn phone_digits(folded: &str) -> Option<String> {
    let digits: String = digits_of(folded).collect();
    let international = folded.strip_prefix("00").filter(|rest| !rest.starts_with('0'));
    let national: String = international.map(|rest| digits_of(rest).collect()).unwrap_or_default();
    [national, digits].into_iter().find(|digits| !digits.is_empty())
}

/// Finds the leads that match a query.
pub(super) fn select(store: &Store, query: &LeadQuery) -> Selection {
    let mut conditions = conditions(query);
    if conditions.is_empty() {
        return Selection::All;
    }
    // Cheap ones first: what they leave may be few enough to look at one by one.
    conditions.sort_by_key(cost);
    let mut selected = store.live().clone();
    for condition in &conditions {
        let left = selected.count();
        if left == 0 {
            break;
        }
        let mut found = Bits::none(store.slots());
        if left * 32 < store.slots() as usize {
            selected.iter().filter(|slot| holds(store, condition, *slot)).for_each(|slot| found.set(slot));
        } else {
            search(store, condition, &mut found);
        }
        selected.keep(&found);
    }
    Selection::Some(selected)
}

fn conditions(query: &LeadQuery) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (field, filter) in &query.filters {
        let folded = folded_term(filter);
        if folded.eq_ignore_ascii_case(MISSING) {
            conditions.push(Condition::IsMissing(*field));
        } else if !folded.is_empty() {
            conditions.push(Condition::Contains(*field, Term::of_filter(&folded)));
        }
    }
    let words = folded_term(&query.q);
    conditions.extend(words.split_whitespace().map(|word| Condition::Anywhere(Term::of_word(word))));
    conditions
}

fn folded_term(text: &str) -> String {
    fold::fold(&text.replace(SEPARATOR, " ")).trim().to_owned()
}

fn cost(condition: &Condition) -> u8 {
    match condition {
        Condition::IsMissing(_) => 0,
        Condition::Contains(LeadField::Remarks, _) => 3,
        Condition::Contains(LeadField::Email | LeadField::Phone, _) => 2,
        Condition::Contains(..) => 1,
        Condition::Anywhere(_) => 4,
    }
}

/// Sets the slots for which the condition holds, by searching whole columns.
fn search(store: &Store, condition: &Condition, found: &mut Bits) {
    match condition {
        Condition::IsMissing(field) => match store.dictionary(*field) {
            Some(column) => {
                let entries = column.missing_entries();
                found.set_where(|slot| entries.has(column.entry(slot)));
            }
            None => found.set_where(|slot| store.written(slot, *field).is_empty()),
        },
        Condition::Contains(field, term) => match store.dictionary(*field) {
            Some(column) => {
                let entries = column.entries_with(&term.text);
                found.set_where(|slot| entries.has(column.entry(slot)));
            }
            None => search_texts(store, *field, term, found),
        },
        Condition::Anywhere(term) => {
            for field in LeadField::ALL {
                match store.dictionary(field) {
                    Some(column) => {
                        let entries = column.entries_with(&term.text);
                        if entries.count() > 0 {
                            found.set_where(|slot| entries.has(column.entry(slot)));
                        }
                    }
                    None => search_texts(store, field, term, found),
                }
            }
        }
    }
}

fn search_texts(store: &Store, field: LeadField, term: &Term, found: &mut Bits) {
    match (&term.digits, store.texts(field)) {
        (Some(digits), _) if field == LeadField::Phone => {
            store.digits().search(digits, |slot| found.set(slot))
        }
        (_, Some(column)) => column.search(&term.text, |slot| found.set(slot)),
        _ => {}
    }
}

/// Does the condition hold for one slot?
fn holds(store: &Store, condition: &Condition, slot: u32) -> bool {
    let contains = |field: LeadField, term: &Term| match &term.digits {
        Some(digits) if field == LeadField::Phone => {
            digits.find(store.digits().get(slot).as_bytes()).is_some()
        }
        _ => term.text.find(store.folded(slot, field).as_bytes()).is_some(),
    };
    match condition {
        Condition::IsMissing(field) => store.written(slot, *field).is_empty(),
        Condition::Contains(field, term) => contains(*field, term),
        Condition::Anywhere(term) => LeadField::ALL.into_iter().any(|field| contains(field, term)),
    }
}
