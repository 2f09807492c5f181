//! Answers as text, built only from a query and its result.

use easy_crm_shared::query::analysis::{GroupBy, GroupKey, GroupOrder, LeadAnalysis, LeadGroups};
use easy_crm_shared::query::condition::{
    Condition, DateField, DateRange, SharedBy, TextField, TextTest, TimeUnit,
};
use easy_crm_shared::query::{LeadQuery, SortField, SortOrder, Sorting};

/// Groups named in the text; the chart shows the others.
const NAMED_GROUPS: usize = 3;

/// The answer to a question: how many leads there are, and how they group.
#[must_use]
pub fn text(query: &LeadQuery, analysis: &LeadAnalysis, count: u64, groups: Option<&LeadGroups>) -> String {
    let about = about(query);
    let leads = if count == 0 { format!("No lead{about}.") } else { format!("{}{about}.", leads(count)) };
    match (analysis, groups) {
        (LeadAnalysis::GroupBy(by), Some(groups)) => format!("{leads} {}", grouped(by, groups)),
        _ => leads,
    }
}

fn leads(count: u64) -> String {
    if count == 1 { "1 lead".to_owned() } else { format!("{} leads", thousands(count)) }
}

/// A number with thousands separators.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn grouped(by: &GroupBy, groups: &LeadGroups) -> String {
    let (one, many) = match by.by {
        GroupKey::FirstName => ("first name", "first names"),
        GroupKey::LastName => ("last name", "last names"),
        GroupKey::Title => ("title", "titles"),
        GroupKey::Company => ("company", "companies"),
        GroupKey::Email => ("email address", "email addresses"),
        GroupKey::Phone => ("phone number", "phone numbers"),
        GroupKey::Remarks => ("remark", "remarks"),
        GroupKey::EmailDomain => ("email domain", "email domains"),
        GroupKey::SourceFile => ("source file", "source files"),
        GroupKey::CreatedDay => ("day", "days"),
        GroupKey::CreatedWeek => ("week", "weeks"),
        GroupKey::CreatedMonth => ("month", "months"),
    };
    let mut text = match groups.group_count {
        1 => format!("They have 1 {one}"),
        count => format!("They have {} {many}", thousands(count)),
    };
    let first: Vec<String> = groups
        .groups
        .iter()
        .take(NAMED_GROUPS)
        .map(|group| format!("{} ({})", group.label.as_ref().unwrap_or(&group.key), thousands(group.count)))
        .collect();
    if !first.is_empty() {
        let which = match by.order {
            _ if groups.group_count == 1 => "",
            GroupOrder::LargestFirst => "most leads first: ",
            GroupOrder::SmallestFirst => "fewest leads first: ",
            GroupOrder::ByKey => "first: ",
            GroupOrder::ByKeyDescending => "latest first: ",
        };
        text.push_str(&format!("; {which}{}", first.join(", ")));
    }
    if groups.missing_count > 0 {
        let verb = if groups.missing_count == 1 { "has" } else { "have" };
        text.push_str(&format!(". {} {verb} no {one}", leads(groups.missing_count)));
    }
    text.push('.');
    text
}

/// Everything a query asks for, including its limit and order: each part as text, with the query that remains without
/// it.
#[must_use]
pub fn parts(query: &LeadQuery) -> Vec<(String, LeadQuery)> {
    let mut parts = tests(query);
    if let Some(limit) = query.limit {
        parts.push((format!("the first {}", thousands(limit)), LeadQuery { limit: None, ..query.clone() }));
    }
    if query.sorting != Sorting::default() {
        parts.push((order(query.sorting), LeadQuery { sorting: Sorting::default(), ..query.clone() }));
    }
    parts
}

