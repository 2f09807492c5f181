//! Example questions that work, for users whose question did not.

use easy_crm_shared::lead::LeadField;

/// Three questions about fields in which the leads have values.
#[must_use]
pub fn examples(has_values: impl Fn(LeadField) -> bool) -> Vec<&'static str> {
    const BY_FIELD: [(LeadField, &str); 5] = [
        (LeadField::Company, "Top 10 companies"),
        (LeadField::Phone, "How many leads have no phone number?"),
        (LeadField::Email, "Leads by email domain"),
        (LeadField::Title, "Most common job titles"),
        (LeadField::LastName, "Leads sorted by last name"),
    ];
    const ALWAYS: [&str; 3] =
        ["How many leads were added last week?", "Show the 10 newest leads", "How many leads do we have?"];
    let fitting = BY_FIELD.into_iter().filter(|(field, _)| has_values(*field)).map(|(_, question)| question);
    fitting.take(2).chain(ALWAYS).take(3).collect()
}