/// The tests of a query on each lead, in the format of [`parts`].
fn tests(query: &LeadQuery) -> Vec<(String, LeadQuery)> {
    let mut parts = Vec::new();
    let mut without = |text: String, change: &dyn Fn(&mut LeadQuery)| {
        let mut rest = query.clone();
        change(&mut rest);
        parts.push((text, rest));
    };
    for (field, value) in &query.filters {
        let text = text_part((*field).into(), &TextTest::Contains(value.clone()));
        without(text, &|rest| drop(rest.filters.remove(field)));
    }
    if !query.q.is_empty() {
        without(format!("any field has “{}”", query.q), &|rest| rest.q.clear());
    }
    match &query.condition {
        Some(Condition::All(all)) => {
            for (nth, condition) in all.iter().enumerate() {
                without(condition_text(condition), &|rest| {
                    if let Some(Condition::All(all)) = &mut rest.condition {
                        all.remove(nth);
                        if all.is_empty() {
                            rest.condition = None;
                        }
                    }
                });
            }
        }
        Some(condition) => without(condition_text(condition), &|rest| rest.condition = None),
        None => {}
    }
    parts
}

/// What the URL of a list cannot express as filters: the condition and the limit as text, if there are any.
#[must_use]
pub fn condition(query: &LeadQuery) -> Option<String> {
    let bare = LeadQuery { condition: query.condition.clone(), limit: query.limit, ..LeadQuery::default() };
    let texts: Vec<String> = parts(&bare).into_iter().map(|(text, _)| text).collect();
    (!texts.is_empty()).then(|| texts.join(" and "))
}

/// What a query asks for, to be put after the number of leads.
fn about(query: &LeadQuery) -> String {
    let parts: Vec<String> = tests(query).into_iter().map(|(text, _)| text).collect();
    let mut text = if parts.is_empty() { String::new() } else { format!(" where {}", parts.join(" and ")) };
    if query.limit.is_some() || query.sorting != Sorting::default() {
        text.push_str(", ");
        text.push_str(&order(query.sorting));
    }
    text
}

fn order(Sorting { sort_by, sort_order }: Sorting) -> String {
    let descending = sort_order == SortOrder::Desc;
    match sort_by {
        SortField::CreatedAt => if descending { "newest first" } else { "oldest first" }.to_owned(),
        SortField::UpdatedAt => {
            if descending { "last changed first" } else { "longest unchanged first" }.to_owned()
        }
        _ => {
            let name = sort_by.lead_field().map_or("", |field| field_name(field.into()));
            format!("by {name}{}", if descending { ", from Z to A" } else { "" })
        }
    }
}

const fn field_name(field: TextField) -> &'static str {
    match field {
        TextField::FirstName => "first name",
        TextField::LastName => "last name",
        TextField::Title => "title",
        TextField::Company => "company",
        TextField::Email => "email",
        TextField::Phone => "phone",
        TextField::Remarks => "remarks",
        TextField::EmailDomain => "email domain",
        TextField::SourceFile => "source file",
    }
}

fn text_part(field: TextField, test: &TextTest) -> String {
    let name = field_name(field);
    match test {
        TextTest::Contains(value) => format!("{name} contains “{value}”"),
        TextTest::Equals(value) => format!("{name} is “{value}”"),
        TextTest::StartsWith(value) => format!("{name} starts with “{value}”"),
        TextTest::IsEmpty => format!("{name} is missing"),
        TextTest::IsNotEmpty => format!("{name} is set"),
    }
}

fn condition_text(condition: &Condition) -> String {
    let joined = |parts: &[Condition], joint: &str| match parts {
        [one] => condition_text(one),
        parts => format!("({})", parts.iter().map(condition_text).collect::<Vec<_>>().join(joint)),
    };
    match condition {
        Condition::All(parts) => joined(parts, " and "),
        Condition::Any(parts) => joined(parts, " or "),
        Condition::Not(part) => format!("not {}", condition_text(part)),
        Condition::Text { field, test } => text_part(*field, test),
        Condition::Date { field, range } => {
            let verb = match field {
                DateField::CreatedAt => "added",
                DateField::UpdatedAt => "changed",
            };
            format!("{verb} {}", range_text(range))
        }
        Condition::Ids(ids) => format!("it is one of {} chosen leads", thousands(ids.len() as u64)),
        Condition::UploadId(_) => "it came with one import".to_owned(),
        Condition::SharedBy(SharedBy::Phone) => "another lead has the same phone".to_owned(),
        Condition::SharedBy(SharedBy::Name) => "another lead has the same name".to_owned(),
    }
}

fn range_text(range: &DateRange) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
        TimeUnit::Year => "year",
    };
    match range {
        DateRange::Between { from: Some(from), to: Some(to) } => format!("from {from} until before {to}"),
        DateRange::Between { from: Some(from), to: None } => format!("since {from}"),
        DateRange::Between { from: None, to: Some(to) } => format!("before {to}"),
        DateRange::Between { from: None, to: None } => "at any time".to_owned(),
        DateRange::Last(span) if span.n == 1 => format!("in the last {}", unit(&span.unit)),
        DateRange::Last(span) => format!("in the last {} {}s", span.n, unit(&span.unit)),
        DateRange::This(TimeUnit::Day) => "today".to_owned(),
        DateRange::Previous(TimeUnit::Day) => "yesterday".to_owned(),
        DateRange::This(this) => format!("this {}", unit(this)),
        DateRange::Previous(previous) => format!("last {}", unit(previous)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easy_crm_shared::query::analysis::LeadGroup;
    use serde_json::json;

    #[track_caller]
    fn check(query: serde_json::Value, count: u64, expected: &str) {
        let query = serde_json::from_value(query).unwrap();
        assert_eq!(text(&query, &LeadAnalysis::Count, count, None), expected);
    }

    #[test]
    fn answers_say_number_and_query() {
        check(json!({}), 1_234_567, "1,234,567 leads.");
        check(json!({}), 0, "No lead.");
        let google = json!({ "field": "company", "op": "contains", "value": "Google" });
        let no_phone = json!({ "field": "phone", "op": "isEmpty" });
        check(json!({ "where": google }), 1, "1 lead where company contains “Google”.");
        check(
            json!({ "where": { "all": [google, { "not": no_phone }] }, "limit": 5 }),
            5,
            "5 leads where company contains “Google” and not phone is missing, newest first.",
        );
        check(
            json!({ "where": { "field": "createdAt", "previous": "week" }, "sorting": { "sortBy": "lastName", "sortOrder": "asc" } }),
            1_000,
            "1,000 leads where added last week, by last name.",
        );
    }

    #[test]
    fn every_part_can_be_taken_away() {
        let query: LeadQuery = serde_json::from_value(json!({
            "filters": { "company": "Acme" }, "q": "fair", "limit": 1_000,
            "where": { "all": [{ "field": "phone", "op": "isEmpty" }, { "field": "title", "op": "equals", "value": "CEO" }] },
            "sorting": { "sortBy": "lastName", "sortOrder": "asc" },
        }))
        .unwrap();
        let labels: Vec<String> = parts(&query).into_iter().map(|(label, _)| label).collect();
        assert_eq!(
            labels,
            [
                "company contains “Acme”",
                "any field has “fair”",
                "phone is missing",
                "title is “CEO”",
                "the first 1,000",
                "by last name"
            ]
        );
        for (label, without) in parts(&query) {
            let left: Vec<String> = parts(&without).into_iter().map(|(label, _)| label).collect();
            assert_eq!(left.len(), 5);
            assert!(!left.contains(&label), "{label}");
        }
        let mut rest = query.clone();
        while let Some((_, without)) = parts(&rest).pop() {
            rest = without;
        }
        assert_eq!(rest, LeadQuery::default());
        assert_eq!(condition(&query).unwrap(), "phone is missing and title is “CEO” and the first 1,000");
        assert_eq!(condition(&LeadQuery { condition: None, limit: None, ..query }), None);
    }

    #[test]
    fn groups_are_counted_and_the_first_are_named() {
        let by = GroupBy { by: GroupKey::Company, limit: 2, order: GroupOrder::LargestFirst };
        let group = |key: &str, count| LeadGroup { key: key.to_owned(), label: None, count };
        let groups = LeadGroups {
            groups: vec![group("Acme", 6), group("Bosch", 2)],
            group_count: 3,
            missing_count: 1,
            total_count: 10,
        };
        assert_eq!(
            text(&LeadQuery::default(), &LeadAnalysis::GroupBy(by), 10, Some(&groups)),
            "10 leads. They have 3 companies; most leads first: Acme (6), Bosch (2). 1 lead has no company."
        );
    }
}
